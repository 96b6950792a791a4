import { later, type CivilDate } from '../domain/civil-date.ts';
import { deleteFacts, writeFacts, type NumberOf, type WriteOutcome } from './fact-table.ts';
import {
  absenceTable,
  absenceTypeTable,
  holidayTable,
  plannedTable,
  profileTable,
  type ProfileFact,
  type StoredAbsence,
  type StoredAbsenceType,
  type StoredHoliday,
  type StoredPlan,
} from './fact-tables.ts';
import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';
import { markAbsenceType, markForRecompute, suggestionMarks, type NewMark } from './marks.ts';
import { holdMeanings, shareMeanings } from './meanings-lock.ts';

/**
 * Writes of what was read from Factorial. Each one marks, in the same transaction, the employees whose days follow from
 * what changed: so days are computed even when the process dies right after the commit.
 */

/** First day of what was observed before anything else was: earlier than any date in use. */
const always: CivilDate = '0001-01-01';

export interface ProfileContext {
  /** The day from which a newly seen location holds. */
  readonly today: CivilDate;
  /** Profiles created before this instant, and found by the first synchronisation, are the base to match against. */
  readonly baselineBefore: Date | null;
}

/** Writes profiles with their observed locations. An employee's change also means that the plan must be read again. */
export async function saveProfiles(
  tx: Transaction,
  tenantId: string,
  numberOf: NumberOf<{ id: string }>,
  profiles: readonly (ProfileFact & { createdAt: Date | null })[],
  context: ProfileContext,
): Promise<WriteOutcome<ProfileFact>> {
  const createdAtOf = new Map(profiles.map((profile) => [profile.id, profile.createdAt]));
  const facts = profiles.map(({ createdAt, ...fact }) => fact as ProfileFact);
  const outcome = await writeFacts(tx, profileTable, tenantId, numberOf, facts);
  const fresh = outcome.created.map((profile) => profile.id);
  const { baselineBefore } = context;
  if (baselineBefore !== null && fresh.length > 0) {
    const baseline = fresh.filter((id) => (createdAtOf.get(id) ?? baselineBefore) <= baselineBefore);
    await tx.profile.updateMany({ where: { tenantId, id: { in: baseline } }, data: { baseline: true } });
  }
  const moved = outcome.updated.filter(({ before, after }) => before.locationId !== after.locationId);
  await tx.profileLocation.createMany({
    data: outcome.created.map(({ id, locationId }) => ({
      tenantId,
      profileId: id,
      fromOn: asDate(always),
      locationId,
    })),
    skipDuplicates: true,
  });
  for (const { after } of moved) {
    const key = { tenantId, profileId: after.id, fromOn: asDate(context.today) };
    await tx.profileLocation.upsert({
      where: { tenantId_profileId_fromOn: key },
      create: { ...key, locationId: after.locationId },
      update: { locationId: after.locationId },
    });
  }
  const changed = new Map<string, CivilDate | null>([
    ...outcome.updated.map(({ before, after, wasDeleted }): [string, CivilDate | null] => [
      after.id,
      before.terminatedOn === after.terminatedOn && !wasDeleted ? context.today : null,
    ]),
    ...fresh.map((id): [string, null] => [id, null]),
  ]);
  await markProfiles(
    tx,
    tenantId,
    [...changed].map(([profileId, fromOn]) => ({ profileId, fromOn, toOn: null })),
    await suggestionMarks(tx, tenantId, [
      ...outcome.created.map((profile) => profile.emailKey),
      ...outcome.updated.flatMap(({ before, after }) => [before.emailKey, after.emailKey]),
    ]),
  );
  return outcome;
}

/** Writes absences; those with `deletedAt` become tombstones. */
export async function saveAbsences(
  tx: Transaction,
  tenantId: string,
  numberOf: NumberOf<{ id: string }>,
  absences: readonly (StoredAbsence & { deletedAt: Date | null })[],
): Promise<WriteOutcome<StoredAbsence> & { deleted: StoredAbsence[] }> {
  const toFact = ({ deletedAt, ...fact }: (typeof absences)[number]): StoredAbsence => fact;
  const alive = absences.filter((absence) => absence.deletedAt === null).map(toFact);
  const gone = new Map(
    absences.filter((absence) => absence.deletedAt !== null).map((absence) => [absence.id, toFact(absence)]),
  );
  const outcome = await writeFacts(tx, absenceTable, tenantId, numberOf, alive);
  await markAbsences(tx, tenantId, [
    ...outcome.created,
    ...outcome.updated.flatMap(({ before, after }) => [before, after]),
  ]);
  const deleted: StoredAbsence[] = [];
  for (const readNumber of new Set([...gone.values()].map(numberOf))) {
    const ids = [...gone.values()].filter((absence) => numberOf(absence) === readNumber).map(({ id }) => id);
    deleted.push(
      ...(await deleteAbsences(tx, tenantId, readNumber, ids, (id) => gone.get(id) ?? neverSeen(id))),
    );
  }
  return { ...outcome, deleted };
}

/** What is kept of an absence that was gone before we ever saw it: its id, for its tombstone. */
const neverSeen = (id: string): StoredAbsence => ({
  id,
  profileId: '',
  absenceTypeId: null,
  startOn: always,
  finishOn: always,
  halfDay: null,
  hoursInCents: null,
  approved: null,
  updatedAt: null,
});

/**
 * Puts tombstones on absences that no newer read has seen, also on those never seen at all, and marks their days.
 * Answers those that were there.
 */
export async function deleteAbsences(
  tx: Transaction,
  tenantId: string,
  readNumber: bigint,
  ids: readonly string[],
  unseen: (id: string) => StoredAbsence = neverSeen,
): Promise<StoredAbsence[]> {
  const deleted = await deleteFacts<keyof typeof absenceTable.columns, StoredAbsence>(
    tx,
    absenceTable,
    tenantId,
    readNumber,
    ids,
    unseen,
  );
  await markAbsences(tx, tenantId, deleted);
  return deleted;
}

/** Writes absence types; one that starts or stops counting as work changes the days of its absences. */
export async function saveAbsenceTypes(
  tx: Transaction,
  tenantId: string,
  numberOf: NumberOf<{ id: string }>,
  types: readonly StoredAbsenceType[],
): Promise<WriteOutcome<StoredAbsenceType>> {
  const outcome = await writeFacts(tx, absenceTypeTable, tenantId, numberOf, types);
  const workableChanged = outcome.updated.filter(({ before, after }) => before.workable !== after.workable);
  const concerned = [...outcome.created, ...workableChanged.map((one) => one.after)];
  if (concerned.length > 0) await holdMeanings(tx, tenantId);
  for (const { id } of concerned) await markAbsenceType(tx, tenantId, id);
  return outcome;
}

/** Writes holidays and marks the people of their locations, on those dates. */
export async function saveHolidays(
  tx: Transaction,
  tenantId: string,
  numberOf: NumberOf<{ id: string }>,
  holidays: readonly StoredHoliday[],
): Promise<WriteOutcome<StoredHoliday>> {
  const outcome = await writeFacts(tx, holidayTable, tenantId, numberOf, holidays);
  await markHolidays(tx, tenantId, [
    ...outcome.created,
    ...outcome.updated.flatMap(({ before, after }) => [before, after]),
  ]);
  return outcome;
}

export async function deleteHolidays(
  tx: Transaction,
  tenantId: string,
  readNumber: bigint,
  ids: readonly string[],
): Promise<StoredHoliday[]> {
  const deleted = await deleteFacts<keyof typeof holidayTable.columns, StoredHoliday>(
    tx,
    holidayTable,
    tenantId,
    readNumber,
    ids,
  );
  await markHolidays(tx, tenantId, deleted);
  return deleted;
}

export async function deleteProfiles(
  tx: Transaction,
  tenantId: string,
  readNumber: bigint,
  ids: readonly string[],
): Promise<ProfileFact[]> {
  const deleted = await deleteFacts<keyof typeof profileTable.columns, ProfileFact>(
    tx,
    profileTable,
    tenantId,
    readNumber,
    ids,
  );
  await markProfiles(
    tx,
    tenantId,
    deleted.map(({ id }) => ({ profileId: id, fromOn: null, toOn: null })),
    await suggestionMarks(
      tx,
      tenantId,
      deleted.map((profile) => profile.emailKey),
    ),
  );
  return deleted;
}

/** What Factorial told of the plans of some profiles. */
export interface PlanListing {
  readonly plans: readonly StoredPlan[];
  /** Whether every day that it announced came. */
  readonly isWhole: boolean;
  /** Whether the whole window was asked for: of a part of it, the links do not count as read. */
  readonly spansWindow: boolean;
}

/**
 * Writes the plan of some profiles for a range of dates; where that is the whole window, their links count as read. Stored days that a whole
 * answer did not have say nothing from now on. An answer without a single day is not whole where days are known: it is how
 * a missing permission may look.
 */
export async function savePlannedMinutes(
  tx: Transaction,
  tenantId: string,
  readNumber: bigint,
  profileIds: readonly string[],
  range: { from: CivilDate; to: CivilDate },
  { plans, isWhole: isListed, spansWindow }: PlanListing,
): Promise<WriteOutcome<StoredPlan> & { isWhole: boolean }> {
  const told = new Set(plans.map((plan) => `${plan.profileId}/${plan.date}`));
  const stored = await runPrepared<{ profileId: string; date: CivilDate }>(
    tx,
    'stored-plans',
    Prisma.sql`
    SELECT profile_id AS "profileId", date::text FROM planned_minutes
    WHERE tenant_id = ${tenantId} AND profile_id = ANY(${toArrayLiteral(profileIds)}::text::text[])
      AND date BETWEEN ${range.from}::date AND ${range.to}::date`,
  );
  const isWhole = isListed && (plans.length > 0 || stored.length === 0);
  const silent = (isWhole ? stored : [])
    .filter(({ profileId, date }) => !told.has(`${profileId}/${date}`))
    .map((plan): StoredPlan => ({ ...plan, minutes: null, source: null }));
  const outcome = await writeFacts(tx, plannedTable, tenantId, () => readNumber, [...plans, ...silent]);
  if (spansWindow) await notePlansRead(tx, tenantId, readNumber, profileIds);
  // A first known day ends the default week everywhere, also on stored days that have left the horizon.
  const changed = new Set(
    [...outcome.created, ...outcome.updated.map((one) => one.after)].map((plan) => plan.profileId),
  );
  await markProfiles(
    tx,
    tenantId,
    [...changed].map((profileId) => ({ profileId, fromOn: null, toOn: null })),
  );
  return { ...outcome, isWhole };
}

/** The plan of these profiles counts as read, as of a read number. */
export async function notePlansRead(
  tx: Transaction,
  tenantId: string,
  readNumber: bigint,
  profileIds: readonly string[],
): Promise<void> {
  await runPrepared(
    tx,
    'note-plans-read',
    Prisma.sql`
    UPDATE employee_links SET planned_read_number = ${readNumber}
    WHERE tenant_id = ${tenantId} AND profile_id = ANY(${toArrayLiteral(profileIds)}::text::text[])
      AND (planned_read_number IS NULL OR planned_read_number < ${readNumber})
      AND (planned_wanted IS NULL OR planned_wanted < ${readNumber})`,
  );
}

/** All linked profiles: their plans must be read anew. */
export async function requestAllPlannedMinutes(tx: Transaction, tenantId: string): Promise<number> {
  return tx.$executeRaw`
    UPDATE employee_links SET planned_read_number = NULL, planned_wanted = nextval('read_numbers')
    WHERE tenant_id = ${tenantId}`;
}

/** Profiles of linked employees whose plan must be read, for a webhook about an employee or a work schedule. */
export async function requestPlannedMinutes(
  tx: Transaction,
  tenantId: string,
  profileIds: readonly string[],
): Promise<number> {
  return tx.$executeRaw`
    UPDATE employee_links SET planned_read_number = NULL, planned_wanted = nextval('read_numbers')
    WHERE tenant_id = ${tenantId} AND profile_id = ANY(${[...profileIds]})`;
}

async function markAbsences(
  tx: Transaction,
  tenantId: string,
  absences: readonly StoredAbsence[],
): Promise<void> {
  await markProfiles(
    tx,
    tenantId,
    absences.map(({ profileId, startOn, finishOn }) => ({
      profileId,
      fromOn: startOn,
      toOn: finishOn === null ? null : later(startOn, finishOn),
    })),
  );
}

async function markProfiles(
  tx: Transaction,
  tenantId: string,
  ranges: readonly { profileId: string; fromOn: CivilDate | null; toOn: CivilDate | null }[],
  others: readonly NewMark[] = [],
): Promise<void> {
  if (ranges.length === 0) return;
  await shareMeanings(tx, tenantId);
  const links = await tx.employeeLink.findMany({
    where: { tenantId, profileId: { in: [...new Set(ranges.map((range) => range.profileId))] } },
    select: { employeeId: true, profileId: true },
  });
  const employeeOf = new Map(links.map((link) => [link.profileId, link.employeeId]));
  const marks = ranges.flatMap(({ profileId, fromOn, toOn }): NewMark[] => {
    const employeeId = employeeOf.get(profileId);
    return employeeId === undefined ? [] : [{ employeeId, fromOn, toOn }];
  });
  await markForRecompute(tx, tenantId, [...marks, ...others]);
}

async function markHolidays(
  tx: Transaction,
  tenantId: string,
  holidays: readonly StoredHoliday[],
): Promise<void> {
  const dates = new Map<string, { from: CivilDate; to: CivilDate }>();
  for (const { locationId, date } of holidays) {
    if (locationId === null) continue;
    const known = dates.get(locationId);
    dates.set(locationId, {
      from: known === undefined || date < known.from ? date : known.from,
      to: known === undefined || date > known.to ? date : known.to,
    });
  }
  if (dates.size === 0) return;
  await holdMeanings(tx, tenantId); // somebody may be moving to that location
  const people = await tx.$queryRaw<{ employeeId: string; locationId: string }[]>`
    SELECT DISTINCT link.employee_id AS "employeeId", place.location_id AS "locationId"
    FROM employee_links link
    JOIN profile_locations place ON place.tenant_id = link.tenant_id AND place.profile_id = link.profile_id
    WHERE link.tenant_id = ${tenantId} AND place.location_id = ANY(${[...dates.keys()]})`;
  const marks = people.flatMap(({ employeeId, locationId }): NewMark[] => {
    const range = dates.get(locationId);
    return range === undefined ? [] : [{ employeeId, fromOn: range.from, toOn: range.to }];
  });
  await markForRecompute(tx, tenantId, marks);
}

const asDate = (date: CivilDate): Date => new Date(`${date}T00:00:00Z`);
