import { z } from 'zod';
import { daysBetween } from '../../domain/civil-date.ts';
import { CivilDate, Instant, OwnId } from './common.ts';
import { DayType } from './day-type.ts';
import { DayMinutes, plainText } from './text.ts';

/** One employee on one date. */
export const Day = z
  .object({
    date: CivilDate,
    dayType: DayType.pick({ id: true, key: true, name: true, color: true }),
    plannedMinutes: z.int(),
    expectedMinutes: z.int(),
    source: z.enum(['manual', 'default', 'factorial']),
  })
  .meta({ id: 'Day' });
export type Day = z.infer<typeof Day>;

export const DayList = z.object({ items: z.array(Day) });

const planText = 'must be a date from 1900-01-01 to 2999-12-31';

/** A date that a plan can be about: arithmetic with it stays within four-digit years. */
const PlanDate = CivilDate.refine((date) => date >= '1900-01-01' && date <= '2999-12-31', planText);

const maxDays = 400;

export const CalendarQuery = z
  .object({ from: PlanDate, to: PlanDate })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'must not be before from' })
  .refine(({ from, to }) => !(daysBetween(from, to) >= maxDays), {
    path: ['to'],
    error: `must be at most ${maxDays} days of calendar, counted from from`,
  });

export const DayParams = z.object({ employeeId: OwnId, date: PlanDate });

/** Body of a manual edit. Without minutes: those of the day type; for a working day those planned. */
export const DayInput = z.object({
  dayTypeId: OwnId,
  expectedMinutes: DayMinutes.nullish(),
  note: plainText(1_000).nullish(),
});

/** Why a day is as it is. */
export const Explanation = z
  .object({
    date: CivilDate,
    day: Day.nullable(),
    planned: z.object({
      minutes: z.number(),
      origin: z.enum(['factorial', 'default_week']),
      readAt: Instant.nullable(),
    }),
    claims: z.array(
      z.object({
        kind: z.enum(['holiday', 'absence']),
        factorialId: z.string(),
        share: z.number(),
        minutes: z.number(),
        dayType: DayType,
        mappingVersion: z.int().nullable(),
        readAt: Instant.nullable(),
        via: z.object({ type: z.enum(['delivery', 'reconciliation', 'poll']), id: z.string() }).nullable(),
        workflowId: z.string().nullable(),
        runId: z.string().nullable(),
      }),
    ),
    ignored: z.array(z.object({ factorialId: z.string(), reason: z.string() })),
    manualEdit: z
      .object({
        dayTypeId: z.string(),
        expectedMinutes: z.int(),
        note: z.string().nullable(),
        by: z.string(),
        at: Instant,
      })
      .nullable(),
    factorial: z.object({ dayType: DayType, expectedMinutes: z.int() }).nullable(),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof Explanation>;
