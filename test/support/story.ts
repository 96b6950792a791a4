import type { Card } from '../../contracts/http/connection.ts';
import { UnexpectedAnswer } from './callers.ts';
import { GiveUp, waitFor } from './wait-for.ts';
import type { World } from './world.ts';

/** The moves of the main job, through the public contract, as suites put them together. */

export const F = '/api/integrations/factorial';

export interface Employee {
  readonly employeeId: string;
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
  readonly startsOn: string | null;
  readonly endsOn: string | null;
  readonly link: { readonly profileId: string; readonly name: string | null } | null;
  readonly suggestion: { readonly profileId: string; readonly name: string } | null;
}

export interface Day {
  readonly date: string;
  readonly dayType: { readonly id: string; readonly key: string | null; readonly name: string };
  readonly plannedMinutes: number;
  readonly expectedMinutes: number;
  readonly source: string;
}

export interface AbsenceType {
  readonly absenceTypeId: string;
  readonly name: string;
  readonly status: 'mapped' | 'to_be_mapped' | 'ignored';
  readonly dayType: { readonly id: string; readonly expectedMinutes: number } | null;
}

export interface Reconciliation {
  readonly id: string;
  readonly status: string;
  readonly verified: boolean;
  readonly trigger: string;
  readonly counts: Record<string, { readonly read: number; readonly total: number | null }>;
  readonly drift: Record<
    string,
    { readonly created: number; readonly updated: number; readonly deleted: number }
  >;
}

export interface Authorization {
  readonly state: string;
  readonly code: string;
}

export const readCard = async ({ admin }: World): Promise<Card> => (await admin<Card>('GET', F)).body;

export async function waitForStatus(world: World, status: Card['status'], timeoutMs?: number): Promise<Card> {
  return await waitFor(
    `the card to be ${status}`,
    async () => {
      const card = await readCard(world);
      if (card.status === status) return card;
      throw new Error(`it is ${card.status}, with ${JSON.stringify(card.warnings)}`);
    },
    timeoutMs,
  );
}

/** Saves the credentials, consents in Factorial, comes back with the code, and waits until it is connected. */
export async function connect(world: World): Promise<Authorization> {
  const { admin, application } = world;
  await admin('PUT', `${F}/credentials`, application, 202);
  const authorization = await authorize(world);
  await waitForStatus(world, 'connected');
  return authorization;
}

/** The admin's way through the popup: consent page, decision, callback. */
export async function authorize(
  { admin, factorial, factorialUrl }: Pick<World, 'admin' | 'factorial' | 'factorialUrl'>,
  decision: 'approve' | 'deny' = 'approve',
): Promise<Authorization> {
  const { body } = await admin<{ authorizationUrl: string }>(
    'POST',
    `${F}/authorization`,
    { apiHost: factorialUrl },
    201,
  );
  const asked = Object.fromEntries(new URL(body.authorizationUrl).searchParams);
  const { location } = await factorial<{ location: string }>('POST', 'consent', { ...asked, decision });
  const callback = await fetch(location);
  const page = await callback.text();
  if (callback.status !== 200)
    throw new UnexpectedAnswer('The callback', { status: callback.status, body: page });
  const { searchParams } = new URL(location);
  return { state: searchParams.get('state') ?? '', code: searchParams.get('code') ?? '' };
}

/** Waits for the end of one reconciliation, or of the oldest one. */
export async function waitForReconciliation(
  world: World,
  id?: string,
  timeoutMs = 60_000,
): Promise<Reconciliation> {
  return await waitFor(
    `reconciliation ${id ?? '(the first)'} to end`,
    async () => {
      const { items } = (await world.admin<{ items: Reconciliation[] }>('GET', `${F}/reconciliations`)).body;
      const found = id === undefined ? items.at(-1) : items.find((one) => one.id === id);
      if (found === undefined) throw new Error('there is none');
      if (found.status === 'failed') throw new GiveUp(`reconciliation ${found.id} failed`);
      if (found.status === 'completed' || found.status === 'awaiting_approval') return found;
      throw new Error(`it is ${found.status}, with ${JSON.stringify(found.counts)}`);
    },
    timeoutMs,
  );
}

/** Asks for a reconciliation and waits for its end. */
export async function reconcile(world: World): Promise<Reconciliation> {
  const { body } = await world.admin<Reconciliation>('POST', `${F}/reconciliations`, {}, 202);
  return await waitForReconciliation(world, body.id);
}

/**
 * An account as it is after its first hour: connected, read whole, everybody linked, absence types mapped, and every day
 * computed, within `computedMs`.
 */
export async function settleIn(world: World, computedMs?: number): Promise<void> {
  await connect(world);
  await waitForReconciliation(world);
  await linkEverybody(world);
  await mapAbsenceTypes(world);
  await waitUntilComputed(world, computedMs);
}

export async function readEmployees({ admin }: World): Promise<Employee[]> {
  return await everyPage(admin, `${F}/employees?limit=200`);
}

export async function readAbsenceTypes({ admin }: World): Promise<AbsenceType[]> {
  return await everyPage(admin, `${F}/day-types?limit=200`);
}

/** Links everybody: by the suggestions, and those who have left by their e-mail, as an admin would pick them. */
export async function linkEverybody(world: World): Promise<number> {
  const people = await world.factorial<{ id: string; email: string }[]>('GET', 'employees');
  const links = (await readEmployees(world)).flatMap(({ employeeId, email, suggestion, link }) => {
    const profileId = suggestion?.profileId ?? people.find((person) => person.email === email)?.id;
    return link !== null || profileId === undefined ? [] : [{ employeeId, profileId }];
  });
  const { body } = await world.admin<{ linked: number }>('POST', `${F}/employees/links`, { links }, 200);
  return body.linked;
}

/** What the absence types of the simulated company mean, by their names. The others stay unmapped. */
export const meanings: Readonly<Record<string, object>> = {
  Vacaciones: { dayTypeId: 'vacation' },
  'Baja médica': { create: { name: 'Baja', color: '#B03A2E', expectedMinutes: 0 } },
  'Visita médica': { create: { name: 'Visita', color: '#5D8CFF', expectedMinutes: 60 } },
  Teletrabajo: { dayTypeId: 'remote' },
  Mudanza: { ignored: true },
};

export async function mapAbsenceTypes(world: World): Promise<void> {
  for (const { absenceTypeId, name } of await readAbsenceTypes(world)) {
    const meaning = meanings[name];
    if (meaning !== undefined) await world.admin('PUT', `${F}/day-types/${absenceTypeId}`, meaning, 200);
  }
}

export async function readDays(
  { admin }: World,
  employeeId: string,
  from: string,
  to: string,
): Promise<Day[]> {
  const path = `/api/employees/${employeeId}/calendar?from=${from}&to=${to}`;
  return (await admin<{ items: Day[] }>('GET', path)).body.items;
}

export async function readDay(world: World, employeeId: string, date: string): Promise<Day | undefined> {
  return (await readDays(world, employeeId, date, date))[0];
}

/** Waits until nothing is left to read or to compute for this tenant. */
export async function waitUntilComputed({ db, tenantId }: World, timeoutMs?: number): Promise<void> {
  await waitFor(
    'all days to be computed',
    async () => {
      const marks = await db.recomputeMark.count({ where: { tenantId } });
      const plans = await db.employeeLink.count({ where: { tenantId, plannedReadNumber: null } });
      const deliveries = await db.inboxRow.count({ where: { tenantId, outcome: null } });
      if (marks + plans + deliveries === 0) return true;
      throw new Error(`${marks} marks, ${plans} plans and ${deliveries} deliveries are left`);
    },
    timeoutMs,
  );
}

async function everyPage<T>(call: World['admin'], path: string): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const next: string = cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`;
    const { body }: { body: { items: T[]; nextCursor: string | null } } = await call('GET', next);
    all.push(...body.items);
    cursor = body.nextCursor;
  }
  return all;
}
