import type { CivilDate } from '../../domain/civil-date.ts';

/**
 * The rules of design.md 5 once more, written apart from `domain/day.ts`: in fractions of a day instead of amounts of time, and
 * straight from Factorial's rows. A slip in one of the two shows as a difference.
 */

export interface LeaveRow {
  readonly id: string;
  readonly employee_id: string;
  readonly leave_type_id: string | null;
  readonly start_on: CivilDate;
  readonly finish_on: CivilDate | null;
  readonly half_day: string | null;
  readonly hours_amount_in_cents: number | null;
  readonly approved: boolean | null;
  readonly deleted_at: string | null;
}

export interface HolidayRow {
  readonly id: string;
  readonly location_id: string | null;
  readonly date: CivilDate;
  readonly half_day: string | null;
}

/** What an admin said of an absence type. */
export type Said = { readonly dayTypeId: string; readonly minutes: number } | 'ignored' | 'nothing';

/** All that one day of one employee depends on. */
export interface DayFacts {
  readonly date: CivilDate;
  readonly firstDay: CivilDate | null;
  readonly lastDay: CivilDate | null;
  /** Null: not linked, or gone from Factorial. */
  readonly person: {
    readonly terminatedOn: CivilDate | null;
    readonly locationId: string | null;
    /** As Factorial answers for this day; null where it answers nothing that counts. */
    readonly plannedMinutes: string | null;
    /** Whether any day of the horizon is planned. */
    readonly isPlanKnown: boolean;
    /** Not deleted. */
    readonly leaves: readonly LeaveRow[];
    readonly holidays: readonly HolidayRow[];
  } | null;
  /** Of this weekday, by the tenant's setting. */
  readonly usualMinutes: number;
  readonly saidOf: (absenceTypeId: string | null) => Said;
  readonly isWorkable: (absenceTypeId: string | null) => boolean;
  readonly edit: { readonly dayTypeId: string; readonly expectedMinutes: number } | null;
}

/** The day in one line: type, planned, expected, source, claims with their shares in order, and who does not claim and why. */
export function referenceDay(facts: DayFacts): string | null {
  const { date, person, edit } = facts;
  const ends = [facts.lastDay, person?.terminatedOn ?? null].filter((end) => end !== null).toSorted();
  const [end] = ends;
  if (facts.firstDay !== null && date < facts.firstDay) return null;
  if (end !== undefined && date > end) return null;

  const isUsual = person === null || (person.plannedMinutes === null && !person.isPlanKnown);
  const planned = toFraction(isUsual ? String(facts.usualMinutes) : (person.plannedMinutes ?? '0'));
  const { claims, ignored } = share(person === null ? [] : wishesOf(facts, person, planned), planned);

  const free = claims.reduce((rest, claim) => minus(rest, claim.share), whole);
  const sum = claims.reduce(
    (total, claim) => plus(total, times(claim.share, claim.minutes)),
    times(free, planned),
  );
  const [largest] = claims.toSorted((a, b) =>
    isLess(a.share, b.share) ? 1 : isLess(b.share, a.share) ? -1 : 0,
  );
  const dayTypeId = largest?.dayTypeId ?? (isZero(planned) ? 'day_off' : 'working_day');
  const source = edit !== null ? 'manual' : isUsual && claims.length === 0 ? 'default' : 'factorial';
  return toLine({
    dayTypeId: edit?.dayTypeId ?? dayTypeId,
    plannedMinutes: roundHalfUp(planned),
    expectedMinutes: edit?.expectedMinutes ?? (isZero(planned) ? 0 : roundHalfUp(sum)),
    source,
    claims: claims.map((claim) => ({ id: claim.id, share: toNumber(claim.share) })),
    ignored,
  });
}

export function toLine(day: {
  readonly dayTypeId: string;
  readonly plannedMinutes: number;
  readonly expectedMinutes: number;
  readonly source: string;
  readonly claims: readonly { readonly id: string; readonly share: number }[];
  readonly ignored: readonly { readonly id: string; readonly reason: string }[];
}): string {
  const { dayTypeId, plannedMinutes, expectedMinutes, source } = day;
  const claims = day.claims.map(({ id, share: part }) => `${id}=${part.toFixed(6)}`);
  const ignored = day.ignored.map(({ id, reason }) => `${id}:${reason}`).toSorted();
  return [dayTypeId, plannedMinutes, '→', expectedMinutes, source, ...claims, ...ignored].join(' ');
}

type Fraction = readonly [numerator: bigint, denominator: bigint];
const whole: Fraction = [1n, 1n];
const half: Fraction = [1n, 2n];
const plus = (a: Fraction, b: Fraction): Fraction => [a[0] * b[1] + b[0] * a[1], a[1] * b[1]];
const minus = (a: Fraction, b: Fraction): Fraction => plus(a, [-b[0], b[1]]);
const times = (a: Fraction, b: Fraction): Fraction => [a[0] * b[0], a[1] * b[1]];
const isLess = (a: Fraction, b: Fraction): boolean => a[0] * b[1] < b[0] * a[1];
const isZero = (a: Fraction): boolean => a[0] === 0n;
const toNumber = ([numerator, denominator]: Fraction): number => Number(numerator) / Number(denominator);
const roundHalfUp = ([numerator, denominator]: Fraction): number =>
  Number((2n * numerator + denominator) / (2n * denominator));

function toFraction(decimal: string): Fraction {
  const [integer = '0', fraction = ''] = decimal.split('.');
  return [BigInt(integer + fraction), 10n ** BigInt(fraction.length)];
}

interface Wish {
  readonly id: string;
  /** Lower comes first. */
  readonly rank: number;
  readonly part: 'whole' | 'morning' | 'afternoon' | Fraction;
  readonly minutes: Fraction;
  readonly dayTypeId: string;
  /** Why it does not even ask. */
  readonly refusal: string | null;
}

function wishesOf(facts: DayFacts, person: NonNullable<DayFacts['person']>, planned: Fraction): Wish[] {
  const holidays = person.holidays
    .filter(
      (row) => row.date === facts.date && row.location_id === person.locationId && row.location_id !== null,
    )
    .map((row): Wish => {
      const part = row.half_day === null ? 'whole' : halfOf(row.half_day);
      const base = { id: row.id, rank: 0, minutes: [0n, 1n] as const, dayTypeId: 'holiday' };
      return { ...base, part: part ?? 'whole', refusal: part === null ? 'unknown_value' : null };
    });
  const leaves = person.leaves
    .filter((row) => row.start_on <= facts.date && (row.finish_on ?? facts.date) >= facts.date)
    .map((row): Wish => {
      const said = facts.saidOf(row.leave_type_id);
      const part = partOf(row, facts.date, planned);
      const refusal =
        row.approved === null
          ? 'pending'
          : !row.approved
            ? 'rejected'
            : said === 'ignored'
              ? 'type_ignored'
              : said === 'nothing'
                ? 'to_be_mapped'
                : part === null
                  ? 'unknown_value'
                  : null;
      const isWorkable = typeof said === 'object' && facts.isWorkable(row.leave_type_id);
      const size = part === 'whole' ? 1 : typeof part === 'string' ? 2 : 3;
      return {
        id: row.id,
        rank: size + (isWorkable ? 10 : 0),
        part: part ?? 'whole',
        minutes: isWorkable ? planned : [BigInt(typeof said === 'object' ? said.minutes : 0), 1n],
        dayTypeId: typeof said === 'object' ? said.dayTypeId : '',
        refusal,
      };
    });
  return [...holidays, ...leaves].toSorted(
    (a, b) => a.rank - b.rank || a.id.length - b.id.length || (a.id < b.id ? -1 : 1),
  );
}

/** What of the day a leave is about; null where its half is none that we know. */
function partOf(row: LeaveRow, date: CivilDate, planned: Fraction): Wish['part'] | null {
  if (row.finish_on !== null && row.half_day !== null) {
    const part = halfOf(row.half_day);
    if (part === null || row.start_on === row.finish_on) return part;
    return date === (part === 'afternoon' ? row.start_on : row.finish_on) ? part : 'whole';
  }
  const cents = row.hours_amount_in_cents ?? 0;
  if (cents <= 0) return 'whole';
  return isZero(planned) ? whole : [BigInt(cents) * 60n * planned[1], 100n * planned[0]];
}

function halfOf(halfDay: string): 'morning' | 'afternoon' | null {
  if (halfDay === 'beginning_of_day' || halfDay === 'beggining_of_day') return 'morning';
  return halfDay === 'end_of_day' ? 'afternoon' : null;
}

interface Claim {
  readonly id: string;
  readonly share: Fraction;
  readonly minutes: Fraction;
  readonly dayTypeId: string;
}

/** Gives each its part of what is left, in order. */
function share(
  wishes: readonly Wish[],
  planned: Fraction,
): { claims: Claim[]; ignored: { id: string; reason: string }[] } {
  const claims: Claim[] = [];
  const ignored: { id: string; reason: string }[] = [];
  const taken = new Set<string>();
  let free: Fraction = whole;
  for (const { id, part, minutes, dayTypeId, refusal } of wishes) {
    if (refusal !== null) {
      ignored.push({ id, reason: refusal });
      continue;
    }
    let given: Fraction;
    if (part === 'whole') given = free;
    else if (typeof part === 'string') given = taken.has(part) || isLess(free, half) ? [0n, 1n] : half;
    else given = isLess(part, free) ? part : free;
    if (isZero(planned) || isZero(given)) {
      ignored.push({ id, reason: isZero(planned) ? 'nothing_planned' : 'no_free_time' });
      continue;
    }
    if (typeof part === 'string' && part !== 'whole') taken.add(part);
    free = minus(free, given);
    claims.push({ id, share: given, minutes, dayTypeId });
  }
  return { claims, ignored };
}
