import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useReconcileNow } from '../../client/reconciliation.ts';
import { isUnderWay, useReconciliations } from '../../client/reconciliations.ts';
import type { Reconciliation } from '../../client/types.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { Section } from '../../components/Section.tsx';
import { useFormat } from '../../format.ts';
import { driftOf, kinds, progressOf } from './drift.ts';

/** Compares everything with Factorial on request, says how far it is, and what the last ones found. */
export function ReconciliationsSection() {
  const { t } = useTranslation('activity');
  const { data, error, refetch } = useReconciliations();
  const reconcile = useReconcileNow();
  const running = data?.find(isUnderWay);
  const ended = data?.filter((one) => !isUnderWay(one)) ?? [];
  return (
    <Section title={t('reconciliation.title')} text={t('reconciliation.text')}>
      <Button
        variant="default"
        w="fit-content"
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={reconcile.isPending}
        disabled={running !== undefined}
        onClick={() => reconcile.mutate(undefined, { onSuccess: () => void refetch() })}
      >
        {t('reconciliation.now')}
      </Button>
      <ProblemNotice error={reconcile.error} />
      <ProblemNotice error={error} onRetry={() => void refetch()} />
      {running === undefined ? null : <Running reconciliation={running} />}
      {data === undefined && error === null ? <LoadingRows rows={3} /> : null}
      {data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('reconciliation.none')}
        </Text>
      ) : null}
      {ended.length === 0 ? null : (
        <ul className="plain-list divided-list">
          {ended.map((one) => (
            <Ended key={one.id} reconciliation={one} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Running({ reconciliation: { status, counts } }: { reconciliation: Reconciliation }) {
  const { t } = useTranslation('activity');
  const { number } = useFormat();
  return (
    <div className="inset" aria-busy="true">
      <Text size="sm" fw={600} role="status">
        {t(`reconciliation.status.${status}`)}
      </Text>
      <Stack gap={6} mt="xs">
        {kinds.map((kind) => {
          const { read, total, percent } = progressOf(counts[kind]);
          return (
            <div key={kind} className="running-kind">
              <Text size="sm">{t(`kinds.${kind}`)}</Text>
              <Progress
                value={percent ?? 0}
                aria-label={t(`kinds.${kind}`)}
                {...(percent === null ? { striped: true, animated: read > 0 } : {})}
              />
              <Text size="xs" c="dimmed" ta="right">
                {total === null
                  ? read === 0
                    ? '–'
                    : number(read)
                  : t('reconciliation.of', { read: number(read), total: number(total) })}
              </Text>
            </div>
          );
        })}
      </Stack>
    </div>
  );
}

function Ended({ reconciliation }: { reconciliation: Reconciliation }) {
  const { t } = useTranslation('activity');
  const { dateTime } = useFormat();
  const { status, trigger, startedAt, finishedAt, verified } = reconciliation;
  const at = finishedAt ?? startedAt;
  const drift = driftOf(reconciliation);
  return (
    <li>
      <Group justify="space-between" gap="xs" align="start">
        <div>
          <Text size="sm" fw={550}>
            {at === null ? t(`trigger.${trigger}`) : dateTime(at)}
          </Text>
          <Text size="xs" c="dimmed">
            {t(`trigger.${trigger}`)}
          </Text>
        </div>
        <Badge className={status === 'completed' ? 'badge-quiet' : 'badge-waiting'}>
          {status === 'completed' && verified
            ? t('reconciliation.verified')
            : t(`reconciliation.status.${status}`)}
        </Badge>
      </Group>
      {drift.length === 0 ? (
        status === 'completed' ? (
          <Text size="sm">{t('reconciliation.noDrift')}</Text>
        ) : null
      ) : (
        <ul className="drift">
          {drift.map(({ kind, created, updated, deleted }) => (
            <li key={kind}>
              {t(`kinds.${kind}`)}:{' '}
              {[
                created === 0 ? null : t('drift.created', { count: created }),
                updated === 0 ? null : t('drift.updated', { count: updated }),
                deleted === 0 ? null : t('drift.deleted', { count: deleted }),
              ]
                .filter((part) => part !== null)
                .join(', ')}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
