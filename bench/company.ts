import { addDays, type CivilDate } from '../domain/civil-date.ts';

/** A company in Factorial's shapes, large and made up; the same size always gives the same company. */
export interface CompanyLists {
  readonly employees: FactorialRow[];
  readonly leaves: FactorialRow[];
  readonly leaveTypes: FactorialRow[];
  readonly holidays: FactorialRow[];
}

type FactorialRow = Record<string, unknown> & { readonly id: string };

const absencesPerEmployee = 20;
const locations = 5;
const holidaysPerLocation = 30;
/** Absences lie over the year behind us and the months ahead that are read. */
const daysBack = 390;
const daysOfAbsences = 480;
const createdAt = '2021-02-11T09:15:22.000Z';

/** Ids as new clusters give them: beyond 2^53, ascending. */
const idOf = (kind: number, index: number): string =>
  String(18_446_744_000_000_000_000n + BigInt(kind) * 1_000_000_000n + BigInt(index));
export const profileIdOf = (index: number): string => idOf(1, index);
export const vacationId = idOf(2, 0);

/** So many employees with twenty absences each, of which about five lie in the days that are stored. */
export function makeCompany(employees: number, today: CivilDate): CompanyLists {
  const first = addDays(today, -daysBack);
  const place = (index: number): string => idOf(3, index % locations);
  return {
    employees: Array.from({ length: employees }, (_, index) => toEmployee(index, place(index))),
    leaves: Array.from({ length: employees * absencesPerEmployee }, (_, index) => {
      const person = Math.floor(index / absencesPerEmployee);
      const turn = index % absencesPerEmployee;
      const startOn = addDays(first, turn * (daysOfAbsences / absencesPerEmployee) + (person % 20));
      return toLeave(index, profileIdOf(person), startOn, addDays(startOn, index % 3));
    }),
    leaveTypes: [
      { id: vacationId, name: 'Vacaciones', color: '#2E9E6B', active: true, workable: false, payable: true },
    ],
    holidays: Array.from({ length: locations * holidaysPerLocation }, (_, index) => ({
      id: idOf(4, index),
      location_id: place(index),
      date: addDays(first, Math.floor(index / locations) * (daysOfAbsences / holidaysPerLocation)),
      summary: 'A holiday',
      description: null,
      half_day: null,
    })),
  };
}

/** Changes about this share of employees and of absences, spread evenly; each `turn` others. */
export function changeCompany({ employees, leaves }: CompanyLists, share: number, turn: number): void {
  const every = Math.round(1 / share) - 1; // prime to the absences of an employee: it meets each in turn
  const updatedAt = new Date().toISOString();
  for (let index = turn % every; index < employees.length; index += every) {
    const row = employees[index];
    if (row !== undefined)
      employees[index] = { ...row, company_identifier: `ACME-${turn}-${index}`, updated_at: updatedAt };
  }
  for (let index = turn % every; index < leaves.length; index += every) {
    const row = leaves[index];
    if (row === undefined) continue;
    const finishOn = addDays(String(row['finish_on']), 1);
    leaves[index] = { ...row, finish_on: finishOn, updated_at: updatedAt };
  }
}

function toEmployee(index: number, locationId: string): FactorialRow {
  return {
    id: profileIdOf(index),
    access_id: idOf(5, index),
    company_id: idOf(6, 0),
    first_name: 'Aitana',
    last_name: `Martínez ${index}`,
    full_name: `Aitana Martínez ${index}`,
    email: `aitana.${index}@acme.example`,
    login_email: `aitana.${index}@acme.example`,
    company_identifier: `ACME-${index}`,
    location_id: locationId,
    legal_entity_id: idOf(7, 0),
    manager_id: profileIdOf(0),
    active: true,
    attendable: true,
    is_terminating: false,
    terminated_on: null,
    seniority_calculation_date: '2021-03-01',
    birthday_on: null,
    nationality: 'es',
    country: 'es',
    city: 'Barcelona',
    postal_code: '08000',
    created_at: createdAt,
    updated_at: createdAt,
  };
}

function toLeave(index: number, profileId: string, startOn: CivilDate, finishOn: CivilDate): FactorialRow {
  return {
    id: idOf(8, index),
    company_id: idOf(6, 0),
    employee_id: profileId,
    start_on: startOn,
    finish_on: finishOn,
    half_day: null,
    start_time: null,
    hours_amount_in_cents: null,
    approved: true,
    leave_type_id: vacationId,
    leave_type_name: null,
    employee_full_name: null,
    description: null,
    reason: null,
    days_taken: 1,
    duration_attributes: null,
    created_at: createdAt,
    updated_at: createdAt,
    deleted_at: null,
  };
}
