import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, makeAbsence, makeProfile } from '../test/support/hr-facts.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import { anyListed, missingFacts, storedCount } from './missing.ts';
import type { DeletableKind } from './missing.ts';
import { noteSwept } from './reconciliations.ts';
import { deleteAbsences, saveAbsences, saveHolidays, saveProfiles } from './sync.ts';

const window = { from: '2026-11-01', to: '2026-11-30' };

let test: TestDatabase;
let db: Database;
let tenantId: string;
const reconciliationId = randomUUID();
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 4);
});
beforeEach(async () => {
  tenantId = await createConnectedTenant(db);
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

const giveAbsences = (readNumber: bigint, ...rows: Parameters<typeof saveAbsences>[3]) =>
  inTransaction(db, (tx) => saveAbsences(tx, tenantId, () => readNumber, rows));
const list = (kind: DeletableKind, ...ids: string[]) =>
  inTransaction(db, (tx) => noteSwept(tx, tenantId, reconciliationId, kind, ids));
const missing = (kind: DeletableKind, startRead = 5n) =>
  missingFacts(db, tenantId, reconciliationId, kind, window, startRead);

describe('a fact', () => {
  it('is missing when a sweep should have listed it and did not, in the order of ids', async () => {
    await giveAbsences(1n, ...['a3', 'a1', 'a2'].map((id) => makeAbsence(id, 'p1', '2026-11-10')));
    await list('absences', 'a2');

    expect(await missing('absences')).toEqual(['a1', 'a3']);
  });

  it.each([
    [4n, ['a1']],
    [5n, []],
    [6n, []],
  ])(
    'that was last read with number %s, for a sweep that began with 5: missing are %j',
    async (readNumber, ids) => {
      await giveAbsences(readNumber, makeAbsence('a1', 'p1', '2026-11-10'));

      expect(await missing('absences')).toEqual(ids);
    },
  );

  it('that is deleted already is not missing', async () => {
    await giveAbsences(1n, makeAbsence('a1', 'p1', '2026-11-10'));
    await inTransaction(db, (tx) => deleteAbsences(tx, tenantId, 2n, ['a1', 'never seen']));

    expect(await missing('absences')).toEqual([]);
    expect(await storedCount(db, tenantId, 'absences')).toBe(0);
  });

  it('that another sweep listed is missing all the same', async () => {
    await giveAbsences(1n, makeAbsence('a1', 'p1', '2026-11-10'));
    await inTransaction(db, (tx) => noteSwept(tx, tenantId, randomUUID(), 'absences', ['a1']));
    await list('holidays', 'a1');

    expect(await missing('absences')).toEqual(['a1']);
  });

  it('of another tenant is not missing', async () => {
    await giveAbsences(1n, makeAbsence('a1', 'p1', '2026-11-10'));

    expect(
      await missingFacts(db, await createConnectedTenant(db), reconciliationId, 'absences', window, 5n),
    ).toEqual([]);
  });
});

describe('an absence', () => {
  it.each<[string, string, string | null, boolean]>([
    ['that ends on the first day of the window', '2026-10-01', '2026-11-01', true],
    ['that ends before it', '2026-10-01', '2026-10-31', false],
    ['that begins on its last day', '2026-11-30', '2026-12-31', true],
    ['that begins after it', '2026-12-01', '2026-12-31', false],
    ['that spans it', '2026-10-01', '2026-12-31', true],
    ['without an end that began before it', '2020-01-01', null, true],
    ['without an end that begins after it', '2026-12-01', null, false],
  ])('%s', async (_which, startOn, finishOn, isMissing) => {
    await giveAbsences(1n, makeAbsence('a1', 'p1', startOn, { finishOn }));

    expect(await missing('absences')).toEqual(isMissing ? ['a1'] : []);
  });
});

describe('a holiday', () => {
  it('should be listed on the days of the window only', async () => {
    const dates = ['2026-10-31', '2026-11-01', '2026-11-30', '2026-12-01'];
    const rows = dates.map((date, index) => ({ id: `h${index}`, date, locationId: 'madrid', halfDay: null }));
    await inTransaction(db, (tx) => saveHolidays(tx, tenantId, () => 1n, rows));

    expect(await missing('holidays')).toEqual(['h1', 'h2']);
    expect(await storedCount(db, tenantId, 'holidays')).toBe(4);
  });
});

describe('a profile', () => {
  it('should always be listed', async () => {
    const context = { today: '2026-11-22', baselineBefore: null };
    const rows = [makeProfile('p1', { terminatedOn: '2020-01-01' }), makeProfile('p2')];
    await inTransaction(db, (tx) => saveProfiles(tx, tenantId, () => 1n, rows, context));
    await list('employees', 'p2');

    expect(await missing('employees')).toEqual(['p1']);
    expect(await storedCount(db, tenantId, 'employees')).toBe(2);
  });
});

describe('an id that was listed', () => {
  it('is there to be asked for beside the missing ones', async () => {
    expect(await anyListed(db, tenantId, reconciliationId, 'absences')).toBeNull();
    await list('absences', 'a1');
    await list('holidays', 'h1');

    expect(await anyListed(db, tenantId, reconciliationId, 'absences')).toBe('a1');
  });
});
