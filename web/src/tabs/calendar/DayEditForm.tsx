import { Button, Group, NativeSelect, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditDay } from '../../client/calendar.ts';
import { useDayTypes } from '../../client/day-types.ts';
import type { Explanation } from '../../client/types.ts';
import { HoursField } from '../../components/HoursField.tsx';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { parseHours, writeHours } from '../../components/hours.ts';
import { notifyDone } from '../../components/notify.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useFormat } from '../../format.ts';

export interface DayEditFormProps {
  readonly employeeId: string;
  readonly date: string;
  readonly why: Explanation;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

/** Sets a day by hand. It stays so, whatever Factorial says, until the edit is taken back. */
export function DayEditForm({ employeeId, date, why, onDone, onCancel }: DayEditFormProps) {
  const { t, i18n } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const { duration } = useFormat();
  const nameOf = useDayTypeName();
  const dayTypes = useDayTypes();
  const edit = useEditDay(employeeId, date);
  const { manualEdit, day } = why;
  const [dayTypeId, setDayTypeId] = useState(manualEdit?.dayTypeId ?? day?.dayType.id ?? '');
  const [hours, setHours] = useState(
    manualEdit === null ? '' : writeHours(manualEdit.expectedMinutes, i18n.language),
  );
  const [note, setNote] = useState(manualEdit?.note ?? '');
  const isValid = dayTypeId !== '' && (hours === '' || parseHours(hours) !== null);

  function save(): void {
    edit.mutate(
      {
        dayTypeId,
        expectedMinutes: hours === '' ? null : parseHours(hours),
        note: note.trim() === '' ? null : note.trim(),
      },
      {
        onSuccess: () => {
          notifyDone(t('edit.done'));
          onDone();
        },
      },
    );
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) save();
      }}
    >
      <Stack gap="sm" className="day-edit">
        <NativeSelect
          label={t('edit.dayType')}
          value={dayTypeId}
          data={dayTypes.items.map((dayType) => ({
            value: dayType.id,
            label:
              dayType.key === 'working_day'
                ? nameOf(dayType)
                : `${nameOf(dayType)} (${duration(dayType.expectedMinutes)})`,
          }))}
          onChange={({ currentTarget }) => setDayTypeId(currentTarget.value)}
        />
        <HoursField
          label={t('edit.hours')}
          description={t('edit.hoursText')}
          value={hours}
          onChange={setHours}
        />
        <Textarea
          label={t('edit.note')}
          value={note}
          maxLength={1000}
          autosize
          minRows={2}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
        <ProblemNotice error={dayTypes.error} onRetry={dayTypes.retry} />
        <ProblemNotice error={edit.error} />
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onCancel}>
            {common('cancel')}
          </Button>
          <Button type="submit" size="sm" disabled={!isValid} loading={edit.isPending}>
            {common('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
