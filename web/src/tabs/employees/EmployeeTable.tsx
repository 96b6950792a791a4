import { Text } from '@mantine/core';
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Employee } from '../../client/types.ts';
import { EmployeeRow, type EmployeeRowActions } from './EmployeeRow.tsx';

export interface EmployeeTableProps extends EmployeeRowActions {
  /** Those to show. */
  readonly employees: readonly Employee[];
  /** How many have been read, shown or not. */
  readonly loaded: number;
  readonly isComplete: boolean;
  /** Whose link is being made. */
  readonly busyId: string | null;
}

const rowHeight = 65;
/** Rows drawn above and below what is seen: enough for a fast wheel, far below a hundred. */
const overscan = 6;

/** Only the rows in sight are in the document, and the one that holds the keyboard's focus. */
export function EmployeeTable({ employees, loaded, isComplete, busyId, ...actions }: EmployeeTableProps) {
  const { t } = useTranslation('employees');
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [focused, setFocused] = useState<number | null>(null);

  useLayoutEffect(() => {
    if (body.current === null) return;
    setTop(Math.round(body.current.getBoundingClientRect().top + window.scrollY));
  }, [employees, loaded, isComplete]);

  const withFocused = useCallback(
    (range: Range) => {
      const seen = defaultRangeExtractor(range);
      if (focused === null || focused >= range.count || seen.includes(focused)) return seen;
      return [...seen, focused].toSorted((a, b) => a - b);
    },
    [focused],
  );
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const rows = useWindowVirtualizer({
    count: employees.length,
    estimateSize: () => rowHeight,
    getItemKey: (index) => employees[index]?.employeeId ?? index,
    overscan,
    rangeExtractor: withFocused,
    scrollMargin: top,
  });

  return (
    <div className="surface employees-surface">
      <Text size="sm" c="dimmed" role="status" className="employees-status">
        {isComplete
          ? t('shown', { count: loaded, shown: employees.length })
          : t('loadingMore', { count: loaded })}
      </Text>
      <div role="table" aria-label={t('table')} aria-rowcount={employees.length + 1}>
        <div role="rowgroup" className="employees-head">
          <div role="row" aria-rowindex={1} className="employees-row">
            <span role="columnheader">{t('columns.employee')}</span>
            <span role="columnheader">{t('columns.profile')}</span>
            <span role="columnheader">{t('columns.parked')}</span>
            <span role="columnheader" className="employees-actions">
              {t('columns.actions')}
            </span>
          </div>
        </div>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only listens where the focus is */}
        <div
          role="rowgroup"
          ref={body}
          className="employees-body"
          style={{ height: rows.getTotalSize() }}
          onBlur={() => setFocused(null)}
        >
          {rows.getVirtualItems().map(({ index, key, start }) => {
            const employee = employees[index];
            if (employee === undefined) return null;
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                data-index={index}
                ref={rows.measureElement}
                className="employees-row employees-virtual"
                style={{ transform: `translateY(${start - top}px)` }}
                onFocus={() => setFocused(index)}
              >
                <EmployeeRow employee={employee} isBusy={employee.employeeId === busyId} {...actions} />
              </div>
            );
          })}
        </div>
      </div>
      {employees.length === 0 && isComplete ? (
        <Text c="dimmed" ta="center" py="xl">
          {t('noMatch')}
        </Text>
      ) : null}
    </div>
  );
}
