import { Button, Group, Modal, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDayTypes, useDecision } from '../../client/day-types.ts';
import type { AbsenceType } from '../../client/types.ts';
import { ColorField } from '../../components/ColorField.tsx';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { HoursField } from '../../components/HoursField.tsx';
import { notifyDone } from '../../components/notify.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useReturnFocus } from '../../components/use-return-focus.ts';
import { WaitingNotice } from '../../components/WaitingNotice.tsx';
import { useFormat } from '../../format.ts';
import { choices, draftOf, meaningOf, type MeaningDraft } from './meaning-draft.ts';
import { MeaningPreview } from './MeaningPreview.tsx';

/** Decides what an absence type means, and shows what that changes before it does. */
export function MeaningDialog({ type, onClose }: { type: AbsenceType; onClose: () => void }) {
  useReturnFocus();
  const { t } = useTranslation('dayTypes');
  const { t: common } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(type));
  const decision = useDecision();
  const change = (changes: Partial<MeaningDraft>): void => setDraft((before) => ({ ...before, ...changes }));
  const { choice } = draft;
  const meaning = meaningOf(draft);
  const offered = choices.filter((one) => one !== 'to_be_mapped' || type.status !== 'to_be_mapped');

  function decide(): void {
    decision.mutate(
      { absenceTypeId: type.absenceTypeId, meaning },
      {
        onSuccess: () => {
          notifyDone(t(`done.${choice}`, { name: type.name }));
          onClose();
        },
      },
    );
  }

  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      centered
      title={t('dialog.title', { name: type.name })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Stack gap="md">
        <Radio.Group
          label={t('dialog.label')}
          value={choice}
          onChange={(value) => change({ choice: choices.find((one) => one === value) ?? choice })}
        >
          <Stack gap="xs" mt="xs">
            {offered.map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`choice.${value}`)}
                description={t(`choice.${value}Text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {choice === 'existing' ? <ExistingField draft={draft} onChange={change} /> : null}
        {choice === 'create' ? <NewDayTypeFields draft={draft} onChange={change} /> : null}
        {choice === 'to_be_mapped' ? (
          <WaitingNotice title={t('status.to_be_mapped')}>
            <Text size="sm">{t('warning')}</Text>
          </WaitingNotice>
        ) : (
          <MeaningPreview absenceTypeId={type.absenceTypeId} meaning={meaning} />
        )}
        <ProblemNotice error={decision.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button
            disabled={meaning === null && choice !== 'to_be_mapped'}
            loading={decision.isPending}
            onClick={decide}
          >
            {t('dialog.confirm')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface FieldsProps {
  readonly draft: MeaningDraft;
  readonly onChange: (changes: Partial<MeaningDraft>) => void;
}

function ExistingField({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation('dayTypes');
  const { duration } = useFormat();
  const nameOf = useDayTypeName();
  const dayTypes = useDayTypes();
  const named = dayTypes.items.map((dayType) => ({
    value: dayType.id,
    label: `${nameOf(dayType)} (${t('perDay', { hours: duration(dayType.expectedMinutes) })})`,
  }));
  return (
    <>
      <NativeSelect
        label={t('dialog.dayType')}
        value={draft.dayTypeId}
        data={[{ value: '', label: t('dialog.pick'), disabled: true }, ...named]}
        onChange={({ currentTarget }) => onChange({ dayTypeId: currentTarget.value })}
      />
      <ProblemNotice error={dayTypes.error} onRetry={dayTypes.retry} />
    </>
  );
}

function NewDayTypeFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation('dayTypes');
  return (
    <Group align="start" gap="md">
      <TextInput
        className="new-type-name"
        label={t('dialog.name')}
        value={draft.name}
        maxLength={100}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      />
      <ColorField label={t('dialog.color')} value={draft.color} onChange={(color) => onChange({ color })} />
      <HoursField label={t('dialog.hours')} value={draft.hours} onChange={(hours) => onChange({ hours })} />
    </Group>
  );
}
