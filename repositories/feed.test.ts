import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { openTransaction, waitForLock } from '../test/support/open-transaction.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { appendChanges } from './feed.ts';
import type { NewChange } from './feed.ts';

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 12);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const change = (id: string, data: unknown = { id }): NewChange => ({
  entity: 'employee',
  id,
  operation: 'upsert',
  data,
});

async function readAfter(
  tenantId: string,
  sequence: bigint,
): Promise<{ sequence: bigint; entityId: string }[]> {
  return await db.change.findMany({
    where: { tenantId, sequence: { gt: sequence } },
    orderBy: { sequence: 'asc' },
    select: { sequence: true, entityId: true },
  });
}

describe('the change feed', () => {
  it('numbers from 1, in the order given', async () => {
    await inTransaction(db, (tx) => appendChanges(tx, 'order', [change('a'), change('b')]));
    await inTransaction(db, (tx) => appendChanges(tx, 'order', [change('c')]));

    expect(await readAfter('order', 0n)).toEqual([
      { sequence: 1n, entityId: 'a' },
      { sequence: 2n, entityId: 'b' },
      { sequence: 3n, entityId: 'c' },
    ]);
  });

  it('keeps what it was told, also nothing', async () => {
    const data = { employeeId: 'e1', name: 'Núria «N»', link: null };
    const gone: NewChange = { entity: 'calendar_day', id: 'e1/2026-11-22', operation: 'delete', data: null };

    await inTransaction(db, (tx) => appendChanges(tx, 'content', [change('e1', data), gone]));

    const rows = await db.change.findMany({ where: { tenantId: 'content' }, orderBy: { sequence: 'asc' } });
    expect(rows).toMatchObject([
      { entity: 'employee', entityId: 'e1', operation: 'upsert', data },
      { entity: 'calendar_day', entityId: 'e1/2026-11-22', operation: 'delete', data: null },
    ]);
  });

  it('numbers each tenant by itself', async () => {
    await inTransaction(db, (tx) => appendChanges(tx, 'one', [change('a'), change('b')]));
    await inTransaction(db, (tx) => appendChanges(tx, 'other', [change('c')]));

    expect(await readAfter('other', 0n)).toEqual([{ sequence: 1n, entityId: 'c' }]);
  });

  it('takes nothing from the counter for nothing', async () => {
    await inTransaction(db, (tx) => appendChanges(tx, 'empty', []));

    expect(await db.changeCounter.count({ where: { tenantId: 'empty' } })).toBe(0);
  });

  it('leaves no gap where a transaction fails', async () => {
    const failing = inTransaction(db, async (tx) => {
      await appendChanges(tx, 'gapless', [change('lost')]);
      throw new Error('crashed');
    });
    await expect(failing).rejects.toThrow('crashed');

    await inTransaction(db, (tx) => appendChanges(tx, 'gapless', [change('kept')]));

    expect(await readAfter('gapless', 0n)).toEqual([{ sequence: 1n, entityId: 'kept' }]);
  });

  it('never shows a later entry before an earlier one: the second writer waits for the first', async () => {
    const first = await openTransaction(db, (tx) => appendChanges(tx, 'slow', [change('first')]));
    const second = inTransaction(db, (tx) => appendChanges(tx, 'slow', [change('second')]));
    await waitForLock(db);

    expect(await readAfter('slow', 0n)).toEqual([]);

    await first.commit();
    await second;
    expect((await readAfter('slow', 0n)).map((row) => row.entityId)).toEqual(['first', 'second']);
  });

  it('does not make one tenant wait for another', async () => {
    const open = await openTransaction(db, (tx) => appendChanges(tx, 'busy', [change('a')]));

    await inTransaction(db, (tx) => appendChanges(tx, 'free', [change('b')]));

    expect(await readAfter('free', 0n)).toHaveLength(1);
    await open.commit();
  });

  it('is read completely by a reader who polls while many write', async () => {
    const writers = 8;
    const transactions = 12;
    const entries = 3;
    let writing = true;
    const write = async (writer: number): Promise<void> => {
      for (let number = 0; number < transactions; number += 1) {
        const changes = Array.from({ length: entries }, (_, index) => change(`${writer}-${number}-${index}`));
        await inTransaction(db, (tx) => appendChanges(tx, 'many', changes));
      }
    };
    const read = async (): Promise<bigint[]> => {
      const seen: bigint[] = [];
      for (;;) {
        const isLast = !writing;
        seen.push(...(await readAfter('many', seen.at(-1) ?? 0n)).map((row) => row.sequence));
        if (isLast) return seen;
      }
    };

    const reading = read();
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    writing = false;
    const seen = await reading;

    const total = writers * transactions * entries;
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => BigInt(index + 1)));
  });
});
