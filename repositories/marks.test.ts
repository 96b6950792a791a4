import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, createEmployee, makeAbsence } from '../test/support/hr-facts.ts';
import { toCivil } from './civil.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { countMarked } from './marks-read.ts';
import { markAbsenceType, markedEmployees, markEveryone, markForRecompute } from './marks.ts';
import type { NewMark } from './marks.ts';
import { saveAbsences } from './sync.ts';

let test: TestDatabase;
let db: Database;
let tenantId: string;
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

const mark = (...marks: NewMark[]) => inTransaction(db, (tx) => markForRecompute(tx, tenantId, marks));

/** `e1 from..to` for each mark. */
async function marks(): Promise<string[]> {
  const rows = await db.recomputeMark.findMany({ where: { tenantId }, orderBy: { employeeId: 'asc' } });
  return rows.map(
    ({ employeeId, fromOn, toOn }) => `${employeeId} ${toCivil(fromOn) ?? ''}..${toCivil(toOn) ?? ''}`,
  );
}

const numberOf = async (employeeId: string) =>
  (await db.recomputeMark.findUniqueOrThrow({ where: { tenantId_employeeId: { tenantId, employeeId } } }))
    .mark;

type Range = readonly [fromOn: string | null, toOn: string | null];
const growth: [string, Range, Range, string][] = [
  ['to the later end', ['2026-11-02', '2026-11-03'], ['2026-11-05', '2026-11-06'], '2026-11-02..2026-11-06'],
  [
    'to the earlier beginning',
    ['2026-11-05', '2026-11-06'],
    ['2026-11-02', '2026-11-03'],
    '2026-11-02..2026-11-06',
  ],
  [
    'not at all by a part of themselves',
    ['2026-11-02', '2026-11-06'],
    ['2026-11-03', '2026-11-04'],
    '2026-11-02..2026-11-06',
  ],
  ['to the oldest day', ['2026-11-02', '2026-11-03'], [null, '2026-11-01'], '..2026-11-03'],
  ['to the newest day', ['2026-11-02', '2026-11-03'], ['2026-11-05', null], '2026-11-02..'],
  [
    'not smaller once they have no beginning',
    [null, '2026-11-03'],
    ['2026-11-02', '2026-11-06'],
    '..2026-11-06',
  ],
  ['not smaller once they have no end', ['2026-11-02', null], ['2026-11-01', '2026-11-06'], '2026-11-01..'],
  ['not at all once they are everything', [null, null], ['2026-11-02', '2026-11-03'], '..'],
];

describe('marks of one employee', () => {
  it.each(growth)('grow %s', async (_how, [fromOn, toOn], [otherFromOn, otherToOn], grown) => {
    await mark({ employeeId: 'e1', fromOn, toOn });

    await mark({ employeeId: 'e1', fromOn: otherFromOn, toOn: otherToOn });

    expect(await marks()).toEqual([`e1 ${grown}`]);
  });

  it.each(growth)('set at once grow %s', async (_how, [fromOn, toOn], [otherFromOn, otherToOn], grown) => {
    await mark(
      { employeeId: 'e1', fromOn, toOn },
      { employeeId: 'e1', fromOn: otherFromOn, toOn: otherToOn },
    );

    expect(await marks()).toEqual([`e1 ${grown}`]);
  });

  it('get a new number each time, also where they do not grow', async () => {
    const one = { employeeId: 'e1', fromOn: null, toOn: null };
    await mark(one);
    const before = await numberOf('e1');

    await mark(one);

    expect(await numberOf('e1')).toBeGreaterThan(before);
  });

  it('keep since when they wait', async () => {
    const one = { employeeId: 'e1', fromOn: null, toOn: null };
    await mark(one);
    await db.recomputeMark.updateMany({
      where: { tenantId },
      data: { since: new Date('2026-11-01T00:00:00Z') },
    });

    await mark(one);

    expect(await db.recomputeMark.findFirst({ where: { tenantId } })).toMatchObject({
      since: new Date('2026-11-01T00:00:00Z'),
    });
  });
});

describe('marks of several employees', () => {
  it('stay apart, and are worked off by how long they wait', async () => {
    await mark({ employeeId: 'e2', fromOn: '2026-11-02', toOn: '2026-11-02' });
    await db.recomputeMark.updateMany({
      where: { tenantId },
      data: { since: new Date('2026-11-01T00:00:00Z') },
    });
    await mark({ employeeId: 'e1', fromOn: '2026-11-03', toOn: null });

    expect(await marks()).toEqual(['e1 2026-11-03..', 'e2 2026-11-02..2026-11-02']);
    expect(await markedEmployees(db, tenantId, 10)).toEqual(['e2', 'e1']);
    expect(await markedEmployees(db, tenantId, 1)).toEqual(['e2']);
    expect(await countMarked(db, tenantId)).toBe(2);
  });

  it('set by many at once in other orders do not lock each other out', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `e${index}`);
    const wanted = ids.map((employeeId) => ({ employeeId, fromOn: null, toOn: null }));

    // Without the retry of a deadlock: there must be none.
    const markAll = (all: readonly NewMark[]) => db.$transaction((tx) => markForRecompute(tx, tenantId, all));

    await Promise.all(
      Array.from({ length: 10 }, (_, index) => markAll(index % 2 === 0 ? wanted : wanted.toReversed())),
    );

    expect(await countMarked(db, tenantId)).toBe(300);
  });

  it('are none for nothing', async () => {
    await mark();

    expect(await marks()).toEqual([]);
  });
});

describe('a mark for everyone', () => {
  it('is the widest, for each employee of the tenant and for nobody else', async () => {
    const other = await createConnectedTenant(db);
    await createEmployee(db, other, 'x1');
    await createEmployee(db, tenantId, 'e1');
    await createEmployee(db, tenantId, 'e2');
    await mark({ employeeId: 'e1', fromOn: '2026-11-02', toOn: '2026-11-02' });
    const before = await numberOf('e1');

    await inTransaction(db, (tx) => markEveryone(tx, tenantId));

    expect(await marks()).toEqual(['e1 ..', 'e2 ..']);
    expect(await numberOf('e1')).toBeGreaterThan(before);
    expect(await countMarked(db, other)).toBe(0);
  });
});

describe('a mark for an absence type', () => {
  it('is set for those who have absences of it, and only for them', async () => {
    for (const number of [1, 2, 3])
      await createEmployee(db, tenantId, `e${number}`, { profileId: `p${number}` });
    await inTransaction(db, (tx) =>
      saveAbsences(tx, tenantId, () => 1n, [
        makeAbsence('a1', 'p1', '2026-11-02'),
        makeAbsence('a2', 'p1', '2026-11-03'),
        makeAbsence('a3', 'p2', '2026-11-02', { absenceTypeId: 'training' }),
        makeAbsence('a4', 'unlinked', '2026-11-02'),
      ]),
    );
    await db.recomputeMark.deleteMany({ where: { tenantId } });

    await inTransaction(db, (tx) => markAbsenceType(tx, tenantId, 'vacation'));

    expect(await marks()).toEqual(['e1 ..']);
  });
});
