import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { blockRequests, takeRequest } from './budget.ts';
import { createDatabase } from './database.ts';
import type { Database } from './database.ts';

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const take = async (tenantId: string, perMinute: number, leave = 0) =>
  (await takeRequest(db, tenantId, { perMinute, leave })).waitMs;

/** Puts a bucket to a level, as if it had been left alone for `idleMs` since. */
async function setBucket(tenantId: string, tokens: number, idleMs = 0): Promise<void> {
  await db.$executeRaw`
    INSERT INTO request_budgets (tenant_id, tokens, refilled_at)
    VALUES (${tenantId}, ${tokens}::float8, clock_timestamp() - ${idleMs}::float8 * interval '1 millisecond')
    ON CONFLICT (tenant_id) DO UPDATE SET tokens = excluded.tokens, refilled_at = excluded.refilled_at`;
}

describe('the request budget', () => {
  it('starts full', async () => {
    const waits = [await take('new', 2), await take('new', 2)];

    expect(waits).toEqual([0, 0]);
    expect(await take('new', 2)).toBeGreaterThan(25_000);
  });

  it('says which generation the connection has at that moment, and whether it is paused', async () => {
    expect(await takeRequest(db, 'connected', { perMinute: 5, leave: 0 })).toEqual({
      waitMs: 0,
      generation: 0,
      paused: false,
    });
    await db.connection.create({ data: { tenantId: 'connected', generation: 7, paused: true } });

    expect(await takeRequest(db, 'connected', { perMinute: 5, leave: 0 })).toEqual({
      waitMs: 0,
      generation: 7,
      paused: true,
    });
  });

  it('never lets more through than the bucket holds, however many ask at once', async () => {
    const startedAt = Date.now();

    const waits = await Promise.all(Array.from({ length: 60 }, () => take('crowd', 40)));

    const refilled = Math.ceil(((Date.now() - startedAt) / 60_000) * 40);
    const passed = waits.filter((waitMs) => waitMs === 0).length;
    expect(passed).toBeGreaterThanOrEqual(40);
    expect(passed).toBeLessThanOrEqual(40 + refilled);
  });

  it('takes nothing from those it makes wait, and says how long', async () => {
    await setBucket('empty', 0);

    const waits = [await take('empty', 6), await take('empty', 6)];

    for (const waitMs of waits) {
      expect(waitMs).toBeGreaterThan(5_000);
      expect(waitMs).toBeLessThanOrEqual(10_000);
    }
  });

  it('refills with time', async () => {
    await setBucket('rested', 0, 1_000);

    expect(await take('rested', 60)).toBe(0);
  });

  it('refills no further than full', async () => {
    await setBucket('long rest', 0, 3_600_000);

    const waits = [await take('long rest', 2), await take('long rest', 2)];

    expect(waits).toEqual([0, 0]);
    expect(await take('long rest', 2)).toBeGreaterThan(0);
  });

  it('loses no time to those who keep asking', async () => {
    await setBucket('nagged', 0);
    const levelOf = () => db.requestBudget.findUniqueOrThrow({ where: { tenantId: 'nagged' } });
    const before = await levelOf();

    let passed = 0;
    for (let count = 0; count < 100; count += 1) if ((await take('nagged', 60)) === 0) passed += 1;

    const after = await levelOf();
    const refilled = (after.refilledAt.getTime() - before.refilledAt.getTime()) / 1_000;
    expect(Math.abs(after.tokens + passed - refilled)).toBeLessThan(refilled / 4);
  });

  it.each([
    [4.01, 0],
    [3.01, 5_940],
  ])('leaves 30 of 100 free for others: with %d of 10 it waits %i ms at most', async (tokens, atMostMs) => {
    await setBucket(`share ${tokens}`, tokens);

    const waitMs = await take(`share ${tokens}`, 10, 0.3);

    expect(waitMs === 0).toBe(atMostMs === 0);
    expect(waitMs).toBeLessThanOrEqual(atMostMs);
  });

  it('lets everybody else have what a reconciliation leaves', async () => {
    await setBucket('shared', 3);

    expect(await take('shared', 10, 0.3)).toBeGreaterThan(0);
    expect(await take('shared', 10)).toBe(0);
  });

  it('lets a reconciliation go on with a bucket of one', async () => {
    expect(await take('tiny', 1, 0.3)).toBe(0);
  });

  it('lets nobody ask while Factorial has said 429, and says how long', async () => {
    await setBucket('limited', 100);
    await blockRequests(db, 'limited', 30_000);

    const waitMs = await take('limited', 100);

    expect(waitMs).toBeGreaterThan(25_000);
    expect(waitMs).toBeLessThanOrEqual(30_000);
  });

  it('does not shorten a block by a shorter one', async () => {
    await setBucket('twice', 100);
    await blockRequests(db, 'twice', 30_000);
    await blockRequests(db, 'twice', 1_000);

    expect(await take('twice', 100)).toBeGreaterThan(25_000);
  });

  it('goes on when a block has ended', async () => {
    await setBucket('over', 100);
    await blockRequests(db, 'over', -1);

    expect(await take('over', 100)).toBe(0);
  });

  it('is each tenant’s own', async () => {
    await setBucket('poor', 0);
    await blockRequests(db, 'poor', 30_000);

    expect(await take('rich', 100)).toBe(0);
  });
});
