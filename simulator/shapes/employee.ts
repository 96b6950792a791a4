import type { Day } from '../dates.ts';
import { ID, PLAIN, present, since, type FieldTable, type Presented } from '../fields.ts';
import type { EmployeeRow } from '../rows.ts';
import type { ApiVersion } from '../versions.ts';
import type { World } from '../world.ts';

export const employeeFields: FieldTable = {
  id: ID,
  access_id: ID,
  company_id: ID,
  first_name: PLAIN,
  last_name: PLAIN,
  full_name: PLAIN,
  preferred_name: PLAIN,
  birth_name: PLAIN,
  pronouns: PLAIN,
  gender: PLAIN,
  email: PLAIN,
  login_email: PLAIN,
  personal_email: PLAIN,
  communications_email: since('2026-07-01', PLAIN),
  unconfirmed_communications_email: since('2026-07-01', PLAIN),
  company_identifier: PLAIN,
  location_id: ID,
  legal_entity_id: ID,
  default_work_area_id: since('2026-04-01', ID),
  manager_id: ID,
  timeoff_manager_id: ID,
  active: PLAIN,
  attendable: PLAIN,
  is_terminating: PLAIN,
  terminated_on: PLAIN,
  termination_reason_type: PLAIN,
  termination_reason: PLAIN,
  termination_observations: PLAIN,
  termination_type_description: PLAIN,
  seniority_calculation_date: PLAIN,
  birthday_on: PLAIN,
  age_number: PLAIN,
  nationality: PLAIN,
  country: PLAIN,
  state: PLAIN,
  city: PLAIN,
  address_line_1: PLAIN,
  address_line_2: PLAIN,
  postal_code: PLAIN,
  phone_number: PLAIN,
  contact_name: PLAIN,
  contact_number: PLAIN,
  country_of_birth: PLAIN,
  birthplace: PLAIN,
  identifier: PLAIN,
  identifier_type: PLAIN,
  identifier_expiration_date: PLAIN,
  social_security_number: PLAIN,
  bank_number: PLAIN,
  swift_bic: PLAIN,
  bank_number_format: PLAIN,
  disability_percentage_cents: PLAIN,
  created_at: PLAIN,
  updated_at: PLAIN,
};

export function fullName(employee: Pick<EmployeeRow, 'first_name' | 'last_name'>): string {
  return `${employee.first_name} ${employee.last_name}`.trim();
}

/** The address for company mail falls back to that of the login. */
export function emailOf(employee: Pick<EmployeeRow, 'email' | 'login_email'>): string | null {
  return employee.email ?? employee.login_email;
}

/** Whether somebody still works, and has access, on this day. */
export function isEmployedOn(
  { switches }: Pick<World, 'switches'>,
  { terminated_on }: Pick<EmployeeRow, 'terminated_on'>,
  day: Day,
): boolean {
  if (terminated_on === null) return true;
  return switches.lastWorkingDay === 'inclusive' ? day <= terminated_on : day < terminated_on;
}

export function presentEmployee(world: World, row: EmployeeRow, version: ApiVersion): Presented {
  const isEmployed = isEmployedOn(world, row, world.clock.today());
  const isTerminating = row.terminated_on !== null && isEmployed;
  const computed = {
    full_name: fullName(row),
    email: emailOf(row),
    active: isEmployed && !(isTerminating && world.switches.terminatingFlags === 'inactiveAtOnce'),
    is_terminating: isTerminating,
  };
  return present([computed, row, row.personal], employeeFields, version);
}
