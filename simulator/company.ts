import { Collection } from './collection.ts';
import type { Day } from './dates.ts';
import type {
  DayOverride,
  EmployeeRow,
  HolidayRow,
  LeaveRow,
  LeaveTypeRow,
  LocationRow,
  ScheduleRow,
  SubscriptionRow,
  TeamRow,
} from './rows.ts';

/** One customer of the HR system, with all its data. */
export interface Company {
  id: string;
  name: string;
  legalEntityId: string;
  employees: Collection<EmployeeRow>;
  leaves: LeaveCollection;
  leaveTypes: Collection<LeaveTypeRow>;
  holidays: Collection<HolidayRow>;
  locations: Collection<LocationRow>;
  schedules: Collection<ScheduleRow>;
  subscriptions: Collection<SubscriptionRow>;
  teams: Collection<TeamRow>;
  dayOverrides: Map<string, DayOverride>;
  /** Applications that were removed from this company: their tokens are answered as if nothing were installed. */
  uninstalled: Set<string>;
  /**
   * What user tokens do not get to see; company tokens see everything. A field is one of employees, or of another
   * resource: `timeoff/leaves.half_day`.
   */
  permissions: { nullFields: string[]; hiddenEmployeeIds: Set<string>; revision: number };
}

/** Leaves, also by employee: computing a working day must not walk through 200,000 of them. */
export class LeaveCollection extends Collection<LeaveRow> {
  readonly #byEmployee = new Map<string, Collection<LeaveRow>>();

  ofEmployee(employeeId: string): readonly LeaveRow[] {
    return this.#byEmployee.get(employeeId)?.all() ?? [];
  }

  override add(row: LeaveRow): LeaveRow {
    const own = this.#byEmployee.get(row.employee_id) ?? new Collection<LeaveRow>();
    this.#byEmployee.set(row.employee_id, own);
    own.add(row);
    return super.add(row);
  }

  override remove(id: string): LeaveRow | undefined {
    const row = super.remove(id);
    if (row !== undefined) this.#byEmployee.get(row.employee_id)?.remove(id);
    return row;
  }

  override clear(): void {
    this.#byEmployee.clear();
    super.clear();
  }
}

export function createCompany({
  id,
  name,
  legalEntityId,
}: {
  id: string;
  name: string;
  legalEntityId: string;
}): Company {
  return {
    id,
    name,
    legalEntityId,
    employees: new Collection(),
    leaves: new LeaveCollection(),
    leaveTypes: new Collection(),
    holidays: new Collection(),
    locations: new Collection(),
    schedules: new Collection(),
    subscriptions: new Collection(),
    teams: new Collection(),
    dayOverrides: new Map(),
    uninstalled: new Set(),
    permissions: { nullFields: [], hiddenEmployeeIds: new Set(), revision: 0 },
  };
}

export const isInstalled = ({ uninstalled }: Company, clientId: string) => !uninstalled.has(clientId);

/** Changes whenever anything that a list may show has changed. */
export function revisionOf(company: Company): number {
  const { employees, leaves, leaveTypes, holidays, locations, schedules, subscriptions, teams, permissions } =
    company;
  return [
    employees,
    leaves,
    leaveTypes,
    holidays,
    locations,
    schedules,
    subscriptions,
    teams,
    permissions,
  ].reduce((sum, part) => sum + part.revision, 0);
}

export const overrideKey = (employeeId: string, date: Day) => `${employeeId} ${date}`;
