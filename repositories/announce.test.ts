import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, createEmployee, makeAbsence, makeProfile } from '../test/support/hr-facts.ts';
import { announceEmployees } from './announce.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { findEmployee } from './employee-rows.ts';
import { putEmployee } from './employees.ts';
import { linkEmployees, unlinkEmployee } from './links.ts';
import { markedEmployees } from './marks.ts';
import { deleteProfiles, saveAbsences, saveAbsenceTypes, saveProfiles } from './sync.ts';

const today = '2026-11-22';
const nowMs = Date.parse('2026-11-22T10:00:00Z');
const email = 'ana@example.com';

let test: TestDatabase;
let db: Database;
let tenantId: string;
let readNumber = 0n;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 8);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const next = () => {
  const number = (readNumber += 1n);
  return () => number;
};
const put = (id: string, of = { name: id, email: null as string | null }) =>
  putEmployee(db, tenantId, id, { ...of, startsOn: null, endsOn: null }, nowMs);
const link = (employeeId: string, profileId: string) =>
  linkEmployees(db, tenantId, [{ employeeId, profileId }], 'test', nowMs);
const profile = (id: string, changes: Parameters<typeof makeProfile>[1] = {}) =>
  inTransaction(db, (tx) =>
    saveProfiles(tx, tenantId, next(), [makeProfile(id, changes)], { today, baselineBefore: null }),
  );

/** What follows every change: the marked employees are looked at. Answers whom the feed was told of. */
async function announceMarked(): Promise<string[]> {
  const ids = await markedEmployees(db, tenantId, 100);
  await db.recomputeMark.deleteMany({ where: { tenantId } });
  const before = await db.change.count({ where: { tenantId } });
  await inTransaction(db, (tx) => announceEmployees(tx, tenantId, nowMs, ids));
  const told = await db.change.findMany({ where: { tenantId }, orderBy: { sequence: 'asc' }, skip: before });
  return told.map(({ entityId }) => entityId).sort();
}

async function lastTold(employeeId: string): Promise<unknown> {
  const where = { tenantId, entity: 'employee', entityId: employeeId };
  return (await db.change.findFirst({ where, orderBy: { sequence: 'desc' } }))?.data;
}

describe('the feed’s last word about an employee is the employee', () => {
  it('when an absence waits for the mapping of its type, and no more', async () => {
    await put('e1');
    await profile('p1');
    await link('e1', 'p1');
    await inTransaction(db, (tx) =>
      saveAbsenceTypes(tx, tenantId, next(), [
        { id: 'vacation', name: 'Vacation', color: null, active: true, workable: false },
      ]),
    );
    await announceMarked();

    await inTransaction(db, (tx) =>
      saveAbsences(tx, tenantId, next(), [makeAbsence('a1', 'p1', '2026-11-23')]),
    );

    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ parked: 1 });
    expect(await lastTold('e1')).toEqual(await findEmployee(db, tenantId, 'e1', nowMs));
  });

  it('when Factorial calls the linked profile another name', async () => {
    await put('e1');
    await profile('p1');
    await link('e1', 'p1');
    await announceMarked();

    await profile('p1', { name: 'Renamed' });

    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ link: { profileId: 'p1', name: 'Renamed' } });
  });

  it('when a profile is suggested, given to another, free again, and gone', async () => {
    await put('e1', { name: 'Ana', email });
    await put('e2');
    await announceMarked();

    await profile('p1', { email, emailKey: email });
    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ suggestion: { profileId: 'p1' } });

    await link('e2', 'p1');
    expect(await announceMarked()).toEqual(['e1']); // e2 was told with its link
    expect(await lastTold('e1')).toMatchObject({ suggestion: null });

    await unlinkEmployee(db, tenantId, 'e2', nowMs);
    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ suggestion: { profileId: 'p1' } });

    await inTransaction(db, (tx) => deleteProfiles(tx, tenantId, next()(), ['p1']));
    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ suggestion: null });
  });

  it('when another employee gets the same address, so that nobody is suggested, and another one again', async () => {
    await put('e1', { name: 'Ana', email });
    await profile('p1', { email, emailKey: email });
    await announceMarked();

    await put('e2', { name: 'Also Ana', email });
    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ suggestion: null });

    await put('e2', { name: 'Also Ana', email: null });
    expect(await announceMarked()).toEqual(['e1']);
    expect(await lastTold('e1')).toMatchObject({ suggestion: { profileId: 'p1' } });
  });

  it('and nothing is said twice', async () => {
    await put('e1', { name: 'Ana', email });
    await createEmployee(db, tenantId, 'e9'); // never told
    await profile('p1', { email, emailKey: email });
    await announceMarked();

    const ids = ['e1', 'e9'];
    await inTransaction(db, (tx) => announceEmployees(tx, tenantId, nowMs, ids));
    const count = await db.change.count({ where: { tenantId } });
    await inTransaction(db, (tx) => announceEmployees(tx, tenantId, nowMs, ids));

    expect(await db.change.count({ where: { tenantId } })).toBe(count);
    for (const id of ids) expect(await lastTold(id)).toEqual(await findEmployee(db, tenantId, id, nowMs));
  });
});
