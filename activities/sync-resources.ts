import { cancellationSignal } from '@temporalio/activity';
import type { Fenced } from '../contracts/temporal/connection.ts';
import { announceEmployees } from '../repositories/announce.ts';
import { inTransaction } from '../repositories/database.ts';
import { requireSyncing } from '../repositories/fence.ts';
import type { InboxOutcome } from '../repositories/inbox.ts';
import { markedEmployees } from '../repositories/marks.ts';
import { onboardProfiles } from '../repositories/onboarding.ts';
import { takeReadNumbers } from '../repositories/reads.ts';
import { recompute } from '../repositories/recompute.ts';
import { readHorizon } from '../repositories/settings.ts';
import { requestPlannedMinutes } from '../repositories/sync.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf, withFactorial, type Purpose } from './factorial-access.ts';
import { readAgain, type ReadableResource } from './read-again.ts';
import { pulse } from './pulse.ts';

/** Employees computed in one activity. */
const employeesAtOnce = 500;

/**
 * Reads at most a hundred resources of one kind again because somebody asked, and writes what differs. Answers what came
 * of each. Safe to repeat: it changes nothing where nothing differs.
 */
export async function syncResources(
  deps: ActivityDependencies,
  fenced: Fenced,
  { resource, ids, askedBy, purpose }: ResourcesToSync,
): Promise<ReadonlyMap<string, InboxOutcome>> {
  const { db } = deps;
  const { tenantId, generation } = fenced;
  const origin = originOf({ type: 'poll', id: askedBy });
  const numbers = await takeReadNumbers(
    db,
    tenantId,
    ids.map(() => origin),
  );
  const reading = {
    fenced,
    ids,
    numberOf: new Map(ids.map((id, index) => [id, numbers[index] ?? 0n])),
    deliveryOf: new Map<string, string>(),
    deletable: new Set<string>(),
  };
  const { outcomeOf } = await withFactorial(deps, { tenantId, generation, purpose }, (client, signal) =>
    readAgain(deps, client, resource, reading, signal),
  );
  if (resource === 'employees') {
    await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      await requestPlannedMinutes(tx, tenantId, ids);
    });
    await onboard(deps, fenced);
  }
  return outcomeOf;
}

export interface ResourcesToSync {
  readonly resource: ReadableResource;
  readonly ids: readonly string[];
  /** Id of what asked: stands in the explanation of a day. */
  readonly askedBy: string;
  readonly purpose: Purpose;
}

/** Makes employees of new profiles, where the settings say so. */
export async function onboard(
  { db }: ActivityDependencies,
  { tenantId, generation, nowMs }: Fenced,
): Promise<void> {
  const { today } = await readHorizon(db, tenantId, nowMs);
  await onboardProfiles(db, tenantId, generation, today, nowMs);
}

/** Computes the days of employees that are marked, up to 500 of them, and tells what else is new of them. `marked`: those that are left. */
export async function computeMarked(
  { db }: ActivityDependencies,
  { tenantId, generation, nowMs }: Fenced,
): Promise<{ employees: number; days: number; marked: number }> {
  const ids = await markedEmployees(db, tenantId, employeesAtOnce);
  const signal = cancellationSignal();
  const { employees, days } = await recompute(db, tenantId, ids, {
    nowMs,
    generation,
    signal,
    onProgress: pulse,
  });
  if (ids.length > 0) await inTransaction(db, (tx) => announceEmployees(tx, tenantId, nowMs, ids));
  return { employees, days, marked: (await markedEmployees(db, tenantId, employeesAtOnce)).length };
}
