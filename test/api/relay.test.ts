import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Doorbell, RingName, RingOutcome } from '../../api/doorbell.ts';
import { createMetrics } from '../../api/metrics.ts';
import { spacingFor } from '../../api/relay-bells.ts';
import { createRelay, type Relay } from '../../api/relay.ts';
import { createDatabase, type Database, type Executor } from '../../repositories/database.ts';
import { deliveriesToRing, noteRung } from '../../repositories/relay-work.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openTransaction } from '../support/open-transaction.ts';
import { beRungFor, countUnrung } from '../support/rung-for.ts';
import { waitFor } from '../support/wait-for.ts';

interface Ring {
  tenantId: string;
  name: RingName;
  arg: unknown;
}

let database: TestDatabase;
let db: Database;
let rings: Ring[];
let outcome: RingOutcome;
let relays: Relay[];
let tenant: string;
let count = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase(database.url, 5);
});
afterAll(async () => {
  await db.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  rings = [];
  relays = [];
  outcome = 'accepted';
  count += 1;
  tenant = `tenant-${count}`;
  await db.connection.create({ data: { tenantId: tenant, status: 'connected', generation: 1 } });
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await Promise.all([
    db.inboxRow.deleteMany(),
    db.connectionCommand.deleteMany(),
    db.recomputeMark.deleteMany(),
    db.reconciliation.deleteMany(),
    db.connection.deleteMany(),
    db.tenant.deleteMany(),
    db.relayState.deleteMany(),
  ]);
});

const doorbell: Doorbell = {
  ring: async (tenantId, name, arg) => {
    rings.push({ tenantId, name, arg });
    return outcome;
  },
  close: async () => undefined,
};

function startRelay(sweepMs = 50): Relay {
  const relay = createRelay({
    db,
    doorbell,
    metrics: createMetrics(),
    logger: pino({ level: 'silent' }),
    sweepMs,
  });
  relays.push(relay);
  relay.start();
  return relay;
}

async function deliver(data: object = {}, tenantId = tenant, executor: Executor = db): Promise<void> {
  const topic = 'timeoff/leave/update';
  const resourceId = crypto.randomUUID();
  await executor.inboxRow.create({
    data: { tenantId, generation: 1, topic, resourceId, bodyHash: 'h', ...data },
  });
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const allRungFor = () => waitFor('all to be rung for', async () => (await countUnrung(db)) === 0);
const rungTimes = (times: number) => waitFor(`ring ${times}`, () => rings.length === times);

describe('the relay', () => {
  it('rings at once for a delivery that it is told of, and notes that the ring was accepted', async () => {
    const relay = startRelay(60_000); // by itself it would look again long after this test
    await pass(100); // the first sweep is over
    await deliver();
    await deliver({ topic: 'employees/employee/update' });

    relay.notify(tenant);
    await allRungFor();

    expect(rings).toMatchObject([
      {
        tenantId: tenant,
        name: 'webhooksReceived',
        arg: { counts: { 'timeoff/leave/update': 1, 'employees/employee/update': 1 } },
      },
    ]);
  });

  it('finds by itself what another process left behind', async () => {
    await deliver();
    startRelay();

    await allRungFor();

    expect(rings).toHaveLength(1);
  });

  it('rings at most twice a second for a tenant, across processes, and forgets no delivery', async () => {
    const [one, two] = [startRelay(), startRelay()];
    const startedAt = performance.now();
    while (performance.now() - startedAt < 2_500) {
      await deliver();
      one.notify(tenant);
      two.notify(tenant);
      await pass(10);
    }
    await allRungFor();

    const seconds = (performance.now() - startedAt) / 1_000;
    expect(rings.length).toBeLessThanOrEqual(1 + 2 * seconds);
    const counted = rings.reduce(
      (sum, { arg }) =>
        sum + ((arg as { counts: Record<string, number> }).counts['timeoff/leave/update'] ?? 0),
      0,
    );
    expect(counted).toBe(await db.inboxRow.count());
  });

  it('rings again for what was rung for a minute ago and is not done, unless it is not due yet', async () => {
    await db.connection.create({ data: { tenantId: 'a moment less', status: 'connected' } });
    await deliver({}, 'a moment less');
    await beRungFor(db, 'a moment less', 59);
    await deliver();
    await deliver({ dueAt: ago(-30) });
    await deliver({ outcome: 'applied' });
    await beRungFor(db, tenant, 61);
    startRelay();

    await rungTimes(1);

    expect(rings).toEqual([
      { tenantId: tenant, name: 'webhooksReceived', arg: { counts: { 'timeoff/leave/update': 1 } } },
    ]);
    await waitFor('the ring to be noted', () =>
      db.relayState.findFirst({ where: { tenantId: tenant, lookedAt: { gt: ago(30) } } }),
    );
  });

  it('rings for a delivery that was being stored while it looked, though a later one is rung for by then', async () => {
    const slow = await openTransaction(db, (tx) => deliver({}, tenant, tx));
    await deliver();
    const relay = startRelay(60_000);
    await rungTimes(1);
    await allRungFor();

    await slow.commit();
    relay.notify(tenant);
    await rungTimes(2);

    expect(rings.map(({ arg }) => arg)).toEqual([
      { counts: { 'timeoff/leave/update': 1 } },
      { counts: { 'timeoff/leave/update': 1 } },
    ]);
  });

  it.each([
    ['that was rung for a minute ago', 61],
    ['that nobody was rung for', null],
  ])(
    'rings once for what a dump brought from another cluster, whose numbers lie ahead: of a tenant %s',
    async (_, secondsAgo) => {
      await deliver();
      await db.$executeRaw`UPDATE inbox SET stored_xid = '900000000000'`;
      if (secondsAgo !== null) await beRungFor(db, tenant, secondsAgo);
      startRelay();

      await rungTimes(1);
      await pass(1_000); // more than two rings lie apart
      expect(rings).toHaveLength(1);
    },
  );

  it('keeps a newer look when the ring of an older one is accepted late', async () => {
    await deliver();
    const older = await deliveriesToRing(db, tenant);
    await beRungFor(db, tenant, 0);
    await deliver();
    const newer = await deliveriesToRing(db, tenant);

    await noteRung(db, tenant, newer.look);
    await noteRung(db, tenant, older.look);

    expect(await countUnrung(db, tenant)).toBe(0);
  });

  it.each([
    ['expired', { status: 'expired' }],
    ['disconnected', { status: 'disconnected' }],
    ['paused', { paused: true }],
  ])(
    'leaves the deliveries of a connection alone while it is %s, and rings once it is connected',
    async (_, data) => {
      await db.connection.update({ where: { tenantId: tenant }, data });
      await deliver();
      const relay = startRelay();
      relay.notify(tenant);
      await pass(200);
      expect(rings).toEqual([]);

      await db.connection.update({
        where: { tenantId: tenant },
        data: { status: 'connected', paused: false },
      });
      await rungTimes(1);
    },
  );

  it('rings for commands, marks, settings and queued reconciliations that had time enough', async () => {
    const id = crypto.randomUUID();
    const [late, fresh] = [ago(4), ago(2)];
    const command = { payload: {}, actor: 'ana', type: 'disconnect' };
    await db.connectionCommand.createMany({
      data: [
        { ...command, tenantId: 'a', id, createdAt: late },
        { ...command, tenantId: 'b', id, createdAt: fresh },
        { ...command, tenantId: 'c', id, createdAt: late, outcome: 'done' },
      ],
    });
    await db.recomputeMark.createMany({
      data: [
        { tenantId: 'a', employeeId: '1', since: late },
        { tenantId: 'a', employeeId: '2', since: fresh },
        { tenantId: 'b', employeeId: '1', since: fresh },
        { tenantId: 'c', employeeId: '1', since: late }, // a reconciliation runs, and computes everybody
        { tenantId: 'd', employeeId: '1', since: ago(61) }, // it takes long
      ],
    });
    const queued = { id, trigger: 'manual', status: 'queued', generation: 1, requestedAt: ago(6) };
    await db.connection.createMany({
      data: ['a', 'b', 'c'].map((tenantId) => ({ tenantId, status: 'connected' })),
    });
    await db.reconciliation.createMany({
      data: [
        { ...queued, tenantId: 'a' },
        { ...queued, tenantId: 'b', requestedAt: ago(4) },
        { ...queued, tenantId: 'c' },
        { ...queued, tenantId: 'c', id: crypto.randomUUID(), status: 'running' },
        { ...queued, tenantId: 'd', status: 'running' },
        { ...queued, tenantId: 'not-connected' },
      ],
    });
    await db.tenant.createMany({
      data: [
        { id: 'a', name: 'a', settingsChangedAt: late },
        { id: 'b', name: 'b', settingsChangedAt: fresh },
        { id: 'c', name: 'c' },
        { id: 'not-connected', name: 'not-connected', settingsChangedAt: late },
      ],
    });
    startRelay(60_000);

    await rungTimes(5);
    await pass(100);

    expect(rings).toEqual(
      expect.arrayContaining([
        { tenantId: 'a', name: 'disconnect', arg: { commandId: id } },
        { tenantId: 'a', name: 'factsChanged', arg: { marked: 2 } },
        { tenantId: 'a', name: 'factsChanged', arg: { marked: 0, settings: true } },
        { tenantId: 'a', name: 'reconcileNow', arg: { reconciliationId: id } },
        { tenantId: 'd', name: 'factsChanged', arg: { marked: 1 } },
      ]),
    );
    expect(rings).toHaveLength(5);
  });

  it('rings ever more seldom for what stays undone', async () => {
    await db.recomputeMark.create({ data: { tenantId: tenant, employeeId: '1', since: ago(8) } });
    startRelay(20);
    await rungTimes(1);
    await pass(500);
    expect(rings).toHaveLength(1);

    await db.relayState.updateMany({ data: { lastRungAt: ago(5) } }); // 8 s old: half of it has passed
    await rungTimes(2);
  });

  it('rings seldom for new deliveries while nobody reads the ones rung for', async () => {
    await deliver({ receivedAt: ago(40) });
    await beRungFor(db, tenant, 30);
    await deliver();
    const relay = startRelay(20);
    await rungTimes(1);
    await deliver();
    relay.notify(tenant);
    await pass(1_000);
    expect(rings).toHaveLength(1);

    await db.inboxRow.updateMany({ where: { receivedAt: { lt: ago(30) } }, data: { outcome: 'applied' } });
    await rungTimes(2);
  });

  it('waits while Temporal is away, then rings for all tenants', async () => {
    const tenants = Array.from({ length: 20 }, (_, n) => `many-${n}`);
    await db.connection.createMany({ data: tenants.map((tenantId) => ({ tenantId, status: 'connected' })) });
    for (const tenantId of tenants) await deliver({}, tenantId);
    outcome = 'away';
    startRelay();
    await waitFor('a ring', () => rings.length > 0);
    await pass(500);
    expect(rings.length).toBeLessThanOrEqual(8); // those under way when it was noticed
    expect(await countUnrung(db)).toBe(20);

    outcome = 'accepted';
    await allRungFor();
    const accepted = rings.slice(-20).map(({ tenantId }) => tenantId);
    expect(new Set(accepted)).toEqual(new Set(tenants));
  });

  it('knows what it has rung for also after a ring that Temporal did not take', async () => {
    await deliver();
    await beRungFor(db, tenant, 1);
    await deliver({ topic: 'employees/employee/update' });
    outcome = 'away';
    startRelay();
    await rungTimes(1);

    outcome = 'accepted';
    await rungTimes(2);
    expect(rings[1]?.arg).toEqual({ counts: { 'employees/employee/update': 1 } });
  });

  it('gives back the turn of a ring that Temporal did not take', async () => {
    await db.recomputeMark.create({ data: { tenantId: tenant, employeeId: '1', since: ago(100) } }); // rung every 50 s
    outcome = 'away';
    startRelay();
    await rungTimes(1);

    outcome = 'accepted';
    await rungTimes(2);
    expect(rings.map(({ name }) => name)).toEqual(['factsChanged', 'factsChanged']);
  });

  it('goes on with other tenants when one workflow takes no signal', async () => {
    const relay = createRelay({
      db,
      doorbell: {
        ...doorbell,
        ring: async (tenantId, name, arg) =>
          tenantId === 'stuck' ? 'refused' : await doorbell.ring(tenantId, name, arg),
      },
      metrics: createMetrics(),
      logger: pino({ level: 'silent' }),
      sweepMs: 50,
    });
    relays.push(relay);
    await db.connection.create({ data: { tenantId: 'stuck', status: 'connected' } });
    await deliver({}, 'stuck');
    await deliver();
    relay.start();

    await rungTimes(1);
    expect(rings[0]?.tenantId).toBe(tenant);
    expect(await countUnrung(db, 'stuck')).toBe(1);
  });

  it('lets a slow ring hold up no other tenant', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Doorbell = {
      ...doorbell,
      ring: async (tenantId, name, arg) => {
        if (tenantId === 'slow') await released;
        return await doorbell.ring(tenantId, name, arg);
      },
    };
    const relay = createRelay({
      db,
      doorbell: slow,
      metrics: createMetrics(),
      logger: pino({ level: 'silent' }),
      sweepMs: 60_000,
    });
    relays.push(relay);
    await db.connection.create({ data: { tenantId: 'slow', status: 'connected' } });
    relay.start();
    await pass(50);
    await deliver({}, 'slow');
    relay.notify('slow');
    await pass(100);
    await deliver();
    relay.notify(tenant);

    await rungTimes(1);
    expect(rings[0]?.tenantId).toBe(tenant);
    release();
  });

  it('stops with the ring that is under way noted, and rings no more', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const relay = createRelay({
      db,
      doorbell: {
        ...doorbell,
        ring: async (tenantId, name, arg) => held.then(() => doorbell.ring(tenantId, name, arg)),
      },
      metrics: createMetrics(),
      logger: pino({ level: 'silent' }),
      sweepMs: 20,
    });
    await deliver();
    relay.start();
    await waitFor('a ring to be under way', async () => (await db.relayState.count()) === 1);

    const stopped = relay.stop();
    release();
    await stopped;
    expect(await countUnrung(db)).toBe(0);
    await deliver();
    relay.notify(tenant);
    await pass(100);
    expect(rings).toHaveLength(1);
  });
});

describe('the spacing of rings', () => {
  it.each([
    [0, 600, 600],
    [2_000, 600, 1_000],
    [60_000, 600, 30_000],
    [86_400_000, 600, 60_000],
    [1_000, 3_000, 3_000],
  ])('for what is %d ms old and at least %d is %d', (ageMs, shortestMs, expected) => {
    expect(spacingFor(ageMs, shortestMs)).toBe(expected);
  });
});
