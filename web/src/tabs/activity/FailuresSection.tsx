import { Badge, Button, Checkbox, Group, NativeSelect, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFailures, type FailureFilter } from '../../client/failures.ts';
import type { ReplayFilter } from '../../client/replays.ts';
import type { Failure } from '../../client/types.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { Section } from '../../components/Section.tsx';
import { SupportDetails } from '../../components/SupportDetails.tsx';
import { useFormat } from '../../format.ts';
import { ReplayDialog } from './ReplayDialog.tsx';
import { useFailureText } from './failure-text.ts';

/** What could not be synced, why, and what to do; tried again one by one or together. */
export function FailuresSection() {
  const { t } = useTranslation('activity');
  const [filter, setFilter] = useState<FailureFilter>({});
  const [withResolved, setWithResolved] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [replaying, setReplaying] = useState<ReplayFilter | null>(null);
  const { data, error, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useFailures(filter);
  const all = data?.pages.flatMap(({ items }) => items) ?? [];
  const failures = withResolved ? all : all.filter(({ status }) => status !== 'resolved');
  const open = failures.filter(({ status }) => status === 'open');
  const picked = open.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const isFiltered = filter.code !== undefined || filter.resource !== undefined;

  function toggle(id: string, isOn: boolean): void {
    const next = new Set(chosen);
    if (isOn) next.add(id);
    else next.delete(id);
    setChosen(next);
  }

  return (
    <Section title={t('failures.title')} text={t('failures.text')}>
      <FailureFilters failures={all} filter={filter} onFilter={setFilter} />
      {all.some(({ status }) => status === 'resolved') ? (
        <Switch
          label={t('failures.resolvedToo')}
          checked={withResolved}
          onChange={({ currentTarget }) => setWithResolved(currentTarget.checked)}
        />
      ) : null}
      <ProblemNotice error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null ? <LoadingRows rows={3} /> : null}
      {data !== undefined && failures.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(isFiltered ? 'failures.noMatch' : 'failures.none')}
        </Text>
      ) : null}
      {open.length === 0 ? null : (
        <Group gap="xs">
          <Button
            size="sm"
            variant="default"
            disabled={picked.length === 0}
            onClick={() => setReplaying({ ids: picked })}
          >
            {t('failures.replayChosen', { count: picked.length })}
          </Button>
          <Button size="sm" variant="default" onClick={() => setReplaying({ ...filter })}>
            {t(isFiltered ? 'failures.replayMatching' : 'failures.replayAll')}
          </Button>
        </Group>
      )}
      {failures.length === 0 ? null : (
        <ul className="plain-list divided-list">
          {failures.map((failure) => (
            <FailureRow
              key={failure.id}
              failure={failure}
              isChosen={chosen.has(failure.id)}
              onChoose={(isOn) => toggle(failure.id, isOn)}
            />
          ))}
        </ul>
      )}
      {hasNextPage ? (
        <Button
          variant="default"
          size="sm"
          w="fit-content"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t('failures.more')}
        </Button>
      ) : null}
      {replaying === null ? null : (
        <ReplayDialog
          filter={replaying}
          onClose={() => {
            setReplaying(null);
            setChosen(new Set());
          }}
        />
      )}
    </Section>
  );
}

interface FailureFiltersProps {
  readonly failures: readonly Failure[];
  readonly filter: FailureFilter;
  readonly onFilter: (filter: FailureFilter) => void;
}

function FailureFilters({ failures, filter, onFilter }: FailureFiltersProps) {
  const { t } = useTranslation('activity');
  const { reasonOf, resourceOf } = useFailureText();
  if (failures.length === 0 && filter.code === undefined && filter.resource === undefined) return null;
  const optionsOf = (key: 'code' | 'resource', nameOf: (value: string) => string) => {
    const values = new Set(failures.map((failure) => failure[key]));
    const current = filter[key];
    if (current !== undefined) values.add(current);
    return [
      { value: '', label: t('failures.all') },
      ...[...values].toSorted().map((value) => ({ value, label: nameOf(value) })),
    ];
  };
  const change = (key: 'code' | 'resource', value: string): void => {
    const { [key]: _, ...rest } = filter;
    onFilter(value === '' ? rest : { ...rest, [key]: value });
  };
  return (
    <Group gap="sm">
      <NativeSelect
        label={t('failures.reason')}
        value={filter.code ?? ''}
        data={optionsOf('code', reasonOf)}
        onChange={({ currentTarget }) => change('code', currentTarget.value)}
      />
      <NativeSelect
        label={t('failures.resource')}
        value={filter.resource ?? ''}
        data={optionsOf('resource', resourceOf)}
        onChange={({ currentTarget }) => change('resource', currentTarget.value)}
      />
    </Group>
  );
}

interface FailureRowProps {
  readonly failure: Failure;
  readonly isChosen: boolean;
  readonly onChoose: (isChosen: boolean) => void;
}

function FailureRow({ failure, isChosen, onChoose }: FailureRowProps) {
  const { t } = useTranslation('activity');
  const { dateTime } = useFormat();
  const { reasonOf, remedyOf, resourceOf } = useFailureText();
  const { code, message, resource, factorialId, lastAt, tries, status, nextTryAt, nextStep } = failure;
  const { deliveryId, reconciliationId, workflowId, runId } = failure;
  const name = `${resourceOf(resource)} ${factorialId}`;
  return (
    <li className="with-mark">
      <Checkbox
        aria-label={t('failures.choose', { name })}
        checked={isChosen}
        disabled={status !== 'open'}
        onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
      />
      <div>
        <Group justify="space-between" gap="xs">
          <Text size="sm" fw={550}>
            {name}
          </Text>
          <Badge className={status === 'resolved' ? 'badge-quiet' : 'badge-waiting'}>
            {t(`failures.status.${status}`)}
          </Badge>
        </Group>
        <Text size="sm">{reasonOf(code)}</Text>
        {nextStep === null ? null : <Text size="sm">{remedyOf(nextStep)}</Text>}
        <Text size="xs" c="dimmed">
          {[
            t('failures.seen', { count: tries, at: dateTime(lastAt) }),
            nextTryAt === null ? null : t('failures.nextTry', { at: dateTime(nextTryAt) }),
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </Text>
        <SupportDetails
          rows={[
            [t('failures.message'), message],
            [t('failures.delivery'), deliveryId],
            [t('failures.reconciliation'), reconciliationId],
            [t('failures.workflow'), workflowId],
            [t('failures.run'), runId],
          ]}
        />
      </div>
    </li>
  );
}
