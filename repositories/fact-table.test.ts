import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, makeAbsence, makePlans } from '../test/support/hr-facts.ts';
import { openTransaction, waitForLock } from '../test/support/open-transaction.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { deleteFacts, writeFacts } from './fact-table.ts';
import type { WriteOutcome } from './fact-table.ts';
import { absenceTable, plannedTable } from './fact-tables.ts';
import type { StoredAbsence, StoredPlan } from './fact-tables.ts';

const monday = '2026-11-23';
const tuesday = '2026-11-24';

let test: TestDatabase;
let db: Database;
let tenantId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

/** An absence of profile `p1`, without the field that only a listing has. */
function fact(id: string, changes: Partial<StoredAbsence> = {}): StoredAbsence {
  const { deletedAt, ...absence } = makeAbsence(id, 'p1', monday, changes);
  return absence;
}

const write = (readNumber: bigint, facts: readonly StoredAbsence[]) =>
  inTransaction(db, (tx) => writeFacts(tx, absenceTable, tenantId, () => readNumber, facts));
const remove = (readNumber: bigint, ids: readonly string[]) =>
  inTransaction(db, (tx) =>
    deleteFacts<keyof typeof absenceTable.columns, StoredAbsence>(
      tx,
      absenceTable,
      tenantId,
      readNumber,
      ids,
    ),
  );

/** How many went which way. */
const count = ({ created, updated, unchanged, stale }: WriteOutcome<unknown>) => ({
  created: created.length,
  updated: updated.length,
  unchanged: unchanged.length,
  stale: stale.length,
});
const none = { created: 0, updated: 0, unchanged: 0, stale: 0 };

const stored = (id = 'a1') => db.absence.findUnique({ where: { tenantId_id: { tenantId, id } } });

describe('a fact', () => {
  it('is created, with the read that brought it', async () => {
    const outcome = await write(5n, [fact('a1')]);

    expect(count(outcome)).toEqual({ ...none, created: 1 });
    expect(await stored()).toMatchObject({
      profileId: 'p1',
      readNumber: 5n,
      changedReadNumber: 5n,
      deletedAt: null,
    });
  });

  it('is updated by a newer read, and tells what it was before', async () => {
    await write(5n, [fact('a1', { approved: null })]);

    const { updated } = await write(6n, [fact('a1')]);

    expect(updated).toEqual([
      { before: fact('a1', { approved: null }), after: fact('a1'), wasDeleted: false },
    ]);
    expect(await stored()).toMatchObject({ approved: true, readNumber: 6n, changedReadNumber: 6n });
  });

  it('that a newer read finds unchanged keeps the number of the read that brought it', async () => {
    await write(5n, [fact('a1')]);

    const outcome = await write(6n, [fact('a1')]);

    expect(count(outcome)).toEqual({ ...none, unchanged: 1 });
    expect(await stored()).toMatchObject({ readNumber: 6n, changedReadNumber: 5n });
  });

  it('is not changed by Factorial’s own time of change alone, which is still kept', async () => {
    await write(5n, [fact('a1')]);

    const outcome = await write(6n, [fact('a1', { updatedAt: '2026-11-22T10:00:00.123Z' })]);

    expect(count(outcome)).toEqual({ ...none, unchanged: 1 });
    expect((await stored())?.factorialUpdatedAt?.toISOString()).toBe('2026-11-22T10:00:00.123Z');
  });

  it.each<[string, bigint]>([
    ['an older read', 4n],
    ['the same read again', 5n],
  ])('is never overwritten by %s', async (_what, readNumber) => {
    await write(5n, [fact('a1')]);

    const outcome = await write(readNumber, [fact('a1', { approved: false })]);

    expect(count(outcome)).toEqual({ ...none, stale: 1 });
    expect(await stored()).toMatchObject({ approved: true, readNumber: 5n, changedReadNumber: 5n });
  });

  it('that comes twice in one answer is written as it came last', async () => {
    const outcome = await write(5n, [fact('a1', { approved: null }), fact('a1')]);

    expect(count(outcome)).toEqual({ ...none, created: 1 });
    expect(await stored()).toMatchObject({ approved: true });
  });

  it('keeps every value as it was sent', async () => {
    const odd = fact('18446744073709551615', {
      absenceTypeId: null,
      startOn: '2028-02-29',
      finishOn: null,
      halfDay: 'night, "or" {so}\\\n',
      hoursInCents: 750,
      approved: null,
      updatedAt: '2026-11-22T10:00:00.120Z',
    });
    await write(5n, [odd]);

    const { updated } = await write(6n, [{ ...odd, approved: true }]);

    expect(updated).toEqual([{ before: odd, after: { ...odd, approved: true }, wasDeleted: false }]);
  });

  it('of another tenant is left alone', async () => {
    await write(5n, [fact('a1')]);
    const other = await createConnectedTenant(db);

    const outcome = await inTransaction(db, (tx) =>
      writeFacts(tx, absenceTable, other, () => 4n, [fact('a1', { approved: false })]),
    );

    expect(count(outcome)).toEqual({ ...none, created: 1 });
    expect(await stored()).toMatchObject({ approved: true });
  });

  it('may come with a number of its own', async () => {
    await write(5n, [fact('a1'), fact('a2')]);

    const numbers = new Map([
      ['a1', 4n],
      ['a2', 6n],
    ]);
    const facts = ['a1', 'a2'].map((id) => fact(id, { approved: false }));
    const outcome = await inTransaction(db, (tx) =>
      writeFacts(tx, absenceTable, tenantId, ({ id }) => numbers.get(id) ?? 0n, facts),
    );

    expect(count(outcome)).toEqual({ ...none, updated: 1, stale: 1 });
  });

  it('writes nothing for nothing', async () => {
    expect(count(await write(5n, []))).toEqual(none);
  });
});

describe('a page', () => {
  it('looks each stored row up once, also for a tenant that the database’s statistics do not know yet', async () => {
    const facts = Array.from({ length: 5_000 }, (_, index) =>
      fact(`${10_000 + index}`, { profileId: `p${index % 100}` }),
    );
    const neighbour = await createConnectedTenant(db);
    await inTransaction(db, (tx) => writeFacts(tx, absenceTable, neighbour, () => 1n, facts));
    await db.$executeRaw`VACUUM ANALYZE absences`;
    await write(1n, facts);
    const page = facts.slice(0, 500);

    const read = await inTransaction(db, async (tx) => {
      await writeFacts(tx, absenceTable, tenantId, () => 2n, page);
      const [used] = await tx.$queryRaw<{ rows: number }[]>`
        SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'absences'`;
      return used?.rows;
    });

    // To compare them, and to note the newer read.
    expect(read).toBeLessThanOrEqual(2 * page.length);
  });
});

describe('a number of minutes', () => {
  const writePlans = (readNumber: bigint, plans: readonly StoredPlan[]) =>
    inTransaction(db, (tx) => writeFacts(tx, plannedTable, tenantId, () => readNumber, plans));

  it('is the same however it is written', async () => {
    await writePlans(5n, makePlans('p1', monday, monday, '480'));

    expect(count(await writePlans(6n, makePlans('p1', monday, monday, '480')))).toEqual({
      ...none,
      unchanged: 1,
    });
    expect(count(await writePlans(7n, makePlans('p1', monday, monday, '462.5')))).toEqual({
      ...none,
      updated: 1,
    });
    expect(count(await writePlans(8n, makePlans('p1', monday, monday, null)))).toEqual({
      ...none,
      updated: 1,
    });
  });

  it('belongs to its profile and its day', async () => {
    await writePlans(5n, makePlans('p1', monday, tuesday, '480'));

    const outcome = await writePlans(6n, [
      ...makePlans('p1', tuesday, tuesday, '300'),
      ...makePlans('p2', monday, monday, '300'),
    ]);

    expect(count(outcome)).toEqual({ ...none, created: 1, updated: 1 });
    const rows = await db.plannedMinutes.findMany({
      where: { tenantId },
      orderBy: [{ profileId: 'asc' }, { date: 'asc' }],
    });
    expect(rows.map((row) => Number(row.minutes))).toEqual([480, 300, 300]);
  });
});

describe('a tombstone', () => {
  it('is put on a fact by a newer read, and tells what was there', async () => {
    await write(5n, [fact('a1')]);

    expect(await remove(6n, ['a1', 'unheard of'])).toEqual([fact('a1')]);

    expect(await stored()).toMatchObject({ readNumber: 6n, changedReadNumber: 6n });
    expect((await stored())?.deletedAt).not.toBeNull();
  });

  it.each([4n, 5n])('is not put on a fact that read 5 has seen, by read %s', async (readNumber) => {
    await write(5n, [fact('a1')]);

    expect(await remove(readNumber, ['a1'])).toEqual([]);

    expect((await stored())?.deletedAt).toBeNull();
  });

  it('is put once', async () => {
    await write(5n, [fact('a1')]);
    await remove(6n, ['a1']);

    expect(await remove(7n, ['a1'])).toEqual([]);
  });

  it('is never overwritten by an older read', async () => {
    await write(5n, [fact('a1')]);
    await remove(7n, ['a1']);

    const outcome = await write(6n, [fact('a1')]);

    expect(count(outcome)).toEqual({ ...none, stale: 1 });
    expect((await stored())?.deletedAt).not.toBeNull();
  });

  it('is as new as the last read that found the fact gone', async () => {
    await write(5n, [fact('a1')]);
    await remove(6n, ['a1']);
    await remove(9n, ['a1']);

    const outcome = await write(8n, [fact('a1')]);

    expect(count(outcome)).toEqual({ ...none, stale: 1 });
  });

  it('gives way to a newer read: the fact is there again, which is a change', async () => {
    await write(5n, [fact('a1')]);
    await remove(6n, ['a1']);

    const outcome = await write(7n, [fact('a1')]);

    expect(outcome.updated).toEqual([{ before: fact('a1'), after: fact('a1'), wasDeleted: true }]);
    expect(await stored()).toMatchObject({ deletedAt: null, readNumber: 7n, changedReadNumber: 7n });
  });
});

describe('writers side by side', () => {
  it('leave what the newest read saw, in whatever order they come', async () => {
    const numbers = Array.from({ length: 24 }, (_, index) => BigInt(((index * 7) % 24) + 1));

    const outcomes = await Promise.all(
      numbers.map((number) =>
        write(number, [fact('a1', { hoursInCents: Number(number) }), fact(`b${number}`)]),
      ),
    );

    expect(await stored()).toMatchObject({ hoursInCents: 24, readNumber: 24n, changedReadNumber: 24n });
    const created = outcomes.flatMap((outcome) => outcome.created).filter(({ id }) => id === 'a1');
    expect(created).toHaveLength(1);
  });

  it('do not lock each other out when they write the same facts in other orders', async () => {
    const facts = Array.from({ length: 200 }, (_, index) => fact(`a${index}`));
    // Without the retry of a deadlock: there must be none.
    const writeAll = (number: bigint, all: readonly StoredAbsence[]) =>
      db.$transaction((tx) => writeFacts(tx, absenceTable, tenantId, () => number, all));

    await writeAll(1n, facts);
    await Promise.all(
      Array.from({ length: 11 }, (_, index) =>
        writeAll(BigInt(index + 2), index % 2 === 0 ? facts : facts.toReversed()),
      ),
    );

    expect(await db.absence.count({ where: { tenantId, readNumber: 12n } })).toBe(200);
  });

  it('see the other’s fact as it was when both meet it for the first time', async () => {
    const first = await openTransaction(db, (tx) =>
      writeFacts(tx, absenceTable, tenantId, () => 5n, [fact('a1', { approved: null })]),
    );
    const second = write(6n, [fact('a1')]);
    await waitForLock(db);

    await first.commit();

    expect((await second).updated).toEqual([
      { before: fact('a1', { approved: null }), after: fact('a1'), wasDeleted: false },
    ]);
    expect(await stored()).toMatchObject({ approved: true, readNumber: 6n, changedReadNumber: 6n });
  });

  it('confirm what another has confirmed meanwhile', async () => {
    await write(4n, [fact('a1')]);
    const first = await openTransaction(db, (tx) =>
      writeFacts(tx, absenceTable, tenantId, () => 5n, [fact('a1')]),
    );
    const second = write(6n, [fact('a1')]);
    await waitForLock(db);

    await first.commit();

    expect(count(await second)).toEqual({ ...none, unchanged: 1 });
    expect(await stored()).toMatchObject({ readNumber: 6n, changedReadNumber: 4n });
  });

  it('find their own read stale when a newer one meets the fact for the first time too', async () => {
    const newer = await openTransaction(db, (tx) =>
      writeFacts(tx, absenceTable, tenantId, () => 6n, [fact('a1')]),
    );
    const older = write(5n, [fact('a1', { approved: null })]);
    await waitForLock(db);

    await newer.commit();

    expect(count(await older)).toEqual({ ...none, stale: 1 });
    expect(await stored()).toMatchObject({ approved: true, readNumber: 6n });
  });
});
