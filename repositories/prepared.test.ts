import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { createDatabase, inTransaction, runPrepared, type Database, type Executor } from './database.ts';
import { isDatabaseAway } from './database-away.ts';
import { Prisma } from './generated/client.ts';

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

const insert = (executor: Executor, id: string) =>
  runPrepared(executor, 'insert-tenant', Prisma.sql`INSERT INTO tenants (id, name) VALUES (${id}, ${id})`);
const ids = async (executor: Executor, like: string): Promise<string[]> => {
  const rows = await runPrepared<{ id: string }>(
    executor,
    'select-tenants',
    Prisma.sql`SELECT id FROM tenants WHERE id LIKE ${like} ORDER BY id`,
  );
  return rows.map(({ id }) => id);
};
const xact = async (executor: Executor): Promise<string> => {
  const rows = await runPrepared<{ id: string }>(
    executor,
    'current-transaction',
    Prisma.sql`SELECT pg_current_xact_id()::text AS id`,
  );
  return rows[0]?.id ?? '';
};

describe('a prepared statement', () => {
  it('inside of a transaction sees what Prisma wrote there, as Prisma sees what it wrote', async () => {
    await inTransaction(db, async (tx) => {
      await insert(tx, 'both-1');
      await tx.tenant.create({ data: { id: 'both-2', name: 'both' } });

      expect(await ids(tx, 'both-%')).toEqual(['both-1', 'both-2']);
      expect(await tx.tenant.count({ where: { id: 'both-1' } })).toBe(1);
      expect(await ids(db, 'both-%')).toEqual([]);
    });

    expect(await ids(db, 'both-%')).toEqual(['both-1', 'both-2']);
  });

  it('is undone with its transaction', async () => {
    const failed = inTransaction(db, async (tx) => {
      await insert(tx, 'undone-1');
      throw new Error('changed my mind');
    });

    await expect(failed).rejects.toThrow('changed my mind');
    expect(await ids(db, 'undone-%')).toEqual([]);
  });

  it('that fails, fails its transaction, which leaves its connection to the next', async () => {
    await insert(db, 'twice-1');

    const failed = inTransaction(db, async (tx) => {
      await insert(tx, 'twice-2');
      await insert(tx, 'twice-1');
    });

    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect(await inTransaction(db, (tx) => ids(tx, 'twice-%'))).toEqual(['twice-1']);
  });

  it('belongs to its own transaction where several are open', async () => {
    const [one, other] = await Promise.all(
      [0, 1].map(() =>
        inTransaction(db, async (tx) => {
          const first = await xact(tx);
          await tx.tenant.count();
          return { first, second: await xact(tx) };
        }),
      ),
    );

    expect(one?.first).toBe(one?.second);
    expect(other?.first).toBe(other?.second);
    expect(one?.first).not.toBe(other?.first);
  });

  it('after the end of its transaction reaches nothing', async () => {
    let late: Executor = db;
    await inTransaction(db, async (tx) => {
      late = tx;
      await insert(tx, 'late-1');
    });

    const error: unknown = await insert(late, 'late-2').catch((reason: unknown) => reason);

    expect(isDatabaseAway(error)).toBe(true); // Prisma's word for a transaction that took too long
    expect(await ids(db, 'late-%')).toEqual(['late-1']);
  });
});
