import type { Company } from '../company.ts';
import type { Day } from '../dates.ts';
import { publish, type Telling } from '../events.ts';
import { present } from '../fields.ts';
import type { HolidayRow, LeaveTypeRow, LocationRow, ScheduleRow } from '../rows.ts';
import { leaveTypeFields } from '../shapes/leave-type.ts';
import { locationFields } from '../shapes/location.ts';
import { presentSchedule } from '../shapes/schedule.ts';
import { timestamp, type World } from '../world.ts';

export function createLeaveType(
  world: World,
  company: Company,
  input: Partial<LeaveTypeRow> & { name: string },
  telling: Telling,
): LeaveTypeRow {
  const id = world.nextId('leaveType');
  const row = company.leaveTypes.add({
    translated_name: null,
    identifier: `type_${id.slice(-6)}`,
    color: '#5D8CFF',
    active: true,
    workable: false,
    payable: true,
    accrues: false,
    approval_required: true,
    allow_endless: false,
    editable: true,
    restricted: false,
    visibility: true,
    attachment: false,
    details_required: false,
    is_attachment_mandatory: false,
    half_days_units_enabled: true,
    min_days_in_cents: null,
    max_days_in_cents: null,
    allowance_ids: [],
    description: null,
    ...input,
    id,
    company_id: company.id,
  });
  tellLeaveType(world, company, row, 'create', telling);
  return row;
}

export function editLeaveType(
  world: World,
  company: Company,
  row: LeaveTypeRow,
  edit: Partial<LeaveTypeRow>,
  telling: Telling,
): LeaveTypeRow {
  company.leaveTypes.update(row, edit);
  tellLeaveType(world, company, row, 'update', telling);
  return row;
}

function tellLeaveType(
  world: World,
  company: Company,
  row: LeaveTypeRow,
  action: 'create' | 'update',
  telling: Telling,
): void {
  const payload = (version: Parameters<typeof present>[2]) => present(row, leaveTypeFields, version);
  publish(world, company, { type: `timeoff/leave_type/${action}`, ids: [row.id], payload }, telling);
}

/** Company holidays have no events. */
export function createHoliday(
  world: World,
  company: Company,
  input: {
    location_id: string;
    date: Day;
    summary: string;
    description?: string | null | undefined;
    half_day?: string | null | undefined;
  },
): HolidayRow {
  return company.holidays.add({
    id: world.nextId('holiday'),
    location_id: input.location_id,
    date: input.date,
    summary: input.summary,
    description: input.description ?? null,
    half_day: input.half_day ?? null,
  });
}

export function editHoliday(
  world: World,
  company: Company,
  row: HolidayRow,
  edit: Partial<Omit<HolidayRow, 'id'>>,
): HolidayRow {
  if (world.switches.holidayEdit === 'sameId') return company.holidays.update(row, edit);
  company.holidays.remove(row.id);
  return createHoliday(world, company, { ...row, ...edit });
}

export function createLocation(world: World, company: Company, name: string, telling: Telling): LocationRow {
  const row = company.locations.add({
    id: world.nextId('location'),
    company_id: company.id,
    name,
    main: company.locations.size === 0,
    timezone: 'Europe/Madrid',
    country: 'es',
    city: name,
  });
  tellLocation(world, company, row, 'create', telling);
  return row;
}

export function editLocation(
  world: World,
  company: Company,
  row: LocationRow,
  edit: Partial<Pick<LocationRow, 'name' | 'timezone' | 'country' | 'city'>>,
  telling: Telling,
): LocationRow {
  company.locations.update(row, edit);
  tellLocation(world, company, row, 'update', telling);
  return row;
}

/** The location goes; its people are left without one. */
export function deleteLocation(world: World, company: Company, row: LocationRow, telling: Telling): void {
  company.locations.remove(row.id);
  for (const employee of company.employees.all()) {
    if (employee.location_id === row.id) company.employees.update(employee, { location_id: null });
  }
  if (world.switches.locationDelete === 'holidaysVanish') {
    const holidays = company.holidays.all().filter((holiday) => holiday.location_id === row.id);
    for (const { id } of holidays) company.holidays.remove(id);
  }
  tellLocation(world, company, row, 'delete', telling);
}

function tellLocation(
  world: World,
  company: Company,
  row: LocationRow,
  action: 'create' | 'update' | 'delete',
  telling: Telling,
): void {
  const payload = (version: Parameters<typeof present>[2]) => present(row, locationFields, version);
  publish(world, company, { type: `locations/location/${action}`, ids: [row.id], payload }, telling);
}

export function createSchedule(
  world: World,
  company: Company,
  input: { name: string; weekly_minutes: number[] },
  telling: Telling,
): ScheduleRow {
  const createdAt = timestamp(world);
  const row = company.schedules.add({
    id: world.nextId('schedule'),
    company_id: company.id,
    created_at: createdAt,
    updated_at: createdAt,
    archived_at: null,
    period_id: world.nextId('period'),
    ...input,
  });
  tellSchedule(world, company, row, 'create', telling);
  return row;
}

export function editSchedule(
  world: World,
  company: Company,
  row: ScheduleRow,
  edit: { name?: string; weekly_minutes?: number[]; archived?: boolean },
  telling: Telling,
): ScheduleRow {
  const { archived, ...rest } = edit;
  const updatedAt = timestamp(world, row.updated_at);
  const wasArchived = row.archived_at !== null;
  const toggled = archived !== undefined && archived !== wasArchived;
  company.schedules.update(row, {
    ...rest,
    updated_at: updatedAt,
    ...(toggled ? { archived_at: archived ? updatedAt : null } : {}),
  });
  tellSchedule(world, company, row, toggled ? 'toggle_archive' : 'update', telling);
  return row;
}

function tellSchedule(
  world: World,
  company: Company,
  row: ScheduleRow,
  action: 'create' | 'update' | 'toggle_archive',
  telling: Telling,
): void {
  const payload = (version: Parameters<typeof present>[2]) => presentSchedule(company, row, version);
  publish(world, company, { type: `work_schedule/schedule/${action}`, ids: [row.id], payload }, telling);
}
