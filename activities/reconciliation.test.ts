import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createCipher } from '../repositories/cipher.ts';
import { createDatabase, type Database } from '../repositories/database.ts';
import { activitySettings } from '../test/support/activity-settings.ts';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant } from '../test/support/hr-facts.ts';
import { createReconciliationActivities } from './reconciliation.ts';

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 5);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

it('a disconnect at the very end of a reconciliation leaves none that runs: the next connection begins its own', async () => {
  const tenantId = await createConnectedTenant(db);
  const { openReconciliation, endReconciliation } = createReconciliationActivities({
    db,
    cipher: createCipher([{ id: 'test', key: randomBytes(32) }]),
    logger: pino({ level: 'silent' }),
    settings: activitySettings,
  });
  const open = (generation: number) =>
    openReconciliation({ tenantId, generation, nowMs: Date.now(), trigger: 'first', nightOn: null });
  const reconciliationId = (await open(1))?.id ?? '';
  const end = { tenantId, generation: 1, nowMs: Date.now(), reconciliationId, failureCode: null };
  await db.connection.update({ where: { tenantId }, data: { generation: 2 } });

  const summary = await endReconciliation(end);

  expect(summary).toEqual({ status: 'failed', verified: false });
  expect(
    await db.reconciliation.findUnique({ where: { tenantId_id: { tenantId, id: reconciliationId } } }),
  ).toMatchObject({ status: 'failed', failureCode: 'fenced', verified: false });
  expect(await open(2)).toMatchObject({ trigger: 'first' });
});
