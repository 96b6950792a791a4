import type { Company } from '../company.ts';
import { addDays, startOfDayMs, type Day } from '../dates.ts';
import { publish, type Telling } from '../events.ts';
import type { EmployeeRow } from '../rows.ts';
import { presentEmployee } from '../shapes/employee.ts';
import { timestamp, type World } from '../world.ts';

export type EmployeeEdit = Partial<
  Omit<EmployeeRow, 'id' | 'access_id' | 'company_id' | 'created_at' | 'updated_at'>
>;
export type EmployeeAction =
  | 'create_with_contract'
  | 'invite'
  | 'set_regular_access_start_date'
  | 'terminate'
  | 'unterminate'
  | 'update';

export function createEmployeeRow(
  world: World,
  company: Company,
  input: EmployeeEdit,
  createdAt: string,
): EmployeeRow {
  const id = world.nextId('employee');
  // A short number that recognises the planted values of this person.
  const mark = id.slice(-6);
  return {
    id,
    access_id: world.nextId('access'),
    company_id: company.id,
    first_name: `First${mark}`,
    last_name: `Last${mark}`,
    location_id: company.locations.all()[0]?.id ?? null,
    legal_entity_id: company.legalEntityId,
    default_work_area_id: null,
    created_at: createdAt,
    updated_at: createdAt,
    terminated_on: null,
    termination_reason_type: null,
    termination_reason: null,
    termination_observations: null,
    termination_type_description: null,
    attendable: true,
    email: null,
    login_email: input.email ?? null,
    personal_email: `planted-private-${mark}@personal.example`,
    communications_email: input.email ?? null,
    unconfirmed_communications_email: null,
    company_identifier: `E-${mark}`,
    manager_id: null,
    timeoff_manager_id: null,
    seniority_calculation_date: createdAt.slice(0, 10),
    schedule_id: company.schedules.all()[0]?.id ?? null,
    ...input,
    personal: { ...plantedPersonalData(mark), ...input.personal },
  };
}

/** Values that a test can search for: none of them may be found anywhere outside the HR system. */
export function plantedPersonalData(mark: string): EmployeeRow['personal'] {
  return {
    preferred_name: null,
    birth_name: `PLANTED-BIRTHNAME-${mark}`,
    pronouns: `PLANTED-PRONOUNS-${mark}`,
    gender: 'female',
    birthday_on: '1901-02-03',
    age_number: 125,
    nationality: `PLANTED-NATIONALITY-${mark}`,
    country: 'es',
    state: `PLANTED-STATE-${mark}`,
    city: `PLANTED-CITY-${mark}`,
    address_line_1: `PLANTED-ADDRESS-${mark}`,
    address_line_2: `PLANTED-ADDRESS2-${mark}`,
    postal_code: `PLANTED-POSTAL-${mark}`,
    phone_number: `PLANTED-PHONE-${mark}`,
    contact_name: `PLANTED-CONTACT-${mark}`,
    contact_number: `PLANTED-CONTACTNO-${mark}`,
    country_of_birth: 'es',
    birthplace: `PLANTED-BIRTHPLACE-${mark}`,
    identifier: `PLANTED-IDENTIFIER-${mark}`,
    identifier_type: 'dni',
    identifier_expiration_date: '2031-02-03',
    social_security_number: `PLANTED-SSN-${mark}`,
    bank_number: `PLANTED-BANK-${mark}`,
    swift_bic: `PLANTED-SWIFT-${mark}`,
    bank_number_format: 'iban',
    disability_percentage_cents: null,
  };
}

export function hire(world: World, company: Company, input: EmployeeEdit, telling: Telling): EmployeeRow {
  const row = company.employees.add(createEmployeeRow(world, company, input, timestamp(world)));
  watchTerminationDay(world, company, row);
  const { hireEvent } = world.switches;
  if (hireEvent !== 'none') tellEmployee(world, company, row, hireEvent, telling);
  return row;
}

/** Changes an employee and tells it by the event that fits the change. */
export function changeEmployee(
  world: World,
  company: Company,
  row: EmployeeRow,
  edit: EmployeeEdit,
  action: EmployeeAction,
  telling: Telling,
): EmployeeRow {
  const personal = { ...row.personal, ...edit.personal };
  company.employees.update(row, { ...edit, personal, updated_at: timestamp(world, row.updated_at) });
  watchTerminationDay(world, company, row);
  tellEmployee(world, company, row, action, telling);
  return row;
}

/** The employee and the employee's leaves are gone, and nobody is told. */
export function vanish(company: Company, row: EmployeeRow): void {
  const leaveIds = company.leaves.ofEmployee(row.id).map((leave) => leave.id);
  for (const id of leaveIds) company.leaves.remove(id);
  company.employees.remove(row.id);
}

function tellEmployee(
  world: World,
  company: Company,
  row: EmployeeRow,
  action: EmployeeAction,
  telling: Telling,
): void {
  const hideEmails = action === 'create_with_contract' && world.switches.nullEmailsOnCreate;
  const told = hideEmails
    ? { ...row, email: null, login_email: null, personal_email: null, communications_email: null }
    : row;
  publish(
    world,
    company,
    {
      type: `employees/employee/${action}`,
      ids: [row.id],
      payload: (version) => presentEmployee(world, told, version),
    },
    telling,
  );
}

/** Last days that are waited for: an employee may be changed many times until then. */
const watchedDays = new WeakMap<EmployeeRow, Set<Day>>();

/** Where the switch says so, the day after the last day of access brings an update, one. */
function watchTerminationDay(world: World, company: Company, row: EmployeeRow): void {
  const terminatedOn: Day | null = row.terminated_on;
  if (terminatedOn === null || terminatedOn < world.clock.today()) return;
  const watched = watchedDays.get(row) ?? new Set();
  if (watched.has(terminatedOn)) return;
  watchedDays.set(row, watched.add(terminatedOn));
  world.clock.at(startOfDayMs(addDays(terminatedOn, 1)), () => {
    watched.delete(terminatedOn);
    const unchanged = company.employees.get(row.id)?.terminated_on === terminatedOn;
    if (unchanged && world.switches.terminationDayEvent === 'update')
      tellEmployee(world, company, row, 'update', {});
  });
}
