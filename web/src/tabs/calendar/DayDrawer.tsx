import { Alert, Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditDay, useExplanation } from '../../client/calendar.ts';
import type { Explanation } from '../../client/types.ts';
import { ColorMark } from '../../components/ColorMark.tsx';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { notifyDone } from '../../components/notify.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useReturnFocus } from '../../components/use-return-focus.ts';
import { useFormat } from '../../format.ts';
import { DayEditForm } from './DayEditForm.tsx';
import { Evidence } from './Evidence.tsx';

export interface DayDrawerProps {
  readonly employeeId: string;
  readonly date: string;
  readonly onClose: () => void;
}

/** One day: what it is, why it is so, and the way to set it by hand and back. */
export function DayDrawer({ employeeId, date, onClose }: DayDrawerProps) {
  useReturnFocus();
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const { longDate } = useFormat();
  const explanation = useExplanation(employeeId, date);
  const [editing, setEditing] = useState(false);
  const [undoing, setUndoing] = useState(false);
  const undo = useEditDay(employeeId, date);
  const why = explanation.data;

  function closeUndo(): void {
    setUndoing(false);
    undo.reset();
  }

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={longDate(date)}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Stack gap="lg">
        <ProblemNotice error={explanation.error} onRetry={() => void explanation.refetch()} />
        {why === undefined && explanation.error === null ? <LoadingRows rows={4} height={56} /> : null}
        {why === undefined ? null : (
          <>
            <Result why={why} />
            {editing ? (
              <DayEditForm
                employeeId={employeeId}
                date={date}
                why={why}
                onDone={() => setEditing(false)}
                onCancel={() => setEditing(false)}
              />
            ) : (
              <Group gap="xs">
                {why.day === null ? null : (
                  <Button variant="default" size="sm" onClick={() => setEditing(true)}>
                    {t(why.manualEdit === null ? 'edit.open' : 'edit.change')}
                  </Button>
                )}
                {why.manualEdit === null ? null : (
                  <Button variant="default" size="sm" onClick={() => setUndoing(true)}>
                    {t('undo.open')}
                  </Button>
                )}
              </Group>
            )}
            <section>
              <Title order={3} size="h5" mb="xs">
                {t('why.title')}
              </Title>
              <Evidence why={why} />
            </section>
            <ConfirmDialog
              opened={undoing}
              title={t('undo.title')}
              confirmLabel={t('undo.action')}
              pending={undo.isPending}
              error={undo.error}
              onClose={closeUndo}
              onConfirm={() =>
                undo.mutate(null, {
                  onSuccess: () => {
                    notifyDone(t('undo.done'));
                    closeUndo();
                  },
                })
              }
            >
              <Text size="sm">{t('undo.text')}</Text>
              <FactorialSays why={why} />
            </ConfirmDialog>
          </>
        )}
      </Stack>
    </Drawer>
  );
}

function Result({ why: { day, manualEdit, ...why } }: { why: Explanation }) {
  const { t } = useTranslation('calendar');
  const { duration } = useFormat();
  const nameOf = useDayTypeName();
  if (day === null) return <Alert variant="light">{t('notEmployedText')}</Alert>;
  return (
    <div className="inset">
      <Group gap="xs" wrap="nowrap">
        <ColorMark color={day.dayType.color} />
        <Text fw={600}>{nameOf(day.dayType)}</Text>
      </Group>
      <Text size="xl" fw={650}>
        {t('expected', { hours: duration(day.expectedMinutes) })}
      </Text>
      <Text size="sm" c="dimmed">
        {t(`source.${day.source}`)}
      </Text>
      {manualEdit === null ? null : <FactorialSays why={{ day, manualEdit, ...why }} />}
    </div>
  );
}

/** What the day would be without an edit. */
function FactorialSays({ why: { factorial } }: { why: Explanation }) {
  const { t } = useTranslation('calendar');
  const { duration } = useFormat();
  const nameOf = useDayTypeName();
  if (factorial === null)
    return (
      <Text size="sm" c="dimmed">
        {t('why.factorialUnknown')}
      </Text>
    );
  const { dayType, expectedMinutes } = factorial;
  return (
    <Group gap="xs" wrap="nowrap" className="factorial-says">
      <ColorMark color={dayType.color} />
      <Text size="sm">{t('why.factorial', { name: nameOf(dayType), hours: duration(expectedMinutes) })}</Text>
    </Group>
  );
}
