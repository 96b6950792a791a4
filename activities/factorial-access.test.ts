import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { blockRequests, takeRequest } from '../repositories/budget.ts';
import { createCipher } from '../repositories/cipher.ts';
import { createDatabase, inTransaction, type Database } from '../repositories/database.ts';
import { storeFirstPair } from '../repositories/tokens.ts';
import { activitySettings } from '../test/support/activity-settings.ts';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant } from '../test/support/hr-facts.ts';
import { withFactorial, type Purpose } from './factorial-access.ts';

const requestsPerMinute = 180;
const cipher = createCipher([{ id: 'k1', key: new Uint8Array(32) }]);

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 2);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

/** Asks Factorial, of which nobody is there to answer: what is thrown before that is told. */
async function ask(tenantId: string, purpose: Purpose): Promise<unknown> {
  const settings = { ...activitySettings, requestsPerMinute };
  const deps = { db, cipher, logger: pino({ level: 'silent' }), settings };
  return await new MockActivityEnvironment().run(() =>
    withFactorial(deps, { tenantId, generation: 1, purpose }, (client, signal) =>
      client.getCredentials(signal),
    ).catch((error: unknown) => error),
  );
}

describe('a company that Factorial has asked to wait for a long time', () => {
  it.each<Purpose>(['reconciliation', 'webhook', 'connection'])(
    'holds up no %s inside an activity: the wait is given back',
    async (purpose) => {
      const tenantId = await createConnectedTenant(db);
      await db.connection.update({ where: { tenantId }, data: { apiHost: 'http://127.0.0.1:9' } });
      const pair = { accessToken: 'a', refreshToken: null, expiresInSeconds: null, scope: null };
      await inTransaction(db, (tx) =>
        storeFirstPair(tx, cipher, tenantId, { generation: 1, credentialVersion: 1 }, pair, new Date()),
      );
      await takeRequest(db, tenantId, { perMinute: requestsPerMinute, leave: 0 });
      await blockRequests(db, tenantId, 3_600_000);

      const error = await ask(tenantId, purpose);

      expect(error).toMatchObject({ code: 'budget_exhausted' });
      const { retryAfterMs } = (error as { details: { retryAfterMs: number } }).details;
      expect(retryAfterMs).toBeGreaterThan(3_000_000);
      expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
    },
  );
});
