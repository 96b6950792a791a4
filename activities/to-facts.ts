import { toEmailKey } from '../domain/onboarding.ts';
import type { AbsenceTypeRecord } from '../factorial/resources/absence-types.ts';
import type { AbsenceRecord } from '../factorial/resources/absences.ts';
import type { ProfileRecord } from '../factorial/resources/employees.ts';
import type { HolidayRecord } from '../factorial/resources/holidays.ts';
import type { PlannedMinutesRecord } from '../factorial/resources/planned-minutes.ts';
import type {
  ProfileFact,
  StoredAbsence,
  StoredAbsenceType,
  StoredHoliday,
  StoredPlan,
} from '../repositories/fact-tables.ts';

/** What the client read, in the form that facts are stored in. */

export function toProfileFact(record: ProfileRecord): ProfileFact & { createdAt: Date | null } {
  const {
    id,
    name,
    email,
    employeeNumber,
    locationId,
    seniorityOn,
    createdOn,
    createdAt,
    terminatedOn,
    active,
  } = record;
  const updatedAt = record.updatedAt?.toISOString() ?? null;
  return {
    id,
    name,
    email,
    emailKey: toEmailKey(email),
    employeeNumber,
    locationId,
    seniorityOn,
    createdOn,
    terminatedOn,
    active,
    updatedAt,
    createdAt,
  };
}

export function toAbsenceFact(record: AbsenceRecord): StoredAbsence & { deletedAt: Date | null } {
  const { id, profileId, absenceTypeId, startOn, finishOn, halfDay, hoursInCents, approved, deletedAt } =
    record;
  const updatedAt = record.updatedAt?.toISOString() ?? null;
  return {
    id,
    profileId,
    absenceTypeId,
    startOn,
    finishOn,
    halfDay,
    hoursInCents,
    approved,
    updatedAt,
    deletedAt,
  };
}

export function toAbsenceTypeFact({
  id,
  name,
  color,
  active,
  workable,
}: AbsenceTypeRecord): StoredAbsenceType {
  return { id, name, color, active, workable };
}

export function toHolidayFact({ id, locationId, date, halfDay }: HolidayRecord): StoredHoliday {
  return { id, locationId, date, halfDay };
}

export function toPlanFact({ profileId, date, expectedMinutes, source }: PlannedMinutesRecord): StoredPlan {
  return { profileId, date, minutes: expectedMinutes, source };
}
