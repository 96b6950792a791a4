import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant } from '../test/support/hr-facts.ts';
import { openTransaction, waitForLock } from '../test/support/open-transaction.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { requestReconciliation } from './reconciliation-requests.ts';
import {
  abandonReconciliation,
  decidedDeletions,
  endHeld,
  finishReconciliation,
  forgetSwept,
  freshSweep,
  heldCount,
  holdDeletions,
  isReconciling,
  noteApproved,
  noteOwner,
  noteSweep,
  noteSwept,
  queueReconciliation,
  readBaselineBefore,
  readSweeps,
  startQueued,
  supersedeHeld,
  sweptCount,
} from './reconciliations.ts';
import type { SweepState } from './reconciliations.ts';

const at = new Date('2026-11-22T12:00:00.000Z');
const later = new Date('2026-11-22T13:00:00.000Z');

let test: TestDatabase;
let db: Database;
let tenantId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const queue = (
  trigger: 'first' | 'nightly' | 'manual' | 'gap' = 'manual',
  nightOn: string | null = null,
  generation = 1,
) => queueReconciliation(db, tenantId, generation, trigger, nightOn, at);
const startNext = (generation = 1) => startQueued(db, tenantId, generation, at);
const all = () => db.reconciliation.findMany({ where: { tenantId }, orderBy: { requestedAt: 'asc' } });
const read = (id: string) =>
  db.reconciliation.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id } } });
const end = (id: string, status: 'completed' | 'awaiting_approval' | 'failed' = 'completed') =>
  finishReconciliation(db, tenantId, id, { status, verified: status !== 'failed', failureCode: null }, later);

/** Notes that the workflow of a reconciliation has begun. */
const begin = (id: string) =>
  noteOwner(db, tenantId, id, { companyId: 'c1', employeeId: null }, { workflowId: 'w', runId: 'r' });

/** The id of a reconciliation that runs. */
async function running(): Promise<string> {
  await queue();
  return (await startNext())?.id ?? '';
}

describe('reconciliations', () => {
  it('wait one at a time: asking again finds the one that waits', async () => {
    await queue('gap');
    await queue('manual');

    expect(await all()).toMatchObject([{ trigger: 'gap', status: 'queued' }]);
  });

  it('wait one at a time, also when many ask at once', async () => {
    const asked = await Promise.all([
      ...Array.from({ length: 8 }, () => requestReconciliation(db, tenantId, at.getTime())),
      ...Array.from({ length: 4 }, () => queue('gap')),
    ]);

    expect(await all()).toHaveLength(1);
    expect(new Set(asked.flatMap((row) => row?.id ?? [])).size).toBe(1);
  });

  it('run one at a time, with one more waiting', async () => {
    const first = await running();
    await begin(first);
    await queue('gap');

    expect(await startNext()).toBeNull();

    expect((await all()).map(({ status }) => status).sort()).toEqual(['queued', 'running']);
    await end(first);
    expect(await startNext()).toMatchObject({ trigger: 'gap' });
  });

  it('are started once, however many try: each is told of the same one', async () => {
    await queue();

    const started = await Promise.all(Array.from({ length: 6 }, () => startNext()));

    expect(new Set(started.flatMap((one) => one?.id ?? [])).size).toBe(1);
    expect(await all()).toMatchObject([{ status: 'running' }]);
  });

  it('are told of again until their workflow has begun: the first answer may have been lost', async () => {
    await queue('nightly', '2026-11-23');
    const first = await startNext();

    expect(await startNext()).toEqual(first);

    await begin(first?.id ?? '');
    expect(await startNext()).toBeNull();
  });

  it('that run for an earlier connection are not told of', async () => {
    await running();
    await db.connection.update({ where: { tenantId }, data: { generation: 2 } });

    expect(await startNext(2)).toBeNull();
  });

  it('that ended are not brought back by a try that went silent while it started them', async () => {
    await queue();
    const ending = await openTransaction(db, (tx) =>
      tx.reconciliation.updateMany({ where: { tenantId }, data: { status: 'completed' } }),
    );
    const silent = startNext();
    await waitForLock(db); // it has found the queued one

    await ending.commit();

    expect(await silent).toBeNull();
    expect(await all()).toMatchObject([{ status: 'completed' }]);
  });

  it('of a night happen once, and are named by its date', async () => {
    await queue('nightly', '2026-11-23');
    const first = await startNext();
    await end(first?.id ?? '');

    await queue('nightly', '2026-11-23');

    expect(first?.key).toBe('2026-11-23');
    expect(await all()).toHaveLength(1);
    await queue('nightly', '2026-11-24');
    expect((await startNext())?.key).toBe('2026-11-24');
  });

  it.each([
    ['a moment later, told of twice', 'completed', 1, []],
    ['two hours later, by an hour that was moved a little', 'completed', 2 * 60 - 1, []],
    ['at its new hour, long after it was done', 'completed', 20 * 60, ['gap']],
    ['at its new hour, long after it failed', 'failed', 20 * 60, ['gap']],
    ['while it still runs', null, 20 * 60, []],
  ] as const)(
    'of a night whose time comes again (%s) are others only where the next one would come too late',
    async (_when, status, minutes, others) => {
      await queue('nightly', '2026-11-23');
      const { id = '' } = (await startNext()) ?? {};
      if (status !== null) await end(id, status);

      const again = new Date(at.getTime() + minutes * 60_000);
      await queueReconciliation(db, tenantId, 1, 'nightly', '2026-11-23', again);

      const rows = (await all()).filter((row) => row.id !== id);
      expect(rows.map(({ trigger }) => trigger)).toEqual(others);
      expect(rows.map(({ nightOn }) => nightOn)).toEqual(others.map(() => null));
    },
  );

  it('that belong to no night are named by their id', async () => {
    await queue('gap');
    const started = await startNext();

    expect(started?.key).toBe(started?.id);
  });

  it('of a connection that moved on are neither queued nor started', async () => {
    await queue();
    await db.connection.update({ where: { tenantId }, data: { generation: 2 } });

    await expect(queue('gap')).rejects.toMatchObject({ code: 'fenced' });
    await expect(startNext()).rejects.toMatchObject({ code: 'fenced' });
    expect(await all()).toMatchObject([{ status: 'queued' }]);
  });

  it('that waited for an earlier connection do not take the place of the first of this one', async () => {
    await queue();
    await db.connection.update({ where: { tenantId }, data: { generation: 2 } });

    await queue('first', null, 2);

    expect(await startNext(2)).toMatchObject({ trigger: 'first' });
    expect((await all()).map(({ status }) => status).sort()).toEqual(['failed', 'running']);
  });

  it('that waited for an earlier connection fail when their turn comes', async () => {
    await queue();
    await db.connection.update({ where: { tenantId }, data: { generation: 2 } });

    expect(await startNext(2)).toBeNull();

    expect(await all()).toMatchObject([{ status: 'failed', failureCode: 'fenced' }]);
    await queue('first', null, 2);
    expect(await startNext(2)).toMatchObject({ trigger: 'first' });
  });

  it('begin with all kinds at nothing', async () => {
    const { counts, drift } = await read(await running());

    expect(Object.keys(counts as object).sort()).toEqual([
      'absence_types',
      'absences',
      'employees',
      'holidays',
      'planned_minutes',
    ]);
    expect(counts).toMatchObject({ employees: { read: 0, total: null } });
    expect(drift).toMatchObject({ employees: { created: 0, updated: 0, deleted: 0 } });
  });

  it('of another tenant do not matter', async () => {
    await running();
    const other = await createConnectedTenant(db);

    expect(await startQueued(db, other, 1, at)).toBeNull();
    expect(await isReconciling(db, other)).toBe(false);
    expect(await isReconciling(db, tenantId)).toBe(true);
  });
});

describe('the end of a reconciliation', () => {
  it('is told once', async () => {
    const id = await running();
    await end(id, 'awaiting_approval');

    await end(id, 'failed');
    await abandonReconciliation(db, tenantId, id, later);

    expect(await read(id)).toMatchObject({
      status: 'awaiting_approval',
      verified: true,
      finishedAt: later,
      phase: null,
    });
    expect(await db.activityEntry.count({ where: { tenantId, kind: 'reconciliation' } })).toBe(1);
  });

  it('forgets which ids it has listed', async () => {
    const id = await running();
    await inTransaction(db, (tx) => noteSwept(tx, tenantId, id, 'absences', ['a1']));

    await end(id);

    expect(await sweptCount(db, tenantId, id, 'absences')).toBe(0);
  });

  it('of one that lost its workflow lets another one run', async () => {
    const id = await running();
    await queue('gap');

    await abandonReconciliation(db, tenantId, id, later);

    expect(await read(id)).toMatchObject({ status: 'failed', verified: false, failureCode: 'unavailable' });
    expect(await startNext()).toMatchObject({ trigger: 'gap' });
  });
});

describe('a sweep', () => {
  const note = (
    id: string,
    state: Partial<SweepState>,
    drift = { created: 0, updated: 0, deleted: 0 },
    kind: 'absences' | 'holidays' = 'absences',
  ) => inTransaction(db, (tx) => noteSweep(tx, tenantId, id, kind, { ...freshSweep, ...state }, drift));

  it('remembers where it stood, for each kind, and whose token it was', async () => {
    const id = await running();
    await begin(id);

    await note(id, { cursor: 'c', startRead: '18446744073709551615', read: 100, total: 250 });
    await note(id, { done: true, verdict: 'proves' }, undefined, 'holidays');

    expect(await readSweeps(db, tenantId, id)).toMatchObject({
      owner: { companyId: 'c1', employeeId: null },
      kinds: {
        absences: {
          cursor: 'c',
          startRead: '18446744073709551615',
          read: 100,
          total: 250,
          done: false,
        },
        holidays: { done: true, verdict: 'proves' },
      },
    });
    expect(await read(id)).toMatchObject({ phase: 'holidays', workflowId: 'w', runId: 'r' });
  });

  it('adds its drift up over pages, apart for each kind, while counts are those of the last page', async () => {
    const id = await running();
    await note(id, { read: 100 }, { created: 2, updated: 1, deleted: 0 });
    await note(id, { read: 7 }, { created: 9, updated: 9, deleted: 9 }, 'holidays');
    await note(id, { read: 150, total: 150 }, { created: 1, updated: 0, deleted: 3 });

    const { counts, drift } = await read(id);

    expect(drift).toMatchObject({
      absences: { created: 3, updated: 1, deleted: 3 },
      holidays: { created: 9, updated: 9, deleted: 9 },
    });
    expect(counts).toMatchObject({ absences: { read: 150, total: 150 }, holidays: { read: 7, total: null } });
  });

  it('adds nothing to a reconciliation that has ended', async () => {
    const id = await running();
    await end(id);

    await note(id, { read: 100 }, { created: 2, updated: 1, deleted: 0 });

    expect((await read(id)).drift).toMatchObject({ absences: { created: 0 } });
  });

  it('counts distinct ids, over pages that overlap too', async () => {
    const id = await running();
    for (const ids of [['1', '2', '2'], ['2', '3'], []]) {
      await inTransaction(db, (tx) => noteSwept(tx, tenantId, id, 'absences', ids));
    }
    await inTransaction(db, (tx) => noteSwept(tx, tenantId, id, 'holidays', ['1']));

    expect(await sweptCount(db, tenantId, id, 'absences')).toBe(3);

    await forgetSwept(db, tenantId, id, 'absences');
    expect(await sweptCount(db, tenantId, id, 'absences')).toBe(0);
    expect(await sweptCount(db, tenantId, id, 'holidays')).toBe(1);
  });
});

describe('the baseline', () => {
  it('is the moment of connecting until the first synchronisation has ended', async () => {
    const connectedAt = new Date('2026-01-01T00:00:00Z');
    expect(await readBaselineBefore(db, tenantId)).toEqual(connectedAt);

    await end(await running(), 'failed');
    expect(await readBaselineBefore(db, tenantId)).toEqual(connectedAt);

    await end(await running(), 'awaiting_approval');
    expect(await readBaselineBefore(db, tenantId)).toBeNull();
  });

  it('begins anew with a new connection', async () => {
    await end(await running());
    const connectedAt = new Date('2026-11-22T10:00:00Z');
    await db.connection.update({ where: { tenantId }, data: { generation: 3, connectedAt } });

    expect(await readBaselineBefore(db, tenantId)).toEqual(connectedAt);
  });

  it('of who never connected is none', async () => {
    expect(await readBaselineBefore(db, 'nobody')).toBeNull();
  });
});

describe('held deletions', () => {
  const hold = (reconciliationId: string, ids: readonly string[]) =>
    inTransaction(db, (tx) =>
      holdDeletions(tx, tenantId, { reconciliationId, kind: 'absences', ids, provenRead: 7n, of: 40 }, at),
    );
  const decide = (factorialId: string, decision: 'approve' | 'reject') =>
    db.pendingDeletion.updateMany({
      where: { tenantId, factorialId },
      data: { decision, decidedBy: 'ana', decidedAt: at },
    });
  const warnings = async () =>
    (await db.connectionWarning.findMany({ where: { tenantId } })).map(({ code }) => code);

  it('wait with a warning until somebody decides', async () => {
    const id = await running();
    await hold(id, ['a1', 'a2']);

    expect(await heldCount(db, tenantId, id)).toBe(2);
    expect(await warnings()).toEqual(['deletions_waiting']);
    expect(await decidedDeletions(db, tenantId, 10)).toEqual([]);
  });

  it('are carried out as decided; the reconciliation ends with the last, and so does the warning', async () => {
    const id = await running();
    await hold(id, ['a1', 'a2']);
    await end(id, 'awaiting_approval');

    await decide('a1', 'approve');
    const [first] = await decidedDeletions(db, tenantId, 10);
    expect(first).toMatchObject({ factorialId: 'a1', kind: 'absences', provenRead: 7n, decision: 'approve' });
    await inTransaction(db, (tx) => endHeld(tx, tenantId, first === undefined ? [] : [first], at));
    expect(await read(id)).toMatchObject({ status: 'awaiting_approval' });
    expect(await warnings()).toEqual(['deletions_waiting']);

    await decide('a2', 'reject');
    const rest = await decidedDeletions(db, tenantId, 10);
    expect(rest.map(({ factorialId, decision }) => [factorialId, decision])).toEqual([['a2', 'reject']]);
    await inTransaction(db, (tx) => endHeld(tx, tenantId, rest, at));
    expect(await read(id)).toMatchObject({ status: 'completed' });
    expect(await warnings()).toEqual([]);
    expect(await decidedDeletions(db, tenantId, 10)).toEqual([]);
  });

  it('once carried out are drift of the reconciliation that had held them, also when it has ended', async () => {
    const [id, other] = [await running(), crypto.randomUUID()];
    await end(id, 'awaiting_approval');

    await inTransaction(db, async (tx) => {
      await noteApproved(tx, tenantId, id, 'absences', 2);
      await noteApproved(tx, tenantId, id, 'absences', 1);
      await noteApproved(tx, tenantId, other, 'absences', 5);
    });

    const { drift } = await read(id);
    expect(drift).toMatchObject({
      absences: { created: 0, updated: 0, deleted: 3 },
      holidays: { deleted: 0 },
    });
  });

  it('give way to a reconciliation that has looked again', async () => {
    const first = await running();
    await hold(first, ['a1']);
    await end(first, 'awaiting_approval');
    const second = await running();

    await inTransaction(db, (tx) => supersedeHeld(tx, tenantId, second));

    expect(await heldCount(db, tenantId, first)).toBe(0);
    expect(await read(first)).toMatchObject({ status: 'completed' });
    expect(await warnings()).toEqual([]);
  });

  it('are held once', async () => {
    const id = await running();
    await hold(id, ['a1']);
    await hold(id, ['a1']);

    expect(await heldCount(db, tenantId, id)).toBe(1);
  });
});
