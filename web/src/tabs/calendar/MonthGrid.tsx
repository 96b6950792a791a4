import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Day } from '../../client/types.ts';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { useFormat } from '../../format.ts';
import { moveBy, weeksOf } from './calendar-grid.ts';

export interface MonthGridProps {
  readonly month: string;
  readonly days: ReadonlyMap<string, Day>;
  /** The day that Tab leads to. */
  readonly selected: string;
  readonly today: string;
  /** An arrow key has led to another day, maybe of another month. */
  readonly onMove: (date: string) => void;
  readonly onOpen: (date: string) => void;
}

/** A month as a grid: one stop for Tab, arrow keys move through the days. */
export function MonthGrid({ month, days, selected, today, onMove, onOpen }: MonthGridProps) {
  const { month: monthText, weekday } = useFormat();
  const grid = useRef<HTMLDivElement>(null);
  const moved = useRef(false);

  // After an arrow key the focus follows, into another month too.
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-date="${selected}"]`)?.focus();
  }, [selected, days]);

  function onKeyDown(event: KeyboardEvent): void {
    const next = event.altKey || event.ctrlKey || event.metaKey ? null : moveBy(selected, event.key);
    if (next === null) return;
    event.preventDefault();
    moved.current = true;
    onMove(next);
  }

  return (
    <div
      role="grid"
      aria-label={monthText(month)}
      className="month-grid"
      ref={grid}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div role="row" className="month-row">
        {[0, 1, 2, 3, 4, 5, 6].map((day) => (
          <span key={day} role="columnheader" className="month-weekday">
            {weekday(day)}
          </span>
        ))}
      </div>
      {weeksOf(month).map((week, index) => (
        <div key={index} role="row" className="month-row">
          {week.map((date, column) => (
            <div key={column} role="gridcell" aria-selected={date === selected}>
              {date === null ? null : (
                <DayCell
                  date={date}
                  day={days.get(date)}
                  isSelected={date === selected}
                  isToday={date === today}
                  onOpen={onOpen}
                />
              )}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

interface DayCellProps {
  readonly date: string;
  readonly day: Day | undefined;
  readonly isSelected: boolean;
  readonly isToday: boolean;
  readonly onOpen: (date: string) => void;
}

function DayCell({ date, day, isSelected, isToday, onOpen }: DayCellProps) {
  const { t } = useTranslation('calendar');
  const { duration, longDate } = useFormat();
  const nameOf = useDayTypeName();
  const isEdited = day?.source === 'manual';
  return (
    <button
      type="button"
      className="day-cell"
      data-date={date}
      data-quiet={day === undefined || day.expectedMinutes === 0}
      tabIndex={isSelected ? 0 : -1}
      aria-current={isToday ? 'date' : undefined}
      aria-haspopup="dialog"
      onClick={() => onOpen(date)}
    >
      <span className="day-bar" style={{ background: day?.dayType.color ?? 'transparent' }} />
      <VisuallyHidden>{longDate(date)}, </VisuallyHidden>
      <span className="day-number" aria-hidden>
        {Number(date.slice(8))}
        {isEdited ? <span className="edited-mark" /> : null}
      </span>
      {day === undefined ? (
        <VisuallyHidden>{t('nothingKnown')}</VisuallyHidden>
      ) : (
        <>
          <span className="day-type">{nameOf(day.dayType)}</span>
          <VisuallyHidden>, </VisuallyHidden>
          <span className="day-hours">{duration(day.expectedMinutes)}</span>
          <VisuallyHidden>{isEdited ? `, ${t('editedByHand')}` : ''}</VisuallyHidden>
        </>
      )}
    </button>
  );
}
