import { Modal, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { employeesKey, searchEmployees } from '../../client/employees.ts';
import type { Employee } from '../../client/types.ts';
import { SearchPicker } from '../../components/SearchPicker.tsx';
import { EmployeeCalendar } from './EmployeeCalendar.tsx';
import './calendar.css';

/** Who was looked at last, for a way back from another tab. */
let lastEmployeeId: string | null = null;

/** The calendar of one employee. The address says whose, so that it can be kept and sent. */
export function CalendarTab() {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const [params, setParams] = useSearchParams();
  const [picking, setPicking] = useState(false);
  const [hasPicked, setHasPicked] = useState(false);
  const employeeId = params.get('employee') ?? lastEmployeeId;

  const picker = (
    <SearchPicker<Employee>
      label={t('picker.label')}
      queryKey={employeesKey}
      search={searchEmployees}
      toOption={({ employeeId: id, name, email, link }) => ({
        id,
        label: name,
        description: [email, link === null ? t('notLinked') : null]
          .filter((part) => part !== null)
          .join(' · '),
      })}
      onPick={({ id }) => {
        lastEmployeeId = id;
        setParams({ employee: id });
        setPicking(false);
        setHasPicked(true);
      }}
    />
  );

  if (employeeId === null)
    return (
      <Stack className="surface" gap="sm">
        <Title order={2} size="h4">
          {t('picker.title')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('picker.text')}
        </Text>
        {picker}
      </Stack>
    );
  return (
    <>
      <EmployeeCalendar
        key={employeeId}
        employeeId={employeeId}
        takesFocus={hasPicked}
        onChange={() => setPicking(true)}
      />
      <Modal
        opened={picking}
        onClose={() => setPicking(false)}
        title={t('picker.title')}
        centered
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {picker}
      </Modal>
    </>
  );
}
