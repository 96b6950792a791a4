import { Badge, Button, Group, Text } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Employee } from '../../client/types.ts';

export interface EmployeeRowActions {
  readonly onAccept: (employee: Employee) => void;
  readonly onChoose: (employee: Employee) => void;
  readonly onUnlink: (employee: Employee) => void;
}

interface EmployeeRowProps extends EmployeeRowActions {
  readonly employee: Employee;
  readonly isBusy: boolean;
}

/** The cells of one employee. */
export const EmployeeRow = memo(function EmployeeRow({ employee, isBusy, ...on }: EmployeeRowProps) {
  const { t } = useTranslation('employees');
  const { name, email, active, link, suggestion, parked } = employee;
  return (
    <>
      <div role="cell" className="employees-who">
        <Text size="sm" fw={550} truncate>
          {name}
          {active ? null : (
            <Text span size="xs" c="dimmed" fw={400}>
              {' '}
              · {t('inactive')}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {email ?? t('noEmail')}
        </Text>
      </div>
      <div role="cell" className="employees-profile">
        {link === null ? null : (
          <Text size="sm" truncate>
            {link.name}
          </Text>
        )}
        {link === null && suggestion !== null ? (
          <>
            <Text size="sm" truncate>
              {suggestion.name}
            </Text>
            <Text size="xs" c="dimmed">
              {t('suggestedByEmail')}
            </Text>
          </>
        ) : null}
        {link === null && suggestion === null ? (
          <Text size="sm" c="dimmed">
            {t('notLinked')}
          </Text>
        ) : null}
      </div>
      <div role="cell" className="employees-parked">
        {parked === 0 ? null : <Badge className="badge-waiting">{t('parked', { count: parked })}</Badge>}
      </div>
      <Group role="cell" gap={6} wrap="nowrap" className="employees-actions">
        {link === null && suggestion !== null ? (
          <Button
            size="compact-sm"
            variant="light"
            loading={isBusy}
            aria-label={t('acceptOne', { name, profile: suggestion.name })}
            onClick={() => on.onAccept(employee)}
          >
            {t('accept')}
          </Button>
        ) : null}
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t(link === null ? 'chooseFor' : 'changeFor', { name })}
          onClick={() => on.onChoose(employee)}
        >
          {t(link === null ? 'choose' : 'change')}
        </Button>
        {link === null ? null : (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t('unlinkFor', { name })}
            onClick={() => on.onUnlink(employee)}
          >
            {t('unlink.action')}
          </Button>
        )}
      </Group>
    </>
  );
});
