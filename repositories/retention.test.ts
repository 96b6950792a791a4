import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, makeAbsence } from '../test/support/hr-facts.ts';
import { readChanges } from './changes-read.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { appendChanges, type NewChange } from './feed.ts';
import { takeReadNumber } from './reads.ts';
import { dropOld } from './retention.ts';
import { saveAbsences } from './sync.ts';

let test: TestDatabase;
let db: Database;
let tenantId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 6);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const kept = { rowDays: 30, bodyDays: 7, changeDays: 90, historyDays: 90, batchSize: 3, pauseMs: 0 };
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
const origin = { via: { type: 'poll', id: 'p' }, workflowId: 'w', runId: 'r' } as const;

describe('the change feed', () => {
  const tell = (id: string, minutes: number, operation: NewChange['operation'] = 'upsert') =>
    inTransaction(db, (tx) =>
      appendChanges(tx, tenantId, [{ entity: 'calendar_day', id, operation, data: { minutes } }]),
    );
  const age = (days: number) => db.change.updateMany({ where: { tenantId }, data: { at: daysAgo(days) } });
  /** The feed was last looked through the day before yesterday. */
  const isDue = () => db.changeCounter.update({ where: { tenantId }, data: { prunedAt: daysAgo(2) } });

  /** What a reader knows who starts after a sequence, or from the start. */
  async function learn(after: bigint | null): Promise<Record<string, unknown>> {
    const known: Record<string, unknown> = {};
    for (let cursor = after; ;) {
      const result = await readChanges(db, tenantId, cursor, 4);
      if (result.outcome === 'expired') throw new Error('the cursor expired');
      for (const { id, operation, data } of result.items) {
        if (operation === 'delete') delete known[id];
        else known[id] = data;
      }
      if (result.items.length === 0) return known;
      cursor = BigInt(result.next);
    }
  }

  it('loses only what a later entry has replaced, so that who starts anew or comes late knows the same as before', async () => {
    for (let turn = 0; turn < 4; turn += 1) for (const id of ['a/1', 'a/2', 'b/1']) await tell(id, turn);
    await tell('a/2', 0, 'delete');
    await age(91);
    await tell('b/1', 99);
    const before = { anew: await learn(null), late: await learn(5n) };
    await isDue();

    expect((await dropOld(db, kept))['changes']).toBe(11);

    expect(await learn(null)).toEqual(before.anew);
    expect(await learn(5n)).toEqual(before.late);
    const left = await db.change.findMany({
      where: { tenantId, entity: 'calendar_day' },
      orderBy: { sequence: 'asc' },
    });
    expect(left.map(({ entityId, operation }) => [entityId, operation])).toEqual([
      ['a/1', 'upsert'],
      ['a/2', 'delete'],
      ['b/1', 'upsert'],
    ]);
    await isDue();
    expect((await dropOld(db, kept))['changes']).toBe(0);
  });

  it('is looked through once a day, by one of all processes', async () => {
    for (let turn = 0; turn < 4; turn += 1) await tell('a/1', turn);
    await age(91);
    expect((await dropOld(db, kept))['changes']).toBe(0); // it is new

    await isDue();
    const dropped = await Promise.all(Array.from({ length: 3 }, () => dropOld(db, kept)));

    expect(dropped.filter(({ changes }) => changes === 3)).toHaveLength(1);
    expect(dropped.filter(({ changes }) => changes === 0)).toHaveLength(2);
  });

  it('keeps what is young, replaced or not', async () => {
    await tell('a/1', 1);
    await tell('a/1', 2);
    await age(89);
    await isDue();

    expect((await dropOld(db, kept))['changes']).toBe(0);
  });
});

describe('a read', () => {
  const save = async (approved: boolean): Promise<bigint> => {
    const number = await takeReadNumber(db, tenantId, origin);
    const absence = makeAbsence('a1', 'p1', '2026-11-23', { approved });
    await inTransaction(db, (tx) => saveAbsences(tx, tenantId, () => number, [absence]));
    return number;
  };

  it('goes when it is old and brought nothing; what explains a fact or a day stays', async () => {
    const first = await save(true);
    await save(true); // found it unchanged
    const changed = await save(false);
    await db.read.updateMany({ where: { tenantId }, data: { at: daysAgo(91) } });
    const young = await save(false);

    expect((await dropOld(db, kept))['reads']).toBe(1);

    const left = await db.read.findMany({ where: { tenantId }, orderBy: { number: 'asc' } });
    expect(left.map(({ number }) => number)).toEqual([first, changed, young]);
  });
});

describe('what only tells what once happened', () => {
  const reconciliation = (status: string, days: number, generation = 1) => ({
    tenantId,
    id: randomUUID(),
    trigger: 'manual',
    status,
    generation,
    requestedAt: daysAgo(days),
    finishedAt: status === 'running' ? null : daysAgo(days),
  });

  it('goes after its time, in batches; what is not over stays, however old', async () => {
    const entry = { tenantId, kind: 'sync', summary: 's', outcome: 'applied' };
    await db.activityEntry.createMany({
      data: [
        ...Array.from({ length: 7 }, () => ({ ...entry, at: daysAgo(91) })),
        { ...entry, at: daysAgo(89) },
      ],
    });
    const command = { tenantId, type: 'disconnect', actor: 'a', createdAt: daysAgo(200) };
    await db.connectionCommand.createMany({
      data: [
        { ...command, id: randomUUID(), outcome: 'done', doneAt: daysAgo(91) },
        { ...command, id: randomUUID(), outcome: 'done', doneAt: daysAgo(1) },
        { ...command, id: randomUUID() },
      ],
    });
    const failure = {
      tenantId,
      resource: 'absences',
      code: 'schema_drift',
      message: 'm',
      firstAt: daysAgo(99),
      lastAt: daysAgo(91),
    };
    await db.failure.createMany({
      data: [
        { ...failure, id: randomUUID(), factorialId: '1', status: 'resolved' },
        { ...failure, id: randomUUID(), factorialId: '2', status: 'open' },
      ],
    });

    const dropped = await dropOld(db, kept);

    expect(dropped).toMatchObject({ activity_entries: 7, connection_commands: 1, failures: 1 });
    expect(await db.activityEntry.count({ where: { tenantId } })).toBe(1);
    expect(await db.connectionCommand.count({ where: { tenantId } })).toBe(2);
    expect(await db.failure.findMany({ where: { tenantId } })).toMatchObject([{ status: 'open' }]);
    expect(Object.values(await dropOld(db, kept)).every((rows) => rows === 0)).toBe(true);
  });

  it('goes with all that belongs to it: a replay with its items, an attempt that was overtaken, a key that is retired', async () => {
    const replay = { tenantId, generation: 1, status: 'completed', filter: {}, actor: 'a', count: 4 };
    const item = { tenantId, resource: 'absences', factorialId: '1', outcome: 'succeeded' };
    const attempt = {
      tenantId,
      kind: 'authorize',
      credentialVersion: 1,
      apiHost: 'h',
      tokenOwner: 'company',
    };
    const key = { tenantId, generation: 1, keyEnc: 'e', challengeEnc: 'e', challengeHash: 'h' };
    for (const [name, daysOld] of Object.entries({ old: 91, young: 89 })) {
      const at = daysAgo(daysOld);
      const id = randomUUID();
      await db.replay.create({ data: { ...replay, id, requestedAt: at, finishedAt: at } });
      await db.replayItem.createMany({
        data: Array.from({ length: 4 }, () => ({ ...item, replayId: id, failureId: randomUUID() })),
      });
      await db.authorizationAttempt.createMany({
        data: [null, 'a pair to be revoked'].map((pairEnc) => ({
          ...attempt,
          id: randomUUID(),
          stateHash: `${name} ${pairEnc}`,
          expiresAt: at,
          voidedAt: at,
          pairEnc,
        })),
      });
      await db.subscription.createMany({
        data: [null, new Date()].map((dropUntil, index) => ({
          ...key,
          id: randomUUID(),
          type: 'timeoff/leave/create',
          keyHash: `${name} ${index} ${tenantId}`,
          retiredAt: at,
          dropUntil,
        })),
      });
    }
    await db.replay.create({ data: { ...replay, id: randomUUID(), requestedAt: daysAgo(200) } });

    const dropped = await dropOld(db, kept);

    expect(dropped).toMatchObject({
      replay_items: 4,
      replays: 1,
      authorization_attempts: 1,
      subscriptions: 1,
    });
    expect(await db.replayItem.count({ where: { tenantId } })).toBe(4);
    expect(await db.replay.count({ where: { tenantId } })).toBe(2);
    expect(Object.values(await dropOld(db, kept)).every((rows) => rows === 0)).toBe(true);
  });

  it('leaves the last reconciliation that ended well, those that wait, and the ids that a running one has listed', async () => {
    const old = reconciliation('completed', 200);
    const last = reconciliation('completed', 150);
    const failedSince = reconciliation('failed', 120);
    const failedBefore = reconciliation('failed', 180);
    const waiting = reconciliation('awaiting_approval', 300);
    const running = reconciliation('running', 300);
    const earlierConnection = reconciliation('completed', 400, 0);
    const all = [old, last, failedSince, failedBefore, waiting, running, earlierConnection];
    await db.reconciliation.createMany({ data: all });
    const swept = (id: string) => ({ tenantId, reconciliationId: id, kind: 'absences', factorialIds: ['1'] });
    await db.sweptIds.createMany({ data: [swept(running.id), swept(last.id), swept(randomUUID())] });

    const dropped = await dropOld(db, kept);

    expect(dropped).toMatchObject({ reconciliations: 2, swept_ids: 2 });
    const left = await db.reconciliation.findMany({ where: { tenantId }, select: { id: true } });
    expect(new Set(left.map(({ id }) => id))).toEqual(
      new Set([last, failedSince, waiting, running, earlierConnection].map(({ id }) => id)),
    );
    expect(await db.sweptIds.findMany({ where: { tenantId } })).toMatchObject([
      { reconciliationId: running.id },
    ]);
  });

  it('stays when the process is told to stop', async () => {
    const entry = { tenantId, kind: 'sync', summary: 's', outcome: 'applied', at: daysAgo(91) };
    await db.activityEntry.createMany({ data: Array.from({ length: 5 }, () => entry) });

    await dropOld(db, kept, () => false);

    expect(await db.activityEntry.count({ where: { tenantId } })).toBe(5);
  });
});
