import { ActionIcon, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useYear } from '../../client/calendar.ts';
import { employeeQuery } from '../../client/employees.ts';
import { settingsQuery } from '../../client/settings.ts';
import type { Day } from '../../client/types.ts';
import { ColorMark } from '../../components/ColorMark.tsx';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useFormat } from '../../format.ts';
import { datesOf, horizonAround, knownDays, shiftMonth, sumDays } from './calendar-grid.ts';
import { DayDrawer } from './DayDrawer.tsx';
import { MonthGrid } from './MonthGrid.tsx';
import { useToday } from './use-today.ts';
import { YearGlance } from './YearGlance.tsx';

export interface EmployeeCalendarProps {
  readonly employeeId: string;
  /** It has just been picked: the keyboard goes on here. */
  readonly takesFocus: boolean;
  readonly onChange: () => void;
}

/** A year at a glance, one month of it in detail, and one day of that with its reasons. */
export function EmployeeCalendar(props: EmployeeCalendarProps) {
  const today = useToday();
  return (
    <Stack gap="md">
      <CalendarHead {...props} />
      {today === undefined ? (
        <LoadingRows rows={6} height={72} />
      ) : (
        <Calendar employeeId={props.employeeId} today={today} />
      )}
    </Stack>
  );
}

function Calendar({ employeeId, today }: { employeeId: string; today: string }) {
  const { t } = useTranslation('calendar');
  const { civilDate, month: monthText } = useFormat();
  const [date, setDate] = useState(today);
  const [opened, setOpened] = useState(false);
  const month = date.slice(0, 7);
  const year = Number(date.slice(0, 4));
  const answer = useYear(employeeId, year);
  const settings = useQuery(settingsQuery);
  const horizon = useMemo(
    () => (settings.data === undefined ? undefined : horizonAround(today, settings.data)),
    [today, settings.data],
  );
  const days = useMemo(
    () => (answer.data === undefined ? undefined : knownDays(answer.data, horizon)),
    [answer.data, horizon],
  );
  const showMonth = (next: string): void => setDate(next === today.slice(0, 7) ? today : `${next}-01`);

  return (
    <>
      <ProblemNotice error={answer.error} onRetry={() => void answer.refetch()} />
      {days === undefined ? (
        answer.error === null ? (
          <LoadingRows rows={6} height={72} />
        ) : null
      ) : (
        <div className="calendar-columns" aria-busy={answer.isPlaceholderData}>
          <section className="surface calendar-month" aria-label={monthText(month)}>
            <Group justify="space-between" wrap="nowrap" mb="sm">
              <Title order={2} size="h4" className="calendar-title" aria-live="polite">
                {monthText(month)}
              </Title>
              <Group gap="xs" wrap="nowrap">
                <Button size="compact-sm" variant="default" onClick={() => setDate(today)}>
                  {t('today')}
                </Button>
                <ActionIcon
                  variant="default"
                  aria-label={t('previousMonth')}
                  onClick={() => showMonth(shiftMonth(month, -1))}
                >
                  <IconChevronLeft size={18} />
                </ActionIcon>
                <ActionIcon
                  variant="default"
                  aria-label={t('nextMonth')}
                  onClick={() => showMonth(shiftMonth(month, 1))}
                >
                  <IconChevronRight size={18} />
                </ActionIcon>
              </Group>
            </Group>
            <MonthGrid
              month={month}
              days={days}
              selected={date}
              today={today}
              onMove={setDate}
              onOpen={(chosen) => {
                setDate(chosen);
                setOpened(true);
              }}
            />
            <Sums label={t('monthSum')} days={datesOf(month).flatMap((one) => days.get(one) ?? [])} />
          </section>
          <section className="surface calendar-year" aria-label={String(year)}>
            <Group justify="space-between" wrap="nowrap" mb="sm">
              <Title order={2} size="h4">
                {year}
              </Title>
              <Group gap="xs" wrap="nowrap">
                <ActionIcon
                  variant="default"
                  aria-label={t('previousYear')}
                  onClick={() => showMonth(shiftMonth(month, -12))}
                >
                  <IconChevronLeft size={18} />
                </ActionIcon>
                <ActionIcon
                  variant="default"
                  aria-label={t('nextYear')}
                  onClick={() => showMonth(shiftMonth(month, 12))}
                >
                  <IconChevronRight size={18} />
                </ActionIcon>
              </Group>
            </Group>
            <YearGlance year={year} days={days} month={month} onMonth={showMonth} />
            <Sums label={t('yearSum')} days={[...days.values()]} />
            {horizon === undefined ? null : (
              <Text size="xs" c="dimmed" mt="sm">
                {t('horizon', { from: civilDate(horizon.from), to: civilDate(horizon.to) })}
              </Text>
            )}
          </section>
        </div>
      )}
      {opened ? (
        <DayDrawer key={date} employeeId={employeeId} date={date} onClose={() => setOpened(false)} />
      ) : null}
    </>
  );
}

function CalendarHead({ employeeId, takesFocus, onChange }: EmployeeCalendarProps) {
  const { t } = useTranslation('calendar');
  const employee = useQuery(employeeQuery(employeeId));
  const heading = useRef<HTMLHeadingElement>(null);
  const isKnown = employee.data !== undefined;
  // Who it is could not be read: the id is what is known.
  const name = employee.data?.name ?? (employee.isError ? employeeId : null);
  useEffect(() => {
    if (takesFocus && isKnown) heading.current?.focus();
  }, [takesFocus, isKnown]);
  return (
    <Group justify="space-between" gap="sm">
      <div>
        {name === null ? (
          <Skeleton width={180} height={24} />
        ) : (
          <Title order={2} size="h3" ref={heading} tabIndex={-1} className="quiet-focus">
            {name}
          </Title>
        )}
        <Text size="sm" c="dimmed">
          {employee.data === undefined
            ? ''
            : employee.data.link === null
              ? t('followsNobody')
              : t('follows', { name: employee.data.link.name })}
        </Text>
      </div>
      <Button variant="default" size="sm" onClick={onChange}>
        {t('picker.change')}
      </Button>
    </Group>
  );
}

function Sums({ label, days }: { label: string; days: readonly Day[] }) {
  const { t } = useTranslation('calendar');
  const { duration, number } = useFormat();
  const nameOf = useDayTypeName();
  const { expectedMinutes, edited, types } = sumDays(days);
  return (
    <div className="calendar-sums">
      <Text size="sm" fw={600}>
        {label}: {duration(expectedMinutes)}
      </Text>
      <ul className="plain-list calendar-legend">
        {types.map(({ dayType, count }) => (
          <li key={dayType.id}>
            <ColorMark color={dayType.color} />
            {nameOf(dayType)} · {number(count)}
          </li>
        ))}
        {edited === 0 ? null : (
          <li>
            <span className="edited-mark" aria-hidden />
            {t('edited', { count: edited })}
          </li>
        )}
      </ul>
    </div>
  );
}
