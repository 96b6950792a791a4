import { Button } from '@mantine/core';
import { memo, type ReactNode } from 'react';
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

/**
 * The cells of one employee. Plain elements where the component library has no more to give: thirty rows at once are
 * drawn by one turn of the wheel.
 */
export const EmployeeRow = memo(function EmployeeRow({ employee, isBusy, ...on }: EmployeeRowProps) {
  const { t } = useTranslation('employees');
  const { name, email, active, link, suggestion, parked } = employee;
  return (
    <>
      <div role="cell" className="employees-who">
        <div className="employees-name">{name}</div>
        <div className="employees-small">
          {email ?? t('noEmail')}
          {active ? '' : ` · ${t('inactive')}`}
        </div>
      </div>
      <div role="cell">
        <ProfileText link={link} suggestion={suggestion} />
      </div>
      <div role="cell" className="employees-parked">
        {parked === 0 ? null : <span className="pill-waiting">{t('parked', { count: parked })}</span>}
      </div>
      <div role="cell" className="employees-actions">
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
      </div>
    </>
  );
});

function ProfileText({ link, suggestion }: Pick<Employee, 'link' | 'suggestion'>): ReactNode {
  const { t } = useTranslation('employees');
  if (link !== null) return <div className="employees-line">{link.name}</div>;
  if (suggestion === null) return <div className="employees-small">{t('notLinked')}</div>;
  return (
    <>
      <div className="employees-line">{suggestion.name}</div>
      <div className="employees-small">{t('suggestedByEmail')}</div>
    </>
  );
}
