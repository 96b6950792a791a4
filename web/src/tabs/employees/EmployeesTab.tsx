import { Stack, Text } from '@mantine/core';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEmployees, useLink, useUnlink } from '../../client/employees.ts';
import type { Employee } from '../../client/types.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { notifyDone, notifyProblem } from '../../components/notify.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useProblemText } from '../../components/problem-text.ts';
import { AcceptAll } from './AcceptAll.tsx';
import {
  chooseEmployees,
  countEmployees,
  suggestedLinks,
  type EmployeeFilter,
  type EmployeeSort,
} from './choose-employees.ts';
import { EmployeeTable } from './EmployeeTable.tsx';
import { EmployeeToolbar } from './EmployeeToolbar.tsx';
import { ProfileDialog } from './ProfileDialog.tsx';
import './employees.css';

/** Which Factorial profile each employee of WorkMeter is. */
export function EmployeesTab() {
  const { t } = useTranslation('employees');
  const textOf = useProblemText();
  const employees = useEmployees();
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<EmployeeFilter>('all');
  const [sort, setSort] = useState<EmployeeSort>('name');
  const [choosing, setChoosing] = useState<Employee | null>(null);
  const [unlinking, setUnlinking] = useState<Employee | null>(null);
  const unlink = useUnlink();
  const { mutate: link, variables: linking, isPending: isLinking } = useLink();

  const { items } = employees;
  const typed = useDeferredValue(search); // a letter shows at once; the rows follow
  const shown = useMemo(
    () => chooseEmployees(items, { search: typed, filter, sort }),
    [items, typed, filter, sort],
  );
  const counts = useMemo(() => countEmployees(items), [items]);
  const suggested = useMemo(() => suggestedLinks(items), [items]);

  const accept = useCallback(
    ({ employeeId, name, suggestion }: Employee) => {
      if (suggestion === null) return;
      const { profileId, name: profile } = suggestion;
      link(
        { employeeId, profileId },
        {
          onSuccess: () => notifyDone(t('linkedTo', { name, profile })),
          onError: (error) => notifyProblem(`${name}: ${textOf(error).text}`),
        },
      );
    },
    [link, t, textOf],
  );

  if (employees.isFirstLoad) return <LoadingRows rows={8} height={56} />;
  if (employees.isComplete && items.length === 0)
    return <EmptyState title={t('empty.title')} text={t('empty.text')} />;
  return (
    <Stack gap="md">
      <AcceptAll links={suggested} employees={items} isComplete={employees.isComplete} />
      <EmployeeToolbar
        {...{ search, filter, sort, counts }}
        onSearch={setSearch}
        onFilter={setFilter}
        onSort={setSort}
      />
      <ProblemNotice error={employees.error} onRetry={employees.retry} />
      <EmployeeTable
        employees={shown}
        loaded={items.length}
        isComplete={employees.isComplete}
        busyId={isLinking ? linking.employeeId : null}
        onAccept={accept}
        onChoose={setChoosing}
        onUnlink={setUnlinking}
      />
      <ProfileDialog employee={choosing} onClose={() => setChoosing(null)} />
      <ConfirmDialog
        opened={unlinking !== null}
        title={t('unlink.title', { name: unlinking?.name ?? '' })}
        confirmLabel={t('unlink.action')}
        danger
        pending={unlink.isPending}
        error={unlink.error}
        onClose={closeUnlink}
        onConfirm={() => {
          if (unlinking === null) return;
          unlink.mutate(unlinking, {
            onSuccess: () => {
              notifyDone(t('unlinked', { name: unlinking.name }));
              closeUnlink();
            },
          });
        }}
      >
        <Text size="sm">{t('unlink.text', { profile: unlinking?.link?.name ?? '' })}</Text>
      </ConfirmDialog>
    </Stack>
  );

  function closeUnlink(): void {
    setUnlinking(null);
    unlink.reset();
  }
}
