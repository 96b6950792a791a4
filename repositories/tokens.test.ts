import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant } from '../test/support/hr-facts.ts';
import { createCipher } from './cipher.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import {
  commitRefresh,
  noteRefreshFailure,
  noteRefusal,
  readTokenLife,
  readTokens,
  releaseRefreshLease,
  storeFirstPair,
  takeRefreshLease,
} from './tokens.ts';

const cipher = createCipher([{ id: 'k1', key: new Uint8Array(32).fill(1) }]);
const at = new Date('2026-11-22T12:00:00.000Z');
const longMs = 3_600_000;

let test: TestDatabase;
let db: Database;
let tenantId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
  await store('first');
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const makePair = (name: string) => ({
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  expiresInSeconds: 3_600,
  scope: null,
});

const store = (name: string, generation = 1) =>
  inTransaction(db, (tx) =>
    storeFirstPair(tx, cipher, tenantId, { generation, credentialVersion: 1 }, makePair(name), at),
  );
const commit = (name: string, version: number, generation = 1) =>
  commitRefresh(
    db,
    cipher,
    tenantId,
    { generation, version },
    { ...makePair(name), credentialVersion: 2 },
    at,
  );
const accessToken = async () => (await readTokens(db, cipher, tenantId))?.accessToken;

describe('a pair', () => {
  it('comes back in clear, and lies encrypted', async () => {
    expect(await readTokens(db, cipher, tenantId)).toMatchObject({
      generation: 1,
      version: 1,
      accessToken: 'access-first',
      refreshToken: 'refresh-first',
      expiresAt: new Date('2026-11-22T13:00:00.000Z'),
      refusedAt: null,
    });
    const row = await db.tokenPair.findUniqueOrThrow({ where: { tenantId } });
    expect(JSON.stringify(row)).not.toMatch(/access-first|refresh-first/);
  });

  it('of nobody is none', async () => {
    expect(await readTokens(db, cipher, 'nobody')).toBeNull();
    expect(await readTokenLife(db, 'nobody')).toBeNull();
  });

  it('may lack a refresh token and an end', async () => {
    const pair = { accessToken: 'a', refreshToken: null, expiresInSeconds: null, scope: null };
    await inTransaction(db, (tx) =>
      storeFirstPair(tx, cipher, tenantId, { generation: 1, credentialVersion: 1 }, pair, at),
    );

    expect(await readTokens(db, cipher, tenantId)).toMatchObject({
      version: 2,
      refreshToken: null,
      expiresAt: null,
    });
    expect(await readTokenLife(db, tenantId)).toMatchObject({ hasRefreshToken: false, expiresAt: null });
  });

  it('cannot be read in another tenant’s row', async () => {
    const other = await createConnectedTenant(db);
    const row = await db.tokenPair.findUniqueOrThrow({ where: { tenantId } });
    await db.tokenPair.create({ data: { ...row, tenantId: other } });

    await expect(readTokens(db, cipher, other)).rejects.toThrow();
  });
});

describe('a refresh', () => {
  it('is committed over the version that it was made from', async () => {
    expect(await commit('second', 1)).toBe(true);

    expect(await readTokens(db, cipher, tenantId)).toMatchObject({
      version: 2,
      credentialVersion: 2,
      accessToken: 'access-second',
    });
  });

  it('that comes second loses, and changes nothing', async () => {
    await commit('second', 1);

    expect(await commit('third', 1)).toBe(false);

    expect(await accessToken()).toBe('access-second');
  });

  it('is won by one of many', async () => {
    const won = await Promise.all(Array.from({ length: 10 }, (_, index) => commit(`try-${index}`, 1)));

    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await readTokens(db, cipher, tenantId)).toMatchObject({
      version: 2,
      accessToken: `access-try-${won.indexOf(true)}`,
    });
  });

  it.each([0, 2])('of generation %i is refused in generation 1', async (generation) => {
    await expect(commit('second', 1, generation)).rejects.toMatchObject({ code: 'fenced' });

    expect(await accessToken()).toBe('access-first');
  });

  it('that was begun before a reconnect does not touch the new pair of the same version', async () => {
    await db.tokenPair.delete({ where: { tenantId } });
    await db.connection.update({ where: { tenantId }, data: { generation: 3 } });
    await store('reconnected', 3);

    await expect(commit('late', 1)).rejects.toMatchObject({ code: 'fenced' });
    expect(await accessToken()).toBe('access-reconnected');
  });

  it('that works ends the trouble of those that failed', async () => {
    await takeRefreshLease(db, tenantId, 1, 'me', longMs);
    await noteRefreshFailure(db, tenantId, 1, at);
    await noteRefusal(db, tenantId, 1, at);

    await commit('second', 1);

    expect(await db.tokenPair.findUnique({ where: { tenantId } })).toMatchObject({
      refreshFailingSince: null,
      refreshFailures: 0,
      refusedAt: null,
      leaseOwner: null,
      leaseUntil: null,
    });
  });
});

describe('the lease of a refresh', () => {
  it('is given to one of two', async () => {
    const given = await Promise.all(
      ['one', 'other'].map((owner) => takeRefreshLease(db, tenantId, 1, owner, longMs)),
    );

    expect(given.filter(Boolean)).toHaveLength(1);
  });

  it('is given to one of many', async () => {
    const owners = Array.from({ length: 12 }, (_, index) => `owner-${index}`);

    const given = await Promise.all(owners.map((owner) => takeRefreshLease(db, tenantId, 1, owner, longMs)));

    expect(given.filter(Boolean)).toHaveLength(1);
  });

  it('is not given twice, not even to its owner: a try that went silent may still be at work', async () => {
    await takeRefreshLease(db, tenantId, 1, 'me', longMs);

    expect(await takeRefreshLease(db, tenantId, 1, 'me', longMs)).toBe(false);
  });

  it('that ran out may be taken: its owner crashed', async () => {
    await takeRefreshLease(db, tenantId, 1, 'crashed', -1);

    expect(await takeRefreshLease(db, tenantId, 1, 'me', longMs)).toBe(true);
    expect(await takeRefreshLease(db, tenantId, 1, 'crashed', longMs)).toBe(false);
  });

  it('is of one version only', async () => {
    expect(await takeRefreshLease(db, tenantId, 2, 'me', longMs)).toBe(false);

    await takeRefreshLease(db, tenantId, 1, 'me', longMs);
    await commit('second', 1);
    expect(await takeRefreshLease(db, tenantId, 1, 'me', longMs)).toBe(false);
    expect(await takeRefreshLease(db, tenantId, 2, 'other', longMs)).toBe(true);
  });

  it('is given back by its owner', async () => {
    await takeRefreshLease(db, tenantId, 1, 'me', longMs);

    await releaseRefreshLease(db, tenantId, 'me');

    expect(await takeRefreshLease(db, tenantId, 1, 'other', longMs)).toBe(true);
  });

  it('cannot be given back by anybody else, nor by an owner that lost it', async () => {
    await takeRefreshLease(db, tenantId, 1, 'slow', -1);
    await takeRefreshLease(db, tenantId, 1, 'me', longMs);

    await releaseRefreshLease(db, tenantId, 'slow');

    expect(await takeRefreshLease(db, tenantId, 1, 'other', longMs)).toBe(false);
  });

  it('outlives a failure until it is given back', async () => {
    await takeRefreshLease(db, tenantId, 1, 'me', longMs);

    await noteRefreshFailure(db, tenantId, 1, at);

    expect(await takeRefreshLease(db, tenantId, 1, 'other', longMs)).toBe(false);
  });
});

describe('failures of a refresh', () => {
  it('are counted, and known since the first', async () => {
    const later = new Date('2026-11-22T12:10:00.000Z');

    expect([
      await noteRefreshFailure(db, tenantId, 1, at),
      await noteRefreshFailure(db, tenantId, 1, later),
    ]).toEqual([1, 2]);

    expect(await readTokenLife(db, tenantId)).toMatchObject({ refreshFailingSince: at, version: 1 });
  });

  it('of an older version are not those of the new pair', async () => {
    await commit('second', 1);

    await noteRefreshFailure(db, tenantId, 1, at);
    await noteRefusal(db, tenantId, 1, at);

    expect(await readTokenLife(db, tenantId)).toMatchObject({ refreshFailingSince: null });
    expect((await readTokens(db, cipher, tenantId))?.refusedAt).toBeNull();
  });

  it('leave the pair as it is', async () => {
    await noteRefreshFailure(db, tenantId, 1, at);

    expect(await readTokens(db, cipher, tenantId)).toMatchObject({
      version: 1,
      accessToken: 'access-first',
      refreshToken: 'refresh-first',
    });
  });
});

describe('a refusal', () => {
  it('is noted, and taken back', async () => {
    await noteRefusal(db, tenantId, 1, at);
    expect((await readTokens(db, cipher, tenantId))?.refusedAt).toEqual(at);

    await noteRefusal(db, tenantId, 1, null);
    expect((await readTokens(db, cipher, tenantId))?.refusedAt).toBeNull();
  });
});
