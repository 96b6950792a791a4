import { createHoliday, createLeaveType, createLocation, createSchedule } from '../actions/catalogue.ts';
import { createEmployeeRow } from '../actions/employees.ts';
import { createCompany, type Company } from '../company.ts';
import { addDays } from '../dates.ts';
import { createRandom } from '../random.ts';
import type { EmployeeRow } from '../rows.ts';
import type { World } from '../world.ts';
import { seedHolidays } from './holidays.ts';
import { seedLeaveTypes } from './leave-types.ts';
import { seedLeaves } from './leaves.ts';
import { LOCATION_NAMES, seedPerson } from './people.ts';

export interface SeedOptions {
  people: number;
  absences: number;
  locations: number;
  /** Start of the random numbers: the same figures and the same day give the same data. */
  seed: number;
}

export const defaultSeed: SeedOptions = { people: 40, absences: 500, locations: 3, seed: 20_261_122 };

const SILENTLY = { silent: true };
const FULL_WEEK = [480, 480, 480, 480, 480, 0, 0];
const REDUCED_WEEK = [375, 375, 375, 375, 375, 0, 0];
const SCOPES = ['employees', 'time_off', 'time_tracking', 'company_holidays'];

/** One application and the company ACME. */
export function seedWorld(world: World, options: SeedOptions): void {
  world.applications.set('workmeter-demo', {
    clientId: 'workmeter-demo',
    secret: 'workmeter-demo-secret',
    name: 'WorkMeter',
    redirectUris: [],
    scopes: [...SCOPES],
  });
  fillCompany(world, addCompany(world, 'ACME'), options);
}

export function addCompany(world: World, name: string): Company {
  const company = createCompany({
    id: world.nextId('company'),
    name,
    legalEntityId: world.nextId('legalEntity'),
  });
  world.companies.set(company.id, company);
  return company;
}

/** Replaces all data of a company but its subscriptions. Nobody is told, and no id is used again. */
export function fillCompany(world: World, company: Company, options: SeedOptions): void {
  for (const table of [
    company.employees,
    company.leaves,
    company.leaveTypes,
    company.holidays,
    company.locations,
    company.schedules,
    company.teams,
  ]) {
    table.clear();
  }
  company.dayOverrides.clear();

  const random = createRandom(options.seed);
  seedLocations(world, company, options.locations);
  for (const leaveType of seedLeaveTypes) createLeaveType(world, company, leaveType, SILENTLY);
  createSchedule(world, company, { name: 'Completa 40 h', weekly_minutes: FULL_WEEK }, SILENTLY);
  createSchedule(world, company, { name: 'Reducida 31 h 15', weekly_minutes: REDUCED_WEEK }, SILENTLY);
  seedPeopleOf(world, company, options.people);
  seedLeaves(world, company, random, options.absences);
}

function seedLocations(world: World, company: Company, count: number): void {
  const thisYear = Number(world.clock.today().slice(0, 4));
  for (let index = 0; index < count; index += 1) {
    const location = createLocation(
      world,
      company,
      LOCATION_NAMES[index] ?? `Location ${index + 1}`,
      SILENTLY,
    );
    for (const year of [thisYear - 1, thisYear, thisYear + 1]) {
      for (const holiday of seedHolidays(location.name, year)) {
        createHoliday(world, company, { ...holiday, location_id: location.id, description: holiday.summary });
      }
    }
  }
}

function seedPeopleOf(world: World, company: Company, count: number): void {
  const locations = company.locations.all();
  const [full, reduced] = company.schedules.all();
  const domain = `${company.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.example`;
  for (let index = 0; index < count; index += 1) {
    const person = seedPerson(index, { domain, locations: locations.map((location) => location.name) });
    // Of every forty, six work the reduced week and one has no planning at all.
    const place = index % 40;
    const schedule = place === 36 ? undefined : place >= 30 && place < 36 ? reduced : full;
    const row = createEmployeeRow(
      world,
      company,
      {
        first_name: person.firstName,
        last_name: person.lastName,
        email: person.email,
        location_id: locations.find((location) => location.name === person.location)?.id ?? null,
        seniority_calculation_date: person.startsOn,
        company_identifier: `E-${String(index + 1).padStart(4, '0')}`,
        manager_id: index === 0 ? null : (company.employees.all()[0]?.id ?? null),
        schedule_id: schedule?.id ?? null,
        ...terminationOf(world, index),
      },
      `${addDays(person.startsOn, -14)}T09:00:00.000Z`,
    );
    company.employees.add(row);
  }
}

/** Two people have left, one is about to leave. */
function terminationOf(world: World, index: number): Partial<EmployeeRow> {
  const daysFromToday = new Map([
    [37, -200],
    [38, -45],
    [39, 40],
  ]).get(index);
  if (daysFromToday === undefined) return {};
  return {
    terminated_on: addDays(world.clock.today(), daysFromToday),
    termination_reason_type: 'others',
    termination_reason: `PLANTED-TERMINATION-${index + 1}`,
  };
}
