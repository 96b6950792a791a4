import type { BenchStack } from './bench-stack.ts';
import type { DayWatch } from './day-watch.ts';
import { callJson, inParallel } from './http.ts';
import { idMark } from './load.ts';
import { tell } from './progress.ts';
import { targetOf, type BenchTenant } from './tenants.ts';

/** A working day that a leave can take. */
interface FreeDay {
  readonly employeeId: string;
  readonly date: string;
}

/** Working days of a tenant, each to be used once: a second leave on a day would change nothing. */
export async function freeDays({ db }: BenchStack, { tenantId }: BenchTenant): Promise<FreeDay[]> {
  const { rows } = await db.query<FreeDay>(
    `SELECT day.employee_id AS "employeeId", day.date::text AS date FROM calendar_days day
     JOIN day_types type ON type.tenant_id = day.tenant_id AND type.id = day.day_type_id
     WHERE day.tenant_id = $1 AND type.key = 'working_day' AND day.date > current_date + 1
     ORDER BY day.date, day.employee_id`,
    [tenantId],
  );
  return rows;
}

/** A leave as Factorial has it. */
interface Leave {
  readonly id: string;
  readonly updated_at: string;
}

/** A vacation of one day happens in Factorial, without a word to us. */
async function createLeave(
  { simulatorUrl }: BenchStack,
  { companyId, people, vacationId }: BenchTenant,
  { employeeId, date }: FreeDay,
): Promise<Leave> {
  const profileId = people.find((person) => person.employeeId === employeeId)?.profileId;
  return await callJson<Leave>('POST', `${simulatorUrl}/control/leaves`, {
    body: {
      company_id: companyId,
      employee_id: profileId,
      start_on: date,
      leave_type_id: vacationId,
      approved: true,
      silent: true,
    },
  });
}

/** A delivery about one of a tenant's leaves, whose id a load puts in. */
export function leaveBody({ companyId }: BenchTenant): string {
  return JSON.stringify({ id: idMark, company_id: companyId, start_on: '2026-12-01', approved: true });
}

/** Above this a delivery counts as lost. */
const lostAfterMs = 60_000;

/** Delivers one new leave and answers how long it took until the calendar day that follows was committed, in ms. */
export async function timeOneLeave(
  stack: BenchStack,
  watch: DayWatch,
  tenant: BenchTenant,
  day: FreeDay,
): Promise<number> {
  const leave = await createLeave(stack, tenant, day);
  const { url, headers } = targetOf(tenant, 'timeoff/leave/create');
  const written = watch.next({ tenantId: tenant.tenantId, ...day }, lostAfterMs);
  const sentAt = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(leave),
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`a delivery was answered with ${response.status}`);
  return (await written) - sentAt;
}

/** So many days off happen in Factorial, silently; answers their ids. */
export async function createLeaves(stack: BenchStack, tenant: BenchTenant, count: number): Promise<string[]> {
  const days = (await freeDays(stack, tenant)).slice(0, count);
  if (days.length < count) throw new Error(`${days.length} free days are too few for ${count} leaves`);
  tell(`creating ${count} leaves in the simulator`);
  return await inParallel(days, 8, async (day) => (await createLeave(stack, tenant, day)).id);
}
