import type { Fact, FactTable } from './fact-table.ts';

type ProfileField =
  | 'id'
  | 'name'
  | 'email'
  | 'emailKey'
  | 'employeeNumber'
  | 'locationId'
  | 'seniorityOn'
  | 'createdOn'
  | 'terminatedOn'
  | 'active'
  | 'updatedAt';

export const profileTable: FactTable<ProfileField> = {
  name: 'profiles',
  key: ['id'],
  columns: {
    id: { column: 'id', type: 'text' },
    name: { column: 'name', type: 'text' },
    email: { column: 'email', type: 'text' },
    emailKey: { column: 'email_key', type: 'text' },
    employeeNumber: { column: 'employee_number', type: 'text' },
    locationId: { column: 'location_id', type: 'text' },
    seniorityOn: { column: 'seniority_on', type: 'date' },
    createdOn: { column: 'created_on', type: 'date' },
    terminatedOn: { column: 'terminated_on', type: 'date' },
    active: { column: 'active', type: 'boolean' },
    updatedAt: { column: 'factorial_updated_at', type: 'timestamptz', volatile: true },
  },
  hasTombstones: true,
};

export interface ProfileFact extends Fact<ProfileField> {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly emailKey: string | null;
  readonly locationId: string | null;
  readonly terminatedOn: string | null;
}

type AbsenceField =
  | 'id'
  | 'profileId'
  | 'absenceTypeId'
  | 'startOn'
  | 'finishOn'
  | 'halfDay'
  | 'hoursInCents'
  | 'approved'
  | 'updatedAt';

export const absenceTable: FactTable<AbsenceField> = {
  name: 'absences',
  key: ['id'],
  columns: {
    id: { column: 'id', type: 'text' },
    profileId: { column: 'profile_id', type: 'text' },
    absenceTypeId: { column: 'absence_type_id', type: 'text' },
    startOn: { column: 'start_on', type: 'date' },
    finishOn: { column: 'finish_on', type: 'date' },
    halfDay: { column: 'half_day', type: 'text' },
    hoursInCents: { column: 'hours_in_cents', type: 'int' },
    approved: { column: 'approved', type: 'boolean' },
    updatedAt: { column: 'factorial_updated_at', type: 'timestamptz', volatile: true },
  },
  hasTombstones: true,
};

export interface StoredAbsence extends Fact<AbsenceField> {
  readonly id: string;
  readonly profileId: string;
  readonly absenceTypeId: string | null;
  readonly startOn: string;
  readonly finishOn: string | null;
  readonly halfDay: string | null;
  readonly approved: boolean | null;
}

type AbsenceTypeField = 'id' | 'name' | 'color' | 'active' | 'workable';

export const absenceTypeTable: FactTable<AbsenceTypeField> = {
  name: 'absence_types',
  key: ['id'],
  columns: {
    id: { column: 'id', type: 'text' },
    name: { column: 'name', type: 'text' },
    color: { column: 'color', type: 'text' },
    active: { column: 'active', type: 'boolean' },
    workable: { column: 'workable', type: 'boolean' },
  },
  hasTombstones: false,
};

export interface StoredAbsenceType extends Fact<AbsenceTypeField> {
  readonly id: string;
  readonly workable: boolean;
}

type HolidayField = 'id' | 'locationId' | 'date' | 'halfDay';

export const holidayTable: FactTable<HolidayField> = {
  name: 'holidays',
  key: ['id'],
  columns: {
    id: { column: 'id', type: 'text' },
    locationId: { column: 'location_id', type: 'text' },
    date: { column: 'date', type: 'date' },
    halfDay: { column: 'half_day', type: 'text' },
  },
  hasTombstones: true,
};

export interface StoredHoliday extends Fact<HolidayField> {
  readonly id: string;
  readonly locationId: string | null;
  readonly date: string;
}

type PlannedField = 'profileId' | 'date' | 'minutes' | 'source';

export const plannedTable: FactTable<PlannedField> = {
  name: 'planned_minutes',
  key: ['profileId', 'date'],
  columns: {
    profileId: { column: 'profile_id', type: 'text' },
    date: { column: 'date', type: 'date' },
    minutes: { column: 'minutes', type: 'numeric' },
    source: { column: 'source', type: 'text' },
  },
  hasTombstones: false,
};

export interface StoredPlan extends Fact<PlannedField> {
  readonly profileId: string;
  readonly date: string;
  readonly minutes: string | null;
  readonly source: string | null;
}
