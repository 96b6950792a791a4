import { Button, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Card, Reconciliation } from '../client/types.ts';
import { reconciliationQuery, useReconcileNow } from '../client/reconciliation.ts';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { ProblemNotice } from '../components/ProblemNotice.tsx';
import { useFormat } from '../format.ts';

const kinds = ['employees', 'absences', 'absence_types', 'holidays', 'planned_minutes'] as const;
type Counts = Reconciliation['counts'];

/**
 * What of how many has been read, of each kind, as it is read; in the end that it is verified, also while the next one runs.
 * Nothing where one comes back after later reconciliations.
 */
export function FirstSynchronization({ card }: { card: Card }) {
  const { t } = useTranslation('wizard');
  const [firstId, setFirstId] = useState<string>();
  const id = firstId ?? card.lastReconciliation?.id;
  const { data, error, refetch } = useQuery({ ...reconciliationQuery(id ?? ''), enabled: id !== undefined });
  // Until the first of this connection begins, the last one that the card knows is an earlier connection's.
  const isEarlier = data !== undefined && (data.startedAt ?? '') < (card.connectedAt ?? '');
  const isFirst = data?.trigger === 'first' && !isEarlier;
  if (isFirst && firstId === undefined) setFirstId(data.id);
  const body = () => {
    if (id === undefined || isEarlier) return <Text>{t('connected.queued')}</Text>;
    if (data !== undefined) return <Standing reconciliation={data} />;
    return error === null ? (
      <LoadingRows rows={3} height={20} />
    ) : (
      <ProblemNotice error={error} onRetry={() => void refetch()} />
    );
  };
  if (data !== undefined && !isFirst && !isEarlier) return null;
  return (
    <section aria-live="polite">
      <Title order={3} size="h4" mb="sm">
        {t('connected.firstSync')}
      </Title>
      {body()}
    </section>
  );
}

function Standing({ reconciliation }: { reconciliation: Reconciliation }) {
  const { status, counts } = reconciliation;
  const isOver = status !== 'running' && status !== 'queued';
  // In the end an empty bar would look like something that is missing: planned days come with the links.
  const shown = kinds.filter((kind) => !isOver || counts[kind].read > 0 || (counts[kind].total ?? 0) > 0);
  return (
    <Stack gap="md">
      <Stack gap="sm" maw={520}>
        {shown.map((kind) => (
          <KindProgress key={kind} kind={kind} count={counts[kind]} />
        ))}
      </Stack>
      <Sentence reconciliation={reconciliation} />
    </Stack>
  );
}

function KindProgress({ kind, count }: { kind: keyof Counts; count: Counts[keyof Counts] }) {
  const { t } = useTranslation('wizard');
  const format = useFormat();
  const { read, total } = count;
  const name = t(`connected.kinds.${kind}`);
  const text =
    total === null
      ? format.number(read)
      : t('connected.progressOf', { done: format.number(read), total: format.number(total) });
  return (
    <div>
      <Group justify="space-between" gap="sm" mb={2}>
        <Text size="sm">{name}</Text>
        <Text size="sm" c="dimmed" className="number">
          {total === 0 ? format.number(read) : text}
        </Text>
      </Group>
      <Progress.Root>
        <Progress.Section
          value={total === null || total === 0 ? 0 : Math.min(100, (read / total) * 100)}
          withAria={false}
          role="progressbar"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={total ?? read}
          aria-valuenow={read}
          aria-valuetext={text}
        />
      </Progress.Root>
    </div>
  );
}

function Sentence({ reconciliation }: { reconciliation: Reconciliation }) {
  const { t } = useTranslation('wizard');
  const format = useFormat();
  const warnings = useTranslation('warnings').t;
  const again = useReconcileNow();
  const { status, verified, finishedAt, counts } = reconciliation;
  switch (status) {
    case 'queued':
      return <Text>{t('connected.queued')}</Text>;
    case 'running': {
      const isCounted = kinds.every((kind) => counts[kind].total !== null);
      const isRead = kinds.every((kind) => counts[kind].read >= (counts[kind].total ?? Infinity));
      if (isCounted && !isRead) return null; // the bars say it
      return <Text c="dimmed">{t(isRead ? 'connected.calculating' : 'connected.counting')}</Text>;
    }
    case 'awaiting_approval':
      return <Text>{t('connected.approval')}</Text>;
    case 'completed': {
      const at = finishedAt === null ? '' : format.dateTime(finishedAt);
      return <Text>{t(verified ? 'connected.done' : 'connected.doneUnverified', { at })}</Text>;
    }
    case 'failed':
      return (
        <Stack gap="xs" align="flex-start">
          <Text>{t('connected.failed')}</Text>
          <Button
            size="compact-md"
            variant="default"
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {warnings('action.reconcile')}
          </Button>
          <ProblemNotice error={again.error} />
        </Stack>
      );
  }
}
