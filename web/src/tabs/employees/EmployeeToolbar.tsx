import { Chip, CloseButton, Group, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import {
  employeeFilters,
  employeeSorts,
  type EmployeeFilter,
  type EmployeeSort,
} from './choose-employees.ts';

export interface EmployeeToolbarProps {
  readonly search: string;
  readonly filter: EmployeeFilter;
  readonly sort: EmployeeSort;
  readonly counts: Readonly<Record<EmployeeFilter, number>>;
  readonly onSearch: (search: string) => void;
  readonly onFilter: (filter: EmployeeFilter) => void;
  readonly onSort: (sort: EmployeeSort) => void;
}

export function EmployeeToolbar({ search, filter, sort, counts, ...on }: EmployeeToolbarProps) {
  const { t } = useTranslation('employees');
  const { number } = useFormat();
  return (
    <>
      <Group gap="sm" align="end">
        <TextInput
          className="employees-search"
          type="search"
          label={t('search.label')}
          placeholder={t('search.placeholder')}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={
            search === '' ? null : (
              <CloseButton size="sm" aria-label={t('search.clear')} onClick={() => on.onSearch('')} />
            )
          }
          value={search}
          onChange={({ currentTarget }) => on.onSearch(currentTarget.value)}
        />
        <NativeSelect
          label={t('sort.label')}
          value={sort}
          data={employeeSorts.map((value) => ({ value, label: t(`sort.${value}`) }))}
          onChange={({ currentTarget }) => {
            const chosen = employeeSorts.find((one) => one === currentTarget.value);
            if (chosen !== undefined) on.onSort(chosen);
          }}
        />
      </Group>
      <Chip.Group
        value={filter}
        onChange={(value) => {
          const chosen = employeeFilters.find((one) => one === value);
          if (chosen !== undefined) on.onFilter(chosen);
        }}
      >
        <Group gap="xs" className="choice-row" role="radiogroup" aria-label={t('filter.label')}>
          {employeeFilters.map((value) => (
            <Chip key={value} value={value} size="sm" variant="outline">
              {t(`filter.${value}`)} · {number(counts[value])}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </>
  );
}
