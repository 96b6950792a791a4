import { randomBytes } from 'node:crypto';
import { eachDay } from '../../domain/civil-date.ts';
import type { CivilDate } from '../../domain/civil-date.ts';
import { fromCivil } from '../../repositories/civil.ts';
import type { Database } from '../../repositories/database.ts';
import type { ProfileFact, StoredAbsence, StoredPlan } from '../../repositories/fact-tables.ts';
import { ensureTenant } from '../../repositories/tenants.ts';

/** A tenant that is connected, in generation 1, with its built-in day types and nothing else. */
export async function createConnectedTenant(db: Database): Promise<string> {
  const tenantId = `tenant-${randomBytes(5).toString('hex')}`;
  await ensureTenant(db, tenantId);
  const connectedAt = new Date('2026-01-01T00:00:00Z');
  await db.connection.create({ data: { tenantId, generation: 1, status: 'connected', connectedAt } });
  return tenantId;
}

/** An employee of WorkMeter, linked where a profile is named. */
export async function createEmployee(
  db: Database,
  tenantId: string,
  id: string,
  {
    profileId,
    email = null,
    startsOn = null,
    endsOn = null,
  }: {
    profileId?: string;
    email?: string | null;
    startsOn?: CivilDate | null;
    endsOn?: CivilDate | null;
  } = {},
): Promise<void> {
  const dates = { startsOn: fromCivil(startsOn), endsOn: fromCivil(endsOn) };
  await db.employee.create({
    data: { tenantId, id, name: `Name of ${id}`, email, emailKey: email, createdBy: 'time@work', ...dates },
  });
  if (profileId === undefined) return;
  await db.employeeLink.create({ data: { tenantId, employeeId: id, profileId, linkedBy: 'test' } });
}

export function makeProfile(
  id: string,
  changes: Partial<ProfileFact> = {},
): ProfileFact & { createdAt: Date | null } {
  return {
    id,
    name: `Name of ${id}`,
    email: null,
    emailKey: null,
    employeeNumber: null,
    locationId: null,
    seniorityOn: null,
    createdOn: null,
    terminatedOn: null,
    active: true,
    updatedAt: null,
    createdAt: null,
    ...changes,
  };
}

/** An approved whole day of absence. */
export function makeAbsence(
  id: string,
  profileId: string,
  on: CivilDate,
  changes: Partial<StoredAbsence> & { deletedAt?: Date | null } = {},
): StoredAbsence & { deletedAt: Date | null } {
  return {
    id,
    profileId,
    absenceTypeId: 'vacation',
    startOn: on,
    finishOn: on,
    halfDay: null,
    hoursInCents: null,
    approved: true,
    updatedAt: null,
    deletedAt: null,
    ...changes,
  };
}

export function makePlans(
  profileId: string,
  from: CivilDate,
  to: CivilDate,
  minutes: string | null,
): StoredPlan[] {
  return [...eachDay(from, to)].map((date) => ({ profileId, date, minutes, source: 'schedule' }));
}
