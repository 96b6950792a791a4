import { VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import type { Day } from '../../client/types.ts';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { useFormat } from '../../format.ts';
import { datesOf, monthsOf, sumDays, weeksOf } from './calendar-grid.ts';

export interface YearGlanceProps {
  readonly year: number;
  readonly days: ReadonlyMap<string, Day>;
  /** The month in detail. */
  readonly month: string;
  readonly onMonth: (month: string) => void;
}

/** Twelve small months. The colors are for the eye; what they say is in each month's name and in the list below. */
export function YearGlance({ year, days, month, onMonth }: YearGlanceProps) {
  const { monthName, duration } = useFormat();
  const nameOf = useDayTypeName();
  return (
    <div className="year-glance">
      {monthsOf(year).map((one) => {
        const own = datesOf(one).flatMap((date) => days.get(date) ?? []);
        const { expectedMinutes, types } = sumDays(own);
        const kinds = types.map(({ dayType, count }) => `${nameOf(dayType)} ${count}`);
        return (
          <button
            key={one}
            type="button"
            className="glance-month"
            aria-pressed={one === month}
            onClick={() => onMonth(one)}
          >
            <span className="glance-name">{monthName(one)}</span>
            <GlanceDays month={one} days={days} />
            <span className="glance-sum">{own.length === 0 ? '–' : duration(expectedMinutes)}</span>
            <VisuallyHidden>{kinds.join(', ')}</VisuallyHidden>
          </button>
        );
      })}
    </div>
  );
}

const GlanceDays = memo(function GlanceDays({ month, days }: Pick<YearGlanceProps, 'month' | 'days'>) {
  return (
    <span className="glance-days" aria-hidden>
      {weeksOf(month)
        .flat()
        .map((date, index) => {
          if (date === null) return <span key={index} />;
          const day = days.get(date);
          return (
            <span
              key={index}
              className={day?.source === 'manual' ? 'glance-day glance-edited' : 'glance-day'}
              style={day === undefined ? undefined : { background: day.dayType.color }}
            />
          );
        })}
    </span>
  );
});
