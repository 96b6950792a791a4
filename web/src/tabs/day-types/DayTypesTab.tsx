import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAbsenceTypes } from '../../client/day-types.ts';
import type { AbsenceType } from '../../client/types.ts';
import { ColorMark } from '../../components/ColorMark.tsx';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { WaitingNotice } from '../../components/WaitingNotice.tsx';
import { useFormat } from '../../format.ts';
import { MeaningDialog } from './MeaningDialog.tsx';
import './day-types.css';

/** What each absence type of Factorial means in WorkMeter. */
export function DayTypesTab() {
  const { t } = useTranslation('dayTypes');
  const types = useAbsenceTypes();
  const [deciding, setDeciding] = useState<AbsenceType | null>(null);
  const { items } = types;
  const waiting = items.filter(({ status }) => status === 'to_be_mapped');
  const waitingAbsences = waiting.reduce((sum, { parked }) => sum + parked.absences, 0);

  if (types.isFirstLoad) return <LoadingRows rows={6} height={64} />;
  if (types.isComplete && items.length === 0)
    return <EmptyState title={t('empty.title')} text={t('empty.text')} />;
  return (
    <Stack gap="md">
      {waiting.length === 0 ? null : (
        <WaitingNotice title={t('waitingTypes', { count: waiting.length })}>
          <Text size="sm">{t('warning')}</Text>
          {waitingAbsences === 0 ? null : (
            <Text size="sm">{t('waitingAbsences', { count: waitingAbsences })}</Text>
          )}
        </WaitingNotice>
      )}
      <ProblemNotice error={types.error} onRetry={types.retry} />
      <ul className="surface plain-list">
        {items.map((type) => (
          <TypeRow key={type.absenceTypeId} type={type} onDecide={() => setDeciding(type)} />
        ))}
      </ul>
      {deciding === null ? null : (
        <MeaningDialog key={deciding.absenceTypeId} type={deciding} onClose={() => setDeciding(null)} />
      )}
    </Stack>
  );
}

function TypeRow({ type, onDecide }: { type: AbsenceType; onDecide: () => void }) {
  const { t } = useTranslation('dayTypes');
  const { name, color, active, workable, status, parked } = type;
  const notes = [active ? null : t('inactive'), workable ? t('workable') : null].filter(
    (note) => note !== null,
  );
  return (
    <li className="type-row">
      <div className="type-name">
        <Group gap="xs" wrap="nowrap">
          <ColorMark color={color} />
          <Text size="sm" fw={550}>
            {name}
          </Text>
        </Group>
        {notes.length === 0 ? null : (
          <Text size="xs" c="dimmed" pl={24}>
            {notes.join(' · ')}
          </Text>
        )}
      </div>
      <div>
        <MeaningText type={type} />
      </div>
      <Text size="sm" c="dimmed" className="type-waiting">
        {parked.absences === 0
          ? ''
          : t('waiting', {
              absences: t('absences', { count: parked.absences }),
              employees: t('employees', { count: parked.employees }),
            })}
      </Text>
      <Button
        size="compact-sm"
        variant={status === 'to_be_mapped' && parked.absences > 0 ? 'light' : 'default'}
        aria-label={t(status === 'to_be_mapped' ? 'decideFor' : 'changeFor', { name })}
        onClick={onDecide}
      >
        {t(status === 'to_be_mapped' ? 'decide' : 'change')}
      </Button>
    </li>
  );
}

function MeaningText({ type: { status, dayType } }: { type: AbsenceType }) {
  const { t } = useTranslation('dayTypes');
  const nameOf = useDayTypeName();
  const { duration } = useFormat();
  if (status === 'to_be_mapped') return <Badge className="badge-waiting">{t('status.to_be_mapped')}</Badge>;
  if (dayType === null) return <Badge className="badge-quiet">{t('status.ignored')}</Badge>;
  return (
    <Group gap="xs" wrap="nowrap">
      <ColorMark color={dayType.color} />
      <div>
        <Text size="sm">{nameOf(dayType)}</Text>
        <Text size="xs" c="dimmed">
          {t('perDay', { hours: duration(dayType.expectedMinutes) })}
        </Text>
      </div>
    </Group>
  );
}
