import type { Fenced } from '../contracts/temporal/connection.ts';
import { isDomainError, type DomainError } from '../domain/errors.ts';
import { nextSteps } from '../domain/next-steps.ts';
import { isRefusal } from '../domain/permissions.ts';
import { unanswered } from '../domain/sweep.ts';
import type { FactorialClient } from '../factorial/client.ts';
import { pages, type Page } from '../factorial/page.ts';
import { unknownAbsenceTypes } from '../repositories/absence-type-rows.ts';
import { inTransaction, type Transaction } from '../repositories/database.ts';
import type { WriteOutcome } from '../repositories/fact-table.ts';
import { noteFailure, resolveFailures, unansweredCodes } from '../repositories/failures.ts';
import { requireSyncing } from '../repositories/fence.ts';
import type { InboxOutcome } from '../repositories/inbox.ts';
import { parkedAmong } from '../repositories/links-read.ts';
import { takeReadNumber } from '../repositories/reads.ts';
import { readBaselineBefore } from '../repositories/reconciliations.ts';
import { readHorizon } from '../repositories/settings.ts';
import {
  deleteAbsences,
  requestPlannedMinutes,
  saveAbsences,
  saveAbsenceTypes,
  saveHolidays,
  saveProfiles,
} from '../repositories/sync.ts';
import { tellPermissions } from '../repositories/permissions.ts';
import { raiseWarning } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf } from './factorial-access.ts';
import { pulse } from './pulse.ts';
import { toAbsenceFact, toAbsenceTypeFact, toHolidayFact, toProfileFact } from './to-facts.ts';
import { toNamedAnswer } from './named-answer.ts';
import { unknownHalfDays } from './unknown-half-days.ts';

/** Resources to read by their ids, each with the number of its read. */
export interface Reading {
  readonly fenced: Fenced;
  readonly ids: readonly string[];
  readonly numberOf: ReadonlyMap<string, bigint>;
  /** The delivery that asked for it, if one did. */
  readonly deliveryOf: ReadonlyMap<string, string | null>;
  /** Ids of which Factorial said that they are deleted: no answer is proof then (rule 6). */
  readonly deletable: ReadonlySet<string>;
}

export interface Answer {
  readonly outcomeOf: ReadonlyMap<string, InboxOutcome>;
  /** Factorial's own time of the last change, where the resource has one. */
  readonly updatedAtOf: ReadonlyMap<string, Date | null>;
}

/** What can be read again by ids. */
export const readableResources = ['employees', 'absences', 'absence_types', 'schedules', 'holidays'] as const;
export type ReadableResource = (typeof readableResources)[number];

const maxPages = 100;

/** What only one resource, or one kind, may fail with while Factorial answers for others. */
export const isUnanswered = (error: unknown): error is DomainError =>
  unansweredCodes.some((code) => isDomainError(error, code));

/**
 * Reads resources again by their ids and writes what differs. An id that does not answer is `gone`; it is removed only
 * where Factorial said so. A missing permission, or an answer that is no list, is a failure of each, and never means that
 * there is nothing.
 */
export async function readAgain(
  deps: ActivityDependencies,
  client: FactorialClient,
  target: ReadableResource,
  reading: Reading,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    switch (target) {
      case 'employees':
        return await employeesAgain(deps, reading, await client.listEmployees({ ids: reading.ids }, signal));
      case 'absences': {
        const page = await client.listAbsences({ ids: reading.ids, includeDeleted: true }, signal);
        const answer = await absencesAgain(deps, reading, page);
        await readNewTypes(deps, client, reading, page.rows, signal);
        return answer;
      }
      case 'absence_types':
        return await typesAgain(deps, reading, await client.listAbsenceTypes({ ids: reading.ids }, signal));
      case 'holidays':
        return await holidaysAgain(deps, reading, await client.listHolidays({ ids: reading.ids }, signal));
      case 'schedules':
        return await schedulesAgain(deps, reading, client, signal);
    }
  } catch (error) {
    // An answer that is no list stays one: tried again at once it would hold up every other delivery.
    if (isDomainError(error, 'schema_drift') || isRefusal(error))
      return failAll(deps, target, reading, error);
    throw error;
  }
}

/** Writes a page of employees as they were read, whatever they were asked for. */
export async function employeesAgain(
  deps: ActivityDependencies,
  reading: Reading,
  page: Page<Parameters<typeof toProfileFact>[0]>,
): Promise<Answer> {
  const { tenantId, nowMs } = reading.fenced;
  const context = {
    today: (await readHorizon(deps.db, tenantId, nowMs)).today,
    baselineBefore: await readBaselineBefore(deps.db, tenantId),
  };
  return write(deps, 'employees', reading, page, (tx) =>
    saveProfiles(tx, tenantId, numbering(reading), page.rows.map(toProfileFact), context),
  );
}

/** The same for absences. */
export async function absencesAgain(
  deps: ActivityDependencies,
  reading: Reading,
  page: Page<Parameters<typeof toAbsenceFact>[0]>,
): Promise<Answer> {
  const { tenantId, nowMs } = reading.fenced;
  return write(deps, 'absences', reading, page, async (tx, outcomeOf) => {
    const outcome = await saveAbsences(tx, tenantId, numbering(reading), page.rows.map(toAbsenceFact));
    for (const id of unanswered(reading.ids, toNamedAnswer(page))) {
      if (!reading.deletable.has(id)) continue;
      await resolveFailures(tx, tenantId, 'absences', [id], new Date(nowMs));
      const gone = await deleteAbsences(tx, tenantId, reading.numberOf.get(id) ?? 0n, [id]);
      outcomeOf.set(id, gone.length > 0 ? 'applied' : 'gone');
    }
    for (const { id } of outcome.deleted) outcomeOf.set(id, 'applied');
    for (const id of await parkedAmong(
      tx,
      tenantId,
      page.rows.map((row) => row.id),
    ))
      outcomeOf.set(id, 'parked');
    for (const { id, error } of unknownHalfDays(page.rows)) {
      outcomeOf.set(id, 'parked');
      await fail(tx, 'absences', reading, id, error);
    }
    return outcome;
  });
}

/** The same for absence types. */
export async function typesAgain(
  deps: ActivityDependencies,
  reading: Reading,
  page: Page<Parameters<typeof toAbsenceTypeFact>[0]>,
): Promise<Answer> {
  const { tenantId } = reading.fenced;
  return write(deps, 'absence_types', reading, page, (tx) =>
    saveAbsenceTypes(tx, tenantId, numbering(reading), page.rows.map(toAbsenceTypeFact)),
  );
}

/**
 * Reads the absence types that absences name and nothing has told of yet: they are to be mapped, so they must be on the list. Where
 * they get no answer, they have a failure; the absences are written and count as parked all the same.
 */
export async function readNewTypes(
  deps: ActivityDependencies,
  client: FactorialClient,
  { fenced, deliveryOf }: Reading,
  absences: readonly { readonly id: string; readonly absenceTypeId: string | null }[],
  signal: AbortSignal,
): Promise<void> {
  const { tenantId, nowMs } = fenced;
  const named = absences.flatMap(({ absenceTypeId }) => absenceTypeId ?? []);
  const ids = await unknownAbsenceTypes(deps.db, tenantId, named);
  if (ids.length === 0) return;
  const first = absences.find(({ absenceTypeId }) => absenceTypeId === ids[0])?.id ?? '';
  const deliveryId = deliveryOf.get(first) ?? null;
  const poll = { type: 'poll', id: new Date(nowMs).toISOString() } as const;
  const via = deliveryId === null ? poll : ({ type: 'delivery', id: deliveryId } as const);
  const number = await takeReadNumber(deps.db, tenantId, originOf(via));
  const reading: Reading = {
    fenced,
    ids,
    numberOf: new Map(ids.map((id) => [id, number])),
    deliveryOf: new Map(ids.map((id) => [id, deliveryId])),
    deletable: new Set(),
  };
  try {
    await readAgain(deps, client, 'absence_types', reading, signal);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    await failAll(deps, 'absence_types', reading, error);
  }
}

async function holidaysAgain(
  deps: ActivityDependencies,
  reading: Reading,
  page: Page<Parameters<typeof toHolidayFact>[0]>,
): Promise<Answer> {
  return write(deps, 'holidays', reading, page, (tx) =>
    saveHolidays(tx, reading.fenced.tenantId, numbering(reading), page.rows.map(toHolidayFact)),
  );
}

/** A schedule is nothing that we store: the plans of its people are read again. */
async function schedulesAgain(
  { db }: ActivityDependencies,
  reading: Reading,
  client: FactorialClient,
  signal: AbortSignal,
): Promise<Answer> {
  const { tenantId, generation } = reading.fenced;
  const people = new Set<string>();
  for await (const page of pages((afterId) => client.listSchedules({ afterId }, signal), { maxPages })) {
    pulse();
    for (const { id, profileIds } of page.rows)
      if (reading.ids.includes(id)) for (const one of profileIds) people.add(one);
  }
  await inTransaction(db, async (tx) => {
    await requireSyncing(tx, tenantId, generation);
    await requestPlannedMinutes(tx, tenantId, [...people]);
  });
  return { outcomeOf: new Map(reading.ids.map((id) => [id, 'applied'])), updatedAtOf: new Map() };
}

const numbering =
  ({ numberOf }: Reading) =>
  ({ id }: { id: string }): bigint =>
    numberOf.get(id) ?? 0n;

interface Row {
  readonly id: string;
  readonly updatedAt?: Date | null;
}

/** One transaction: facts, outcomes, failures of rows that could not be read, and the end of failures that are over. */
async function write(
  { db }: ActivityDependencies,
  resource: string,
  reading: Reading,
  page: Page<Row>,
  save: (
    tx: Transaction,
    outcomeOf: Map<string, InboxOutcome>,
  ) => Promise<WriteOutcome<{ readonly id: string }>>,
): Promise<Answer> {
  const { tenantId, generation } = reading.fenced;
  return inTransaction(db, async (tx) => {
    await requireSyncing(tx, tenantId, generation);
    const outcomeOf = new Map<string, InboxOutcome>(reading.ids.map((id) => [id, 'gone']));
    for (const { id } of page.rows) outcomeOf.set(id, 'unchanged');
    await resolveFailures(
      tx,
      tenantId,
      resource,
      page.rows.map((row) => row.id),
      new Date(reading.fenced.nowMs),
    );
    const outcome = await save(tx, outcomeOf);
    for (const { id } of [...outcome.created, ...outcome.updated.map((one) => one.after)]) {
      if (outcomeOf.get(id) === 'unchanged') outcomeOf.set(id, 'applied');
    }
    for (const error of page.invalid) {
      const id = error.details.factorialId ?? '';
      outcomeOf.set(id, 'failed');
      await fail(tx, resource, reading, id, error);
    }
    if (page.invalid.length > 0)
      await raiseWarning(tx, tenantId, 'schema_drift', new Date(reading.fenced.nowMs));
    return { outcomeOf, updatedAtOf: new Map(page.rows.map((row) => [row.id, row.updatedAt ?? null])) };
  });
}

async function failAll(
  { db }: ActivityDependencies,
  resource: string,
  reading: Reading,
  error: DomainError,
): Promise<Answer> {
  const { tenantId, generation, nowMs } = reading.fenced;
  return inTransaction(db, async (tx) => {
    await requireSyncing(tx, tenantId, generation);
    for (const id of reading.ids) await fail(tx, resource, reading, id, error);
    if (isDomainError(error, 'schema_drift'))
      await raiseWarning(tx, tenantId, 'schema_drift', new Date(nowMs));
    else if (isRefusal(error)) await tellPermissions(tx, tenantId, new Date(nowMs));
    return {
      outcomeOf: new Map(reading.ids.map((id): [string, InboxOutcome] => [id, 'failed'])),
      updatedAtOf: new Map(),
    };
  });
}

async function fail(
  tx: Transaction,
  resource: string,
  reading: Reading,
  id: string,
  error: DomainError,
): Promise<void> {
  const { tenantId, nowMs } = reading.fenced;
  const { workflowId, runId } = originOf({ type: 'delivery', id });
  const deliveryId = reading.deliveryOf.get(id);
  const failure = {
    resource,
    factorialId: id,
    code: error.code,
    message: error.message,
    nextStep: nextSteps.nextNight,
    ...(deliveryId === undefined ? {} : { deliveryId }),
    workflowId,
    runId,
  };
  await noteFailure(tx, tenantId, failure, new Date(nowMs));
}
