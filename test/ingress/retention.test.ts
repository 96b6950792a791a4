import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createMetrics } from '../../api/metrics.ts';
import { createRelay } from '../../api/relay.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { dropOldDeliveries } from '../../repositories/inbox-retention.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase(database.url, 4);
});
afterAll(async () => {
  await db.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  await db.inboxRow.deleteMany();
});

const kept = { rowDays: 30, bodyDays: 7, pauseMs: 0 };
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

let count = 0;
async function store(data: object, copies = 1): Promise<void> {
  const rows = Array.from({ length: copies }, () => {
    count += 1;
    return {
      tenantId: `t${count % 3}`,
      generation: 1,
      topic: 'timeoff/leave/update',
      resourceId: `r${count}`,
      bodyHash: 'h',
      ...data,
    };
  });
  await db.inboxRow.createMany({ data: rows });
}
const done = (days: number) => ({ outcome: 'applied', outcomeAt: daysAgo(days), receivedAt: daysAgo(days) });
const left = async () =>
  (await db.inboxRow.findMany({ orderBy: { resourceId: 'asc' } })).map(({ resourceId }) => resourceId);

describe('old deliveries', () => {
  it('are deleted 30 days after their outcome, whatever it was, and not a day before', async () => {
    await store({ resourceId: 'over', ...done(31) });
    await store({ resourceId: 'dropped', ...done(31), outcome: 'disconnected' });
    await store({ resourceId: 'young', ...done(29) });
    await store({ resourceId: 'late outcome', ...done(40), outcomeAt: daysAgo(1) });
    await store({ resourceId: 'undone', receivedAt: daysAgo(90) });

    expect(await dropOldDeliveries(db, kept)).toEqual({ rows: 2, bodies: 0 });

    expect(await left()).toEqual(['late outcome', 'undone', 'young']);
    expect(await dropOldDeliveries(db, kept)).toEqual({ rows: 0, bodies: 0 });
  });

  it('lose a body that could not be read after 7 days, and are still counted', async () => {
    const unreadable = { resourceId: null, outcome: 'unreadable', bodyEnc: 'secret' };
    await store({ ...done(8), ...unreadable });
    await store({ ...done(6), ...unreadable });

    expect(await dropOldDeliveries(db, kept)).toEqual({ rows: 0, bodies: 1 });

    const rows = await db.inboxRow.findMany({ orderBy: { receivedAt: 'asc' } });
    expect(rows.map(({ bodyEnc, outcome }) => [bodyEnc, outcome])).toEqual([
      [null, 'unreadable'],
      ['secret', 'unreadable'],
    ]);
  });

  it('go in small batches, and by several processes at once without waiting for each other', async () => {
    await store(done(40), 250);
    await store(done(1), 5);

    const results = await Promise.all(
      Array.from({ length: 3 }, () => dropOldDeliveries(db, { ...kept, batchSize: 20 })),
    );

    await dropOldDeliveries(db, kept); // one may have stopped early where others held the rest
    expect(results.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(250);
    expect(await db.inboxRow.count()).toBe(5);
  });

  it('stay when the process is told to stop', async () => {
    await store(done(40), 50);
    let batches = 0;

    await dropOldDeliveries(db, { ...kept, batchSize: 10 }, () => (batches += 1) <= 3);

    expect(await db.inboxRow.count()).toBeGreaterThan(0);
  });

  it('are dropped by the relay, which goes on ringing meanwhile', async () => {
    await store(done(40), 30);
    await db.connection.create({ data: { tenantId: 'live', status: 'connected', generation: 1 } });
    await store({ tenantId: 'live' });
    const rings: string[] = [];
    const relay = createRelay({
      db,
      doorbell: {
        ring: async (tenantId) => {
          rings.push(tenantId);
          return 'accepted';
        },
        close: async () => undefined,
      },
      metrics: createMetrics(),
      logger: pino({ level: 'silent' }),
      sweepMs: 20,
      retention: { ...kept, changeDays: 90, historyDays: 90, batchSize: 5 },
      firstRetentionMs: 0,
    });
    relay.start();

    await waitFor('old rows to go', async () => (await db.inboxRow.count()) === 1);
    await waitFor('the ring', () => rings.length > 0);
    await relay.stop();
    expect(rings).toEqual(['live']);
  });
});
