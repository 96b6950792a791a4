import { Badge, Button, Group, NativeSelect, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFailures, type FailureFilter } from '../../client/failures.ts';
import type { Failure } from '../../client/types.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { Section } from '../../components/Section.tsx';
import { useFormat } from '../../format.ts';
import { useFailureText } from './failure-text.ts';

/** What could not be synced, why, and what to do. */
export function FailuresSection() {
  const { t } = useTranslation('activity');
  const [filter, setFilter] = useState<FailureFilter>({});
  const [withResolved, setWithResolved] = useState(false);
  const { data, error, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useFailures(filter);
  const all = data?.pages.flatMap(({ items }) => items) ?? [];
  const failures = withResolved ? all : all.filter(({ status }) => status !== 'resolved');
  const isFiltered = filter.code !== undefined || filter.resource !== undefined;

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
      {failures.length === 0 ? null : (
        <ul className="plain-list">
          {failures.map((failure) => (
            <FailureRow key={failure.id} failure={failure} />
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

function FailureRow({ failure }: { failure: Failure }) {
  const { t } = useTranslation('activity');
  const { dateTime } = useFormat();
  const { reasonOf, remedyOf, resourceOf } = useFailureText();
  const { code, message, resource, factorialId, lastAt, tries, status, nextTryAt, nextStep } = failure;
  const name = `${resourceOf(resource)} ${factorialId}`;
  return (
    <li>
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
        <Text size="xs" c="dimmed" className="failure-message">
          {message}
        </Text>
        {nextStep === null ? null : <Text size="sm">{remedyOf(nextStep)}</Text>}
        <Text size="xs" c="dimmed">
          {[
            t('failures.seen', { count: tries, at: dateTime(lastAt) }),
            nextTryAt === null ? null : t('failures.nextTry', { at: dateTime(nextTryAt) }),
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </Text>
      </div>
    </li>
  );
}
