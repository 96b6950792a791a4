import { fromCivil } from '../../../repositories/civil.ts';
import type { Database } from '../../../repositories/database.ts';

/** Facts as a sync would have written them. Today is `today` in every suite that uses these. */
export const today = '2026-11-22';
export const nowMs = Date.parse(`${today}T10:00:00Z`);

let tenants = 0;
/** A tenant of its own for each test, so that tests of one file do not meet. */
export const nextTenant = (): string => `tenant-${(tenants += 1)}`;

export async function makeProfile(
  db: Database,
  tenantId: string,
  id: string,
  more: {
    name?: string;
    email?: string | null;
    terminatedOn?: string;
    deleted?: boolean;
    locationId?: string;
    active?: boolean | null;
  } = {},
): Promise<void> {
  const {
    name = `Profile ${id}`,
    email = null,
    terminatedOn,
    deleted = false,
    locationId,
    active = true,
  } = more;
  await db.profile.create({
    data: {
      tenantId,
      id,
      name,
      email,
      emailKey: email?.trim().toLowerCase() ?? null,
      active,
      terminatedOn: terminatedOn === undefined ? null : fromCivil(terminatedOn),
      deletedAt: deleted ? new Date(nowMs) : null,
      locationId: locationId ?? null,
      readNumber: 1n,
      changedReadNumber: 1n,
    },
  });
  if (locationId === undefined) return;
  await db.profileLocation.create({
    data: { tenantId, profileId: id, fromOn: fromCivil('2026-01-01'), locationId },
  });
}

export async function makeAbsenceType(
  db: Database,
  tenantId: string,
  id: string,
  more: { name?: string; workable?: boolean } = {},
): Promise<void> {
  const { name = `Type ${id}`, workable = false } = more;
  const numbers = { readNumber: 1n, changedReadNumber: 1n };
  await db.absenceType.create({
    data: { tenantId, id, name, color: '#123456', active: true, workable, ...numbers },
  });
}

export async function makeAbsence(
  db: Database,
  tenantId: string,
  id: string,
  more: {
    profileId: string;
    absenceTypeId: string | null;
    startOn?: string;
    finishOn?: string | null;
    approved?: boolean | null;
    deleted?: boolean;
    halfDay?: string;
    readNumber?: bigint;
  },
): Promise<void> {
  const {
    startOn = '2026-11-24',
    finishOn = startOn,
    approved = true,
    deleted = false,
    readNumber = 1n,
  } = more;
  await db.absence.create({
    data: {
      tenantId,
      id,
      profileId: more.profileId,
      absenceTypeId: more.absenceTypeId,
      startOn: fromCivil(startOn),
      finishOn: fromCivil(finishOn),
      halfDay: more.halfDay ?? null,
      approved,
      deletedAt: deleted ? new Date(nowMs) : null,
      readNumber,
      changedReadNumber: readNumber,
    },
  });
}

export async function makeHoliday(
  db: Database,
  tenantId: string,
  id: string,
  more: { locationId: string; date: string; readNumber?: bigint },
): Promise<void> {
  const { locationId, date, readNumber = 1n } = more;
  await db.holiday.create({
    data: { tenantId, id, locationId, date: fromCivil(date), readNumber, changedReadNumber: readNumber },
  });
}

export async function makePlan(
  db: Database,
  tenantId: string,
  more: { profileId: string; date: string; minutes: number; readNumber?: bigint },
): Promise<void> {
  const { profileId, date, minutes, readNumber = 1n } = more;
  await db.plannedMinutes.create({
    data: {
      tenantId,
      profileId,
      date: fromCivil(date),
      minutes,
      source: 'contract',
      readNumber,
      changedReadNumber: readNumber,
    },
  });
}

/** A read of Factorial that facts can point to. Answers its number. */
export async function makeRead(
  db: Database,
  tenantId: string,
  viaType: string,
  viaId: string,
): Promise<bigint> {
  const read = await db.read.create({
    data: {
      tenantId,
      at: new Date(nowMs),
      viaType,
      viaId,
      workflowId: `workflow of ${viaId}`,
      runId: `run of ${viaId}`,
    },
  });
  return read.number;
}
