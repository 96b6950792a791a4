import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createCipher, hashSecret, type Cipher } from '../../repositories/cipher.ts';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { encryptedColumns } from '../../repositories/reencrypt.ts';
import { ensureTenant } from '../../repositories/tenants.ts';
import { readTokens } from '../../repositories/tokens.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ops, type OpsAnswer } from '../support/ops.ts';

/** `npm run ops -- keys rotate`, while others read and write. */

// The underscore stands for any letter in a pattern of SQL: the two must be told apart all the same.
const [older, newer] = ['k_1', 'k21'].map((id) => ({ id, key: randomBytes(32) }));
if (older === undefined || newer === undefined) throw new Error('two keys are needed');
const keyList = (...keys: (typeof older)[]): string =>
  keys.map(({ id, key }) => `${id}:${Buffer.from(key).toString('base64')}`).join(',');
const tenantIds = ['acme', 'beta'];
/** More than one batch of the rotation. */
const manyDeliveries = 520;

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase(database.url, 6);
  await fill('acme', createCipher([older]), manyDeliveries);
  await fill('beta', createCipher([older]), 3);
}, 60_000);
afterAll(async () => {
  await db?.$disconnect();
  await database?.drop();
});

/** Every encrypted column of a tenant, its own name as the secret. */
async function fill(tenantId: string, cipher: Cipher, deliveries: number): Promise<void> {
  const enc = (column: string): string => cipher.encrypt(column, { tenantId, column });
  await ensureTenant(db, tenantId);
  await db.credentialVersion.createMany({
    data: [1, 2, 3].map((version) => ({
      tenantId,
      version,
      clientId: 'client',
      clientSecretEnc: enc('credential_versions.client_secret'),
    })),
  });
  await db.tokenPair.create({
    data: {
      tenantId,
      generation: 1,
      version: 1,
      credentialVersion: 1,
      accessTokenEnc: enc('token_pairs.access_token'),
      refreshTokenEnc: enc('token_pairs.refresh_token'),
      obtainedAt: new Date(),
    },
  });
  await db.authorizationAttempt.createMany({
    data: Array.from({ length: 3 }, (_each, index) => ({
      tenantId,
      id: randomUUID(),
      kind: 'authorize',
      stateHash: hashSecret(`${tenantId} ${index}`),
      credentialVersion: 1,
      apiHost: 'https://api.factorialhr.com',
      tokenOwner: 'user',
      expiresAt: new Date(),
      // An attempt has one of the two, or none any more.
      ...(index === 0 ? { codeEnc: enc('authorization_attempts.code') } : {}),
      ...(index === 1 ? { pairEnc: enc('authorization_attempts.pair') } : {}),
    })),
  });
  await db.subscription.createMany({
    data: Array.from({ length: 19 }, (_each, index) => ({
      tenantId,
      id: randomUUID(),
      generation: 1,
      type: `type/${index}`,
      keyHash: hashSecret(`${tenantId} key ${index}`),
      keyEnc: enc('subscriptions.key'),
      challengeHash: 'x',
      challengeEnc: enc('subscriptions.challenge'),
    })),
  });
  await db.inboxRow.createMany({
    data: Array.from({ length: deliveries }, () => ({
      tenantId,
      generation: 1,
      topic: 'timeoff/leave/create',
      bodyHash: randomUUID(),
      resourceId: randomUUID(),
      bodyEnc: enc('inbox.body'),
    })),
  });
}

const columnOf = (one: { table: string; column: string }): string => `${one.table}.${one.column}`;

/** The plain text of every value, by column; fails on one that `cipher` cannot read. */
async function readAll(
  cipher: Cipher,
  columns: readonly { table: string; column: string }[] = encryptedColumns,
): Promise<Record<string, Set<string>>> {
  const found: Record<string, Set<string>> = {};
  for (const { table, column } of columns) {
    const place = `${table}.${column}`;
    const rows = await db.$queryRawUnsafe<{ tenantId: string; text: string }[]>(
      `SELECT tenant_id AS "tenantId", ${column}_enc AS text FROM ${table} WHERE ${column}_enc IS NOT NULL`,
    );
    found[place] = new Set(
      rows.map(({ tenantId, text }) => cipher.decrypt(text, { tenantId, column: place })),
    );
  }
  return found;
}

it('the rotation knows every encrypted column of the database', async () => {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name LIKE '%\\_enc'`;

  expect(rows.map(({ name }) => name).toSorted()).toEqual(
    encryptedColumns.map((one) => `${columnOf(one)}_enc`).toSorted(),
  );
});

it('everything is read at every moment of a rotation, with both keys in the ring, and afterwards without the old one', async () => {
  const before = createCipher([older, newer]); // a process that was not restarted yet
  const after = createCipher([newer, older]);
  let rotating = true;
  let reads = 0;
  const readOn = async (cipher: Cipher): Promise<void> => {
    for (let round = 0; rotating || round < encryptedColumns.length; round += 1) {
      for (const tenantId of tenantIds)
        expect(await readTokens(db, cipher, tenantId)).toMatchObject({
          accessToken: 'token_pairs.access_token',
          refreshToken: 'token_pairs.refresh_token',
        });
      const index = round % encryptedColumns.length;
      await readAll(cipher, encryptedColumns.slice(index, index + 1));
      reads += 1;
    }
  };
  const rotate = async (): Promise<OpsAnswer> => {
    try {
      return await ops({ DATABASE_URL: database.url, ENCRYPTION_KEYS: keyList(newer, older) }, [
        'keys',
        'rotate',
      ]);
    } finally {
      rotating = false;
    }
  };

  const [answer] = await Promise.all([rotate(), readOn(before), readOn(after)]);

  expect(answer).toMatchObject({ exitCode: 0, err: '' });
  expect(answer.out).toContain('Everything is encrypted with the key «k21».');
  expect(reads).toBeGreaterThanOrEqual(2 * encryptedColumns.length);
  expect(await readAll(createCipher([newer]))).toEqual(
    Object.fromEntries(encryptedColumns.map((one) => [columnOf(one), new Set([columnOf(one)])])),
  );
});

it('a second rotation finds nothing to do, and values whose key is missing are counted, kept and named', async () => {
  const env = { DATABASE_URL: database.url };
  const again = await ops({ ...env, ENCRYPTION_KEYS: keyList(newer) }, ['keys', 'rotate', '--json']);
  const stranger = { id: 'other', key: randomBytes(32) };
  const lost = await ops({ ...env, ENCRYPTION_KEYS: keyList(stranger) }, ['keys', 'rotate']);

  expect(again.exitCode).toBe(0);
  expect(JSON.parse(again.out)).toEqual(
    encryptedColumns.map((one) => ({ column: columnOf(one), rotated: 0, unreadable: 0 })),
  );
  expect(lost.exitCode).not.toBe(0);
  expect(lost.out).toContain('values need a key that ENCRYPTION_KEYS lacks');
  await readAll(createCipher([newer]));
});
