import { Skeleton, Stack, Table, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { skipToken, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { previewMeaning, type Meaning } from '../../client/day-types.ts';
import { useEmployeeNames } from '../../client/employees.ts';
import type { MappingPreview } from '../../client/types.ts';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useFormat } from '../../format.ts';

/** How long a pause in typing is, before the preview is asked for. */
const pauseMs = 300;
/** Days shown before and after: enough to see what is meant. */
const sampleSize = 5;

/** What confirming will do. Nothing while the meaning is incomplete. */
export function MeaningPreview({
  absenceTypeId,
  meaning,
}: {
  absenceTypeId: string;
  meaning: Meaning | null;
}) {
  const { t } = useTranslation('dayTypes');
  const [asked] = useDebouncedValue(meaning === null ? '' : JSON.stringify(meaning), pauseMs);
  const preview = useQuery({
    queryKey: ['mapping-preview', absenceTypeId, asked],
    queryFn:
      meaning !== null && asked === JSON.stringify(meaning)
        ? ({ signal }) => previewMeaning(absenceTypeId, meaning, signal)
        : skipToken,
    staleTime: 0,
    gcTime: 0,
  });
  if (meaning === null) return null;
  // What a former choice would do says nothing of this one.
  const current = asked !== JSON.stringify(meaning) ? undefined : preview.data;
  return (
    <section
      className="inset"
      aria-label={t('preview.title')}
      aria-live="polite"
      aria-busy={current === undefined && preview.error === null}
    >
      <Text size="sm" fw={600}>
        {t('preview.title')}
      </Text>
      <ProblemNotice error={preview.error} onRetry={() => void preview.refetch()} />
      {current === undefined && preview.error === null ? <Skeleton height={20} mt="xs" /> : null}
      {current === undefined ? null : <PreviewText preview={current} />}
    </section>
  );
}

function PreviewText({ preview }: { preview: MappingPreview }) {
  const { t } = useTranslation('dayTypes');
  const { civilDate, duration } = useFormat();
  const sample = preview.sample.slice(0, sampleSize);
  const nameOf = useEmployeeNames(sample.map(({ employeeId }) => employeeId));
  return (
    <Stack gap="xs" mt={4}>
      <Text size="sm">
        {preview.days === 0
          ? t('preview.nothing')
          : t('preview.text', {
              absences: t('absences', { count: preview.absences }),
              employees: t('employees', { count: preview.employees }),
              days: t('days', { count: preview.days }),
            })}
      </Text>
      {sample.length === 0 ? null : (
        <Table verticalSpacing={4} horizontalSpacing="xs" captionSide="top">
          <Table.Caption ta="left" mt={0}>
            {t('preview.sample')}
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('preview.employee')}</Table.Th>
              <Table.Th>{t('preview.date')}</Table.Th>
              <Table.Th ta="right">{t('preview.before')}</Table.Th>
              <Table.Th ta="right">{t('preview.after')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sample.map(({ employeeId, date, before, after }) => (
              <Table.Tr key={`${employeeId}/${date}`}>
                <Table.Td>{nameOf(employeeId)}</Table.Td>
                <Table.Td>{civilDate(date)}</Table.Td>
                <Table.Td ta="right">{duration(before)}</Table.Td>
                <Table.Td ta="right">{duration(after)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
