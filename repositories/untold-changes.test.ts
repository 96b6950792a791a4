import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant } from '../test/support/hr-facts.ts';
import { createDatabase, type Database } from './database.ts';
import { countUntoldChanges, findUntold } from './untold-changes.ts';

let test: TestDatabase;
let db: Database;
let tenantId: string;
let night: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 3);
});
afterAll(async () => {
  await db?.$disconnect();
  await test?.drop();
});

/** The night before was verified at 02:00; this one reads at 02:00 of the next day. */
const hour = (h: number, minutes = 0): Date => new Date(Date.UTC(2026, 10, 25, 2 + h, minutes));
const tonight = 24;

beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
  night = await reconciliation('nightly', tonight);
  await reconciliation('nightly', 0);
});

async function reconciliation(trigger: string, atHour: number): Promise<string> {
  const id = randomUUID();
  await db.reconciliation.create({
    data: {
      tenantId,
      id,
      trigger,
      status: 'completed',
      generation: 1,
      verified: true,
      startedAt: hour(atHour),
      finishedAt: hour(atHour, 5),
    },
  });
  return id;
}

async function readBy(viaType: string, viaId: string, at: Date): Promise<bigint> {
  const { number } = await db.read.create({
    data: { tenantId, at, viaType, viaId, workflowId: 'w', runId: 'r' },
  });
  return number;
}

async function absence(id: string, changedAt: Date, readNumber: bigint): Promise<void> {
  await db.absence.create({
    data: {
      tenantId,
      id,
      profileId: 'p',
      startOn: new Date('2026-12-01'),
      factorialUpdatedAt: changedAt,
      readNumber,
      changedReadNumber: readNumber,
    },
  });
}

const delivery = (resourceId: string, receivedAt: Date, topic = 'timeoff/leave/update') =>
  db.inboxRow.create({
    data: {
      tenantId,
      generation: 1,
      topic,
      resourceId,
      bodyHash: 'h',
      receivedAt,
      lastReceivedAt: receivedAt,
    },
  });

describe('countUntoldChanges', () => {
  it('counts a change that only the reconciliation brought', async () => {
    await absence('1', hour(9), await readBy('reconciliation', night, hour(tonight)));

    expect(await countUntoldChanges(db, tenantId, night)).toEqual({ 'timeoff/leave': 1 });
    expect(await findUntold(db, [tenantId, 'another'])).toEqual([tenantId]);
  });

  it.each<[string, (readNumber: () => Promise<bigint>) => Promise<unknown>]>([
    [
      'a change of which a delivery came',
      async (read) => [await absence('1', hour(9), await read()), await delivery('1', hour(9, 1))],
    ],
    [
      'a change of a moment ago: its webhook may still come',
      async (read) => absence('1', hour(23, 50), await read()),
    ],
    ['a change from before the last verified night', async (read) => absence('1', hour(-3), await read())],
    ['what a sync brought', async () => absence('1', hour(9), await readBy('delivery', '7', hour(9, 1)))],
  ])('does not count %s', async (_what, plant) => {
    await plant(() => readBy('reconciliation', night, hour(tonight)));

    expect(await countUntoldChanges(db, tenantId, night)).toEqual({});
    expect(await findUntold(db, [tenantId])).toEqual([]);
  });

  it('counts where deliveries came, but of an earlier change or of something else', async () => {
    await absence('1', hour(9), await readBy('reconciliation', night, hour(tonight)));
    await delivery('1', hour(5));
    await delivery('1', hour(9, 1), 'employees/employee/update');

    expect(await countUntoldChanges(db, tenantId, night)).toEqual({ 'timeoff/leave': 1 });
  });

  it.each(['first', 'gap'])('does not judge a %s one', async (trigger) => {
    const id = await reconciliation(trigger, tonight);
    await absence('1', hour(9), await readBy('reconciliation', id, hour(tonight)));

    expect(await countUntoldChanges(db, tenantId, id)).toEqual({});
  });
});
