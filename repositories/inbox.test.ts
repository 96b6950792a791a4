import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant } from '../test/support/hr-facts.ts';
import { createDatabase } from './database.ts';
import type { Database } from './database.ts';
import { storeDeliveries } from './inbox-ingest.ts';
import {
  beginLooking,
  beginReading,
  dueDeliveries,
  endDeliveries,
  postponeDeliveries,
  remainingDeliveries,
} from './inbox.ts';
import type { InboxOutcome, PendingDelivery } from './inbox.ts';

const now = new Date('2026-11-22T12:00:00.000Z');
const soon = new Date('2026-11-22T12:00:02.000Z');

let test: TestDatabase;
let db: Database;
let tenantId: string;
let subscriptionId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
  subscriptionId = randomUUID();
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const deliver = (
  resourceId: string | null,
  topic = 'timeoff/leave/update',
  updatedAtFloor: Date | null = null,
) =>
  storeDeliveries(db, [
    { tenantId, subscriptionId, topic, resourceId, updatedAtFloor, bodyHash: 'hash', bodyEnc: null },
  ]);
const due = (at = now) => dueDeliveries(db, tenantId, at, 100);
const end = (deliveries: readonly PendingDelivery[], outcome: InboxOutcome) =>
  endDeliveries(db, tenantId, new Map(deliveries.map(({ id }) => [id, outcome])), now);
const begin = (deliveries: readonly PendingDelivery[], readNumber: bigint) =>
  beginReading(
    db,
    tenantId,
    deliveries.map(({ id }) => ({ id, readNumber })),
  );
const rows = () => db.inboxRow.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });

describe('deliveries', () => {
  it('wait in the order in which they came', async () => {
    for (const id of ['3', '1', '2']) await deliver(id);

    expect((await due()).map(({ resourceId, tries }) => [resourceId, tries])).toEqual([
      ['3', 0],
      ['1', 0],
      ['2', 0],
    ]);
    expect(await dueDeliveries(db, tenantId, now, 2)).toHaveLength(2);
  });

  it('that copy one which is not read yet are merged into it', async () => {
    const floor = new Date('2026-11-22T11:00:00.000Z');
    await deliver('1', 'timeoff/leave/update', floor);
    await deliver('1', 'timeoff/leave/update', new Date('2026-11-22T10:00:00.000Z'));

    expect(await rows()).toMatchObject([{ copies: 2, updatedAtFloor: floor }]);
  });

  it('of another topic are rows of their own', async () => {
    await deliver('1');
    await deliver('1', 'timeoff/leave/delete');

    expect(await due()).toHaveLength(2);
  });

  it('that copy one whose read has begun are new rows', async () => {
    await deliver('1');
    await begin(await due(), 7n);

    await deliver('1');

    expect((await rows()).map(({ readNumber, copies }) => [readNumber, copies])).toEqual([
      [7n, 1],
      [null, 1],
    ]);
    expect(await due()).toHaveLength(2);
  });

  it('that copy one which is done are new rows', async () => {
    await deliver('1');
    await end(await due(), 'applied');

    await deliver('1');

    expect((await due()).map(({ resourceId }) => resourceId)).toEqual(['1']);
  });

  it('that come many times while reading begins are neither lost nor read without need', async () => {
    await deliver('1');
    const first = await due();

    await Promise.all([...Array.from({ length: 8 }, () => deliver('1')), begin(first, 7n)]);

    const stored = await rows();
    expect(stored.reduce((sum, row) => sum + row.copies, 0)).toBe(9);
    expect(stored.length).toBeLessThanOrEqual(2);
    expect(stored[0]?.readNumber).toBe(7n);
  });

  it('without a readable id do not wait for a read', async () => {
    await deliver(null);

    expect(await due()).toEqual([]);
    expect(await rows()).toMatchObject([{ outcome: 'unreadable', resourceId: null }]);
  });

  it('of a tenant that is not connected are done at once', async () => {
    await db.connection.update({ where: { tenantId }, data: { status: 'disconnected' } });

    await deliver('1');

    expect(await rows()).toMatchObject([{ outcome: 'disconnected' }]);
  });

  it('of an expired connection wait', async () => {
    await db.connection.update({ where: { tenantId }, data: { status: 'expired' } });

    await deliver('1');

    expect(await due()).toHaveLength(1);
  });

  it('of another tenant are left alone', async () => {
    await deliver('1');
    const other = await createConnectedTenant(db);
    const mine = await due();

    await beginReading(
      db,
      other,
      mine.map(({ id }) => ({ id, readNumber: 7n })),
    );
    await endDeliveries(db, other, new Map(mine.map(({ id }) => [id, 'applied'])), now);
    await postponeDeliveries(
      db,
      other,
      mine.map(({ id }) => id),
      soon,
    );

    expect(await due()).toEqual(mine);
    expect(await dueDeliveries(db, other, now, 10)).toEqual([]);
  });
});

describe('a read', () => {
  it('that was begun and not ended by a crash is begun again', async () => {
    await deliver('1');
    await begin(await due(), 7n);

    const again = await due();
    await begin(again, 9n);

    expect(again).toMatchObject([{ resourceId: '1', tries: 1 }]);
    expect(await rows()).toMatchObject([{ readNumber: 9n, tries: 2 }]);
  });

  it('must be as new as what copies brought until it began', async () => {
    await deliver('1', 'timeoff/leave/update', new Date('2026-11-22T10:00:00.000Z'));
    const deliveries = await due();
    await deliver('1', 'timeoff/leave/update', new Date('2026-11-22T11:00:00.000Z'));

    const floors = await begin(deliveries, 7n);

    expect([...floors.values()]).toEqual([new Date('2026-11-22T11:00:00.000Z')]);
  });

  it('of something that is done does not begin', async () => {
    await deliver('1');
    const deliveries = await due();
    await end(deliveries, 'applied');

    expect((await begin(deliveries, 9n)).size).toBe(0);

    expect(await rows()).toMatchObject([{ readNumber: null, tries: 0, outcome: 'applied' }]);
  });
});

describe('an end', () => {
  it('is the first that is told', async () => {
    await deliver('1');
    const deliveries = await due();
    await end(deliveries, 'parked');

    await end(deliveries, 'applied');

    expect(await rows()).toMatchObject([{ outcome: 'parked', outcomeAt: now }]);
    expect(await due()).toEqual([]);
  });

  it('may be another one for each', async () => {
    for (const id of ['1', '2', '3']) await deliver(id);
    const [one, two] = await due();

    const outcomes: [bigint, InboxOutcome][] = [
      [one?.id ?? 0n, 'applied'],
      [two?.id ?? 0n, 'gone'],
    ];
    await endDeliveries(db, tenantId, new Map(outcomes), now);

    expect((await rows()).map(({ outcome }) => outcome)).toEqual(['applied', 'gone', null]);
  });

  it('is told in the activity, each delivery once', async () => {
    for (const id of ['1', '2', '3']) await deliver(id);
    const all = await due();

    await end(all.slice(0, 2), 'applied');
    await end(all, 'applied'); // a crash had it repeated
    await end(all, 'gone');

    const told = await db.activityEntry.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
    expect(told).toMatchObject([
      { kind: 'delivery', count: 2, outcome: 'applied' },
      { kind: 'delivery', count: 1, outcome: 'applied' },
    ]);
  });
});

describe('what was put off', () => {
  it('is due again in time', async () => {
    await deliver('1');
    await postponeDeliveries(
      db,
      tenantId,
      (await due()).map(({ id }) => id),
      soon,
    );

    expect(await due()).toEqual([]);
    expect(await due(soon)).toHaveLength(1);
  });

  it('is not put off once it is done', async () => {
    await deliver('1');
    const deliveries = await due();
    await end(deliveries, 'applied');

    await postponeDeliveries(
      db,
      tenantId,
      deliveries.map(({ id }) => id),
      soon,
    );

    expect(await rows()).toMatchObject([{ dueAt: null }]);
  });

  it('still counts as waiting, and tells when it is due', async () => {
    expect(await remainingDeliveries(db, tenantId, now)).toMatchObject({ left: 0, nextDueAt: null });
    await deliver('1');
    await postponeDeliveries(
      db,
      tenantId,
      (await due()).map(({ id }) => id),
      soon,
    );
    expect(await remainingDeliveries(db, tenantId, now)).toMatchObject({ left: 1, nextDueAt: soon });

    await deliver('2');

    expect(await remainingDeliveries(db, tenantId, now)).toMatchObject({ left: 2, nextDueAt: null });
    expect(await remainingDeliveries(db, tenantId, soon)).toMatchObject({ left: 2, nextDueAt: null });
  });

  it('is none of what waits for a look at our subscriptions, which ends it', async () => {
    await deliver('1', 'api_public/webhook_subscription/update');
    const waiting = await remainingDeliveries(db, tenantId, now);

    const begun = await beginLooking(db, tenantId);
    await deliver('1', 'api_public/webhook_subscription/update'); // told again, while one looks
    await endDeliveries(db, tenantId, new Map(begun.map((id) => [id, 'applied'])), now);

    expect(waiting).toEqual({ left: 0, nextDueAt: null, aboutSubscriptions: 1 });
    expect((await rows()).map(({ outcome }) => outcome)).toEqual(['applied', null]);
    expect(await remainingDeliveries(db, tenantId, now)).toMatchObject({ aboutSubscriptions: 1 });
  });
});
