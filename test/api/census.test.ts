import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { registerCensus } from '../../api/census-metrics.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { beRungFor } from '../support/rung-for.ts';

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 3);
});
afterAll(async () => {
  await db?.$disconnect();
  await test?.drop();
});

const logger = pino({ level: 'silent' });
const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);

async function valuesOf(registry: Registry): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the census', () => {
  it('counts all tenants together, and names none of them', async () => {
    await db.connection.createMany({
      data: [
        { tenantId: 'one', status: 'connected', generation: 1, connectedAt: hoursAgo(50) },
        { tenantId: 'two', status: 'connected', generation: 1, connectedAt: hoursAgo(50), paused: true },
        { tenantId: 'three', status: 'expired', generation: 1 },
      ],
    });
    await db.connectionWarning.create({
      data: { tenantId: 'three', code: 'connection_expired', message: 'm', since: hoursAgo(1) },
    });
    await db.failure.create({
      data: {
        tenantId: 'one',
        id: '00000000-0000-4000-8000-000000000001',
        resource: 'absences',
        factorialId: '1',
        code: 'schema_drift',
        message: 'm',
        firstAt: hoursAgo(1),
        lastAt: hoursAgo(1),
      },
    });
    const row = { generation: 1, topic: 'timeoff/leave/create', bodyHash: 'h' };
    await db.inboxRow.create({ data: { ...row, tenantId: 'one', resourceId: '1', receivedAt: hoursAgo(2) } });
    await beRungFor(db, 'one', 7_200);
    await db.inboxRow.createMany({
      data: [
        { ...row, tenantId: 'one', resourceId: '2', receivedAt: hoursAgo(1) },
        { ...row, tenantId: 'two', resourceId: '3', receivedAt: hoursAgo(9) },
      ],
    });
    const registry = new Registry();
    registerCensus(registry, db, logger);

    const values = await valuesOf(registry);

    expect(values).toMatchObject({
      'connections{status="connected",paused="false"}': 1,
      'connections{status="connected",paused="true"}': 1,
      'connections{status="expired",paused="false"}': 1,
      'connection_troubles{code="connection_expired"}': 1,
      'open_failures{code="schema_drift",status="open"}': 1,
      pending_deliveries: 2,
      relay_waiting_deliveries: 1,
      unverified_connections: 1,
      undone_commands: 0,
    });
    expect(values['oldest_pending_delivery_seconds']).toBeGreaterThanOrEqual(7_200);
    expect(values['relay_lag_seconds']).toBeGreaterThanOrEqual(3_600);
    expect(values['relay_lag_seconds']).toBeLessThan(7_200);
    expect(await registry.metrics()).not.toMatch(/"(?:one|two|three)"/);
  });

  it('is left out while the database is away, and the rest is served all the same', async () => {
    const away = createDatabase('postgresql://nobody@127.0.0.1:9/none', 1);
    const registry = new Registry();
    registerCensus(registry, away, logger);

    const values = await valuesOf(registry);

    await away.$disconnect();
    expect(values).toEqual({});
  });
});
