import { earlier, weekday, type CivilDate } from './civil-date.ts';

/**
 * From facts to a calendar day: the only place where a day's minutes are decided (design.md 5).
 * Pure: the same facts always give the same day.
 */

/** Ids of the day types that every tenant has. */
export const builtInDayTypes = { workingDay: 'working_day', dayOff: 'day_off', holiday: 'holiday' } as const;

export interface HolidayFact {
  readonly id: string;
  readonly locationId: string | null;
  readonly date: CivilDate;
  readonly halfDay: string | null;
  readonly readNumber: string;
}

export interface AbsenceFact {
  readonly id: string;
  readonly absenceTypeId: string | null;
  readonly startOn: CivilDate;
  /** Null: open-ended. */
  readonly finishOn: CivilDate | null;
  readonly halfDay: string | null;
  readonly hoursInCents: number | null;
  /** true approved, false rejected, null pending. */
  readonly approved: boolean | null;
  readonly readNumber: string;
}

export interface PlannedFact {
  /** Decimal text, exact; null where Factorial sent no number. */
  readonly minutes: string | null;
  readonly source: string | null;
  readonly readNumber: string;
}

/** What an absence type means for days. */
export type AbsenceMeaning =
  | {
      readonly status: 'mapped';
      readonly dayTypeId: string;
      readonly minutes: number;
      readonly version: number;
      readonly workable: boolean;
    }
  | { readonly status: 'ignored' }
  | { readonly status: 'to_be_mapped' };

export interface EditFact {
  readonly dayTypeId: string;
  readonly expectedMinutes: number;
}

/** Everything that an employee's days follow from. Deleted facts are not among them. */
export interface EmployeeFacts {
  readonly startsOn: CivilDate | null;
  readonly endsOn: CivilDate | null;
  /** Null: not linked, or the profile is gone. */
  readonly profile: {
    readonly terminatedOn: CivilDate | null;
    /** Oldest first; the first holds for all earlier days too. */
    readonly locations: readonly { readonly fromOn: CivilDate; readonly locationId: string | null }[];
  } | null;
  readonly planned: ReadonlyMap<CivilDate, PlannedFact>;
  /** Whether Factorial knows the plan of any day of this employee in the horizon. */
  readonly planKnown: boolean;
  /** Minutes from Monday to Sunday: the tenant's setting. */
  readonly defaultWeekMinutes: readonly number[];
  readonly holidays: ReadonlyMap<CivilDate, readonly HolidayFact[]>;
  readonly absences: readonly AbsenceFact[];
  readonly meanings: ReadonlyMap<string, AbsenceMeaning>;
  readonly edits: ReadonlyMap<CivilDate, EditFact>;
}

export type IgnoredReason =
  | 'pending'
  | 'rejected'
  | 'to_be_mapped'
  | 'type_ignored'
  | 'unknown_value'
  | 'nothing_planned'
  | 'no_free_time';

export interface Claim {
  readonly kind: 'holiday' | 'absence';
  readonly factorialId: string;
  /** Part of the day's planned minutes, 0 < share ≤ 1. */
  readonly share: number;
  /** What the claim adds to the expected minutes in place of its share. */
  readonly minutes: number;
  readonly dayTypeId: string;
  /** Null for a holiday. */
  readonly mappingVersion: number | null;
  readonly readNumber: string;
}

/** Why a day is as it is; stored with the day. */
export interface DayProvenance {
  readonly planned: {
    readonly minutes: number;
    readonly origin: 'factorial' | 'default_week';
    readonly readNumber: string | null;
  };
  readonly claims: readonly Claim[];
  readonly ignored: readonly { readonly factorialId: string; readonly reason: IgnoredReason }[];
  /** What the day would be without a manual edit; null for an employee without a profile. */
  readonly factorial: { readonly dayTypeId: string; readonly expectedMinutes: number } | null;
  readonly manualEdit: boolean;
}

export interface ComputedDay {
  readonly date: CivilDate;
  readonly dayTypeId: string;
  readonly plannedMinutes: number;
  readonly expectedMinutes: number;
  readonly source: 'manual' | 'default' | 'factorial';
  readonly provenance: DayProvenance;
}

/** Whether the employee is employed on that day: both ends inclusive. */
export function isEmployed(
  facts: Pick<EmployeeFacts, 'startsOn' | 'endsOn' | 'profile'>,
  date: CivilDate,
): boolean {
  if (facts.startsOn !== null && date < facts.startsOn) return false;
  const last = lastDay(facts.endsOn, facts.profile?.terminatedOn ?? null);
  return last === null || date <= last;
}

/** The last day of employment: the earlier of WorkMeter's and Factorial's; null = none known. */
export function lastDay(endsOn: CivilDate | null, terminatedOn: CivilDate | null): CivilDate | null {
  if (endsOn === null) return terminatedOn;
  return terminatedOn === null ? endsOn : earlier(endsOn, terminatedOn);
}

/** The day of an employee, or null when the employee is not employed then. */
export function expectedDay(facts: EmployeeFacts, date: CivilDate): ComputedDay | null {
  if (!isEmployed(facts, date)) return null;
  const planned = plannedOn(facts, date);
  const outcome = settleClaims(candidatesOn(facts, date), planned.units);
  const edit = facts.edits.get(date);
  const source = planned.origin === 'default_week' && outcome.claims.length === 0 ? 'default' : 'factorial';
  const provenance: DayProvenance = {
    planned: { minutes: toNumber(planned.units), origin: planned.origin, readNumber: planned.readNumber },
    claims: outcome.claims,
    ignored: outcome.ignored,
    factorial:
      facts.profile === null
        ? null
        : { dayTypeId: outcome.dayTypeId, expectedMinutes: outcome.expectedMinutes },
    manualEdit: edit !== undefined,
  };
  const plannedMinutes = roundHalfUp(planned.units, scale);
  if (edit === undefined) {
    return {
      date,
      dayTypeId: outcome.dayTypeId,
      plannedMinutes,
      expectedMinutes: outcome.expectedMinutes,
      source,
      provenance,
    };
  }
  return {
    date,
    dayTypeId: edit.dayTypeId,
    plannedMinutes,
    expectedMinutes: edit.expectedMinutes,
    source: 'manual',
    provenance,
  };
}

/** Whether a planned row says anything about its day (rule 1 of design.md 5). */
export function isPlanKnown(fact: Pick<PlannedFact, 'minutes' | 'source'>): boolean {
  return fact.minutes !== null && fact.source !== 'none';
}

// Exact arithmetic: minutes as whole numbers of 1/20,000 minute. That holds four decimals of a plan, its halves,
// and hundredths of an hour (0.6 minutes) without a remainder.
const scale = 20_000n;
const unitsPerHourCent = 12_000n;

function plannedOn(
  facts: EmployeeFacts,
  date: CivilDate,
): { units: bigint; origin: 'factorial' | 'default_week'; readNumber: string | null } {
  const fact = facts.planned.get(date);
  if (fact !== undefined && fact.minutes !== null && fact.source !== 'none') {
    return { units: toUnits(fact.minutes), origin: 'factorial', readNumber: fact.readNumber };
  }
  if (facts.profile !== null && facts.planKnown)
    return { units: 0n, origin: 'factorial', readNumber: fact?.readNumber ?? null };
  return {
    units: BigInt(facts.defaultWeekMinutes[weekday(date)] ?? 0) * scale,
    origin: 'default_week',
    readNumber: null,
  };
}

/** What a fact wants of a day: all that is free, its own half, or an amount of time. */
type Wish =
  | { readonly take: 'whole' }
  | { readonly take: 'half'; readonly half: 0 | 1 }
  | { readonly take: 'hours'; readonly units: bigint }
  | { readonly take: 'nothing'; readonly reason: IgnoredReason };

interface Candidate {
  readonly kind: 'holiday' | 'absence';
  readonly id: string;
  readonly wish: Wish;
  readonly workable: boolean;
  /** Minutes of a whole such day; for a workable type its planned minutes count instead. */
  readonly dayMinutes: number;
  readonly dayTypeId: string;
  readonly mappingVersion: number | null;
  readonly readNumber: string;
}

function candidatesOn(facts: EmployeeFacts, date: CivilDate): Candidate[] {
  if (facts.profile === null) return [];
  const location = locationOn(facts.profile.locations, date);
  const holidays = (facts.holidays.get(date) ?? [])
    .filter((holiday) => location !== null && holiday.locationId === location)
    .map(toHolidayCandidate);
  const absences = facts.absences
    .filter((absence) => touches(absence, date))
    .map((absence) => toAbsenceCandidate(absence, date, facts.meanings));
  return [...holidays, ...absences].sort(byPrecedence);
}

/** Where a profile worked on a date, as observed: the latest observation up to then, or the first one. */
export function locationOn(
  locations: readonly { readonly fromOn: CivilDate; readonly locationId: string | null }[],
  date: CivilDate,
): string | null {
  let found = locations[0]?.locationId ?? null;
  for (const one of locations) if (one.fromOn <= date) found = one.locationId;
  return found;
}

/** Whether an absence lies on a date; an open-ended one has no end. */
export function touches(absence: Pick<AbsenceFact, 'startOn' | 'finishOn'>, date: CivilDate): boolean {
  return absence.startOn <= date && (absence.finishOn === null || date <= absence.finishOn);
}

function toHolidayCandidate(holiday: HolidayFact): Candidate {
  return {
    kind: 'holiday',
    id: holiday.id,
    wish: holiday.halfDay === null ? { take: 'whole' } : halfWish(holiday.halfDay),
    workable: false,
    dayMinutes: 0,
    dayTypeId: builtInDayTypes.holiday,
    mappingVersion: null,
    readNumber: holiday.readNumber,
  };
}

function halfWish(halfDay: string): Wish {
  if (halfDay === 'beginning_of_day') return { take: 'half', half: 0 };
  if (halfDay === 'end_of_day') return { take: 'half', half: 1 };
  return { take: 'nothing', reason: 'unknown_value' };
}

function toAbsenceCandidate(
  absence: AbsenceFact,
  date: CivilDate,
  meanings: ReadonlyMap<string, AbsenceMeaning>,
): Candidate {
  const meaning = (absence.absenceTypeId === null ? undefined : meanings.get(absence.absenceTypeId)) ?? {
    status: 'to_be_mapped',
  };
  const mapped = meaning.status === 'mapped' ? meaning : null;
  return {
    kind: 'absence',
    id: absence.id,
    wish: absenceWish(absence, date, meaning),
    workable: mapped?.workable ?? false,
    dayMinutes: mapped?.minutes ?? 0,
    dayTypeId: mapped?.dayTypeId ?? '',
    mappingVersion: mapped?.version ?? null,
    readNumber: absence.readNumber,
  };
}

function absenceWish(absence: AbsenceFact, date: CivilDate, meaning: AbsenceMeaning): Wish {
  if (absence.approved === null) return { take: 'nothing', reason: 'pending' };
  if (!absence.approved) return { take: 'nothing', reason: 'rejected' };
  if (meaning.status === 'ignored') return { take: 'nothing', reason: 'type_ignored' };
  if (meaning.status === 'to_be_mapped') return { take: 'nothing', reason: 'to_be_mapped' };
  return portionOn(absence, date);
}

/** Which part of the day an absence is about. `half_day` wins over hours and is ignored without an end. */
function portionOn(absence: AbsenceFact, date: CivilDate): Wish {
  const { startOn, finishOn, halfDay, hoursInCents } = absence;
  if (halfDay !== null && finishOn !== null) {
    const wish = halfWish(halfDay);
    if (wish.take !== 'half' || startOn === finishOn) return wish;
    // Over several days the half belongs to one end: the afternoon of the first day, the morning of the last.
    const isThatEnd = wish.half === 1 ? date === startOn : date === finishOn;
    return isThatEnd ? wish : { take: 'whole' };
  }
  if (hoursInCents !== null && hoursInCents > 0)
    return { take: 'hours', units: BigInt(hoursInCents) * unitsPerHourCent };
  return { take: 'whole' };
}

/** Holiday, whole days, half days, hours; then workable types in the same order; within a kind by Factorial id. */
function byPrecedence(a: Candidate, b: Candidate): number {
  return rank(a) - rank(b) || a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const wishRank = { whole: 1, half: 2, hours: 3, nothing: 4 } as const;

function rank(candidate: Candidate): number {
  return (candidate.workable ? 10 : 0) + (candidate.kind === 'holiday' ? 0 : wishRank[candidate.wish.take]);
}

interface Outcome {
  readonly claims: Claim[];
  readonly ignored: { factorialId: string; reason: IgnoredReason }[];
  readonly dayTypeId: string;
  readonly expectedMinutes: number;
}

/** Gives each candidate what is still free, in order, and sums up: expected = P·(1 − Σs) + Σ s·d. */
function settleClaims(candidates: readonly Candidate[], planned: bigint): Outcome {
  const free = new FreeTime(planned);
  const claims: Claim[] = [];
  const ignored: Outcome['ignored'] = [];
  let largest = 0n;
  let dayTypeId: string = planned > 0n ? builtInDayTypes.workingDay : builtInDayTypes.dayOff;
  let added = 0n; // Σ a·d, in units²
  for (const candidate of candidates) {
    const { wish } = candidate;
    if (wish.take === 'nothing') {
      ignored.push({ factorialId: candidate.id, reason: wish.reason });
      continue;
    }
    const amount = free.take(wish);
    if (amount === 0n) {
      ignored.push({
        factorialId: candidate.id,
        reason: planned === 0n ? 'nothing_planned' : 'no_free_time',
      });
      continue;
    }
    const whole = candidate.workable ? planned : BigInt(candidate.dayMinutes) * scale;
    added += amount * whole;
    if (amount > largest) {
      largest = amount;
      ({ dayTypeId } = candidate);
    }
    claims.push({
      kind: candidate.kind,
      factorialId: candidate.id,
      share: Number(amount) / Number(planned),
      minutes: Number(amount * whole) / Number(planned) / Number(scale),
      dayTypeId: candidate.dayTypeId,
      mappingVersion: candidate.mappingVersion,
      readNumber: candidate.readNumber,
    });
  }
  const expectedMinutes = planned === 0n ? 0 : roundHalfUp(free.left * planned + added, planned * scale);
  return { claims, ignored, dayTypeId, expectedMinutes };
}

/** What is left of a day's planned time: two halves, and time taken by hours that belongs to neither. */
class FreeTime {
  left: bigint;
  private readonly half: bigint;
  private readonly halfTaken: [boolean, boolean] = [false, false];

  constructor(planned: bigint) {
    this.left = planned;
    this.half = planned / 2n;
  }

  take(wish: Exclude<Wish, { take: 'nothing' }>): bigint {
    let amount: bigint;
    switch (wish.take) {
      case 'whole':
        amount = this.left;
        break;
      case 'half':
        amount = this.halfTaken[wish.half] || this.left < this.half ? 0n : this.half;
        if (amount > 0n) this.halfTaken[wish.half] = true;
        break;
      case 'hours':
        amount = wish.units < this.left ? wish.units : this.left;
        break;
    }
    this.left -= amount;
    return amount;
  }
}

/** Decimal text with at most four decimals, in units; less than nothing is nothing. */
function toUnits(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  if (whole.startsWith('-')) return 0n;
  return (BigInt(whole) * 10_000n + BigInt(fraction.slice(0, 4).padEnd(4, '0'))) * (scale / 10_000n);
}

const toNumber = (units: bigint): number => Number(units) / Number(scale);

/** `numerator / denominator` to the nearest whole number, a half upwards. Neither is negative. */
function roundHalfUp(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator));
}
