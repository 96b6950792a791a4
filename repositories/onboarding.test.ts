import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../test/support/database.ts';
import type { TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, createEmployee, makeProfile } from '../test/support/hr-facts.ts';
import { openTransaction, waitForLock } from '../test/support/open-transaction.ts';
import { toCivil } from './civil.ts';
import { createDatabase, inTransaction } from './database.ts';
import type { Database } from './database.ts';
import type { ProfileFact } from './fact-tables.ts';
import { unlinkEmployee } from './links.ts';
import { onboardProfiles } from './onboarding.ts';
import { saveProfiles } from './sync.ts';

const today = '2026-11-22';
const nowMs = Date.parse('2026-11-22T12:00:00Z');

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

async function nextNumber(): Promise<bigint> {
  const [row] = await db.$queryRaw<{ number: bigint }[]>`SELECT nextval('read_numbers') AS number`;
  return row?.number ?? 0n;
}

async function appear(
  id: string,
  changes: Partial<ProfileFact> = {},
  baselineBefore: Date | null = null,
): Promise<void> {
  const number = await nextNumber();
  const profile = makeProfile(id, { email: `${id}@example.com`, emailKey: `${id}@example.com`, ...changes });
  await inTransaction(db, (tx) =>
    saveProfiles(tx, tenantId, () => number, [profile], { today, baselineBefore }),
  );
}

/** A reconciliation that began after everything that has appeared so far. Answers the number of its first read. */
async function reconcile(status = 'completed', verdict = 'proves'): Promise<bigint> {
  const startRead = await nextNumber();
  const sweeps = { kinds: { employees: { startRead: startRead.toString(), verdict } } };
  const data = { tenantId, id: randomUUID(), trigger: 'nightly', status, generation: 1, sweeps };
  await db.reconciliation.create({ data });
  return startRead;
}

const onboard = (generation = 1, startRead: bigint | null = null) =>
  onboardProfiles(db, tenantId, generation, today, nowMs, startRead);
const links = async () =>
  (await db.employeeLink.findMany({ where: { tenantId }, orderBy: { employeeId: 'asc' } })).map(
    ({ employeeId, profileId }) => `${employeeId}=${profileId}`,
  );
const employees = async () =>
  (await db.employee.findMany({ where: { tenantId }, orderBy: { id: 'asc' } })).map(({ id }) => id);

describe('a profile that appears', () => {
  it('becomes a linked employee, marked for its days and told to the feed', async () => {
    await appear('p1', { seniorityOn: '2026-12-01', createdOn: '2026-11-20' });

    expect(await onboard()).toBe(1);

    expect(await links()).toEqual(['factorial-p1=p1']);
    const employee = await db.employee.findFirstOrThrow({ where: { tenantId } });
    expect(employee).toMatchObject({ name: 'Name of p1', email: 'p1@example.com', createdBy: 'onboarding' });
    expect(toCivil(employee.startsOn)).toBe('2026-12-01');
    expect(
      await db.recomputeMark.count({
        where: { tenantId, employeeId: 'factorial-p1', fromOn: null, toOn: null },
      }),
    ).toBe(1);
    const changes = await db.change.findMany({ where: { tenantId, entity: 'employee' } });
    expect(changes.map(({ entityId, operation }) => [entityId, operation])).toEqual([
      ['factorial-p1', 'upsert'],
    ]);
  });

  it('starts on its creation date where Factorial knows no seniority', async () => {
    await appear('p1', { createdOn: '2026-11-20' });
    await onboard();

    expect(toCivil((await db.employee.findFirstOrThrow({ where: { tenantId } })).startsOn)).toBe(
      '2026-11-20',
    );
  });

  it('is taken in once, however often it is looked at', async () => {
    await appear('p1');

    expect([await onboard(), await onboard()]).toEqual([1, 0]);
    expect(await employees()).toEqual(['factorial-p1']);
  });

  it('is taken in once by two who look at the same time', async () => {
    for (const id of ['p1', 'p2', 'p3']) await appear(id);

    const created = await Promise.all([onboard(), onboard(), onboard()]);

    expect(created.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await links()).toEqual(['factorial-p1=p1', 'factorial-p2=p2', 'factorial-p3=p3']);
  });

  it('is left to people where the tenant wants suggestions', async () => {
    await db.tenant.update({ where: { id: tenantId }, data: { onboarding: 'suggest' } });
    await appear('p1');

    expect(await onboard()).toBe(0);
  });

  it('is left to people where somebody has its e-mail', async () => {
    await createEmployee(db, tenantId, 'e1', { email: 'p1@example.com' });
    await appear('p1');

    expect(await onboard()).toBe(0);
  });

  it('is left to people where it shares its e-mail with one that was taken in before it', async () => {
    await appear('p1', { emailKey: 'shared@example.com' });
    await appear('p2', { emailKey: 'shared@example.com' });

    expect(await onboard()).toBe(1);
    expect(await links()).toEqual(['factorial-p1=p1']);
  });

  it('is left to people where the first synchronisation found it', async () => {
    await appear('p1', {}, new Date('2026-11-22T00:00:00Z'));
    await reconcile();

    expect(await onboard()).toBe(0);
  });

  it('without an e-mail waits for a reconciliation', async () => {
    const unnamed = { email: null, emailKey: null };
    await appear('p1', unnamed);
    expect(await onboard()).toBe(0);

    await reconcile('failed');
    await reconcile('completed', 'not_permitted');
    await appear('p1', unnamed);
    expect(await onboard()).toBe(0);

    await reconcile();
    await appear('p1', unnamed); // it lists them
    expect(await onboard()).toBe(1);
  });

  it('without an e-mail is taken in by the first reconciliation that began after it was seen', async () => {
    await appear('p1', { email: null, emailKey: null });
    const startRead = await reconcile('running');
    await appear('p1', { email: null, emailKey: null }); // it lists them
    expect(await onboard()).toBe(0);

    expect(await onboard(1, startRead)).toBe(1);
  });

  it('without an e-mail has not lived through the reconciliation that did not list them', async () => {
    await appear('p1', { email: null, emailKey: null });

    expect(await onboard(1, await reconcile('running'))).toBe(0);

    await reconcile('awaiting_approval'); // of their deletion
    expect(await onboard()).toBe(0);
  });

  it('without an e-mail has not lived through the reconciliation that found it', async () => {
    const startRead = await reconcile('running');
    await appear('p1', { email: null, emailKey: null });

    expect(await onboard(1, startRead)).toBe(0);
  });

  it('that is gone or has left is not taken in', async () => {
    await appear('p1', { terminatedOn: '2026-11-21' });
    await appear('p2');
    await db.profile.updateMany({ where: { tenantId, id: 'p2' }, data: { deletedAt: new Date(nowMs) } });

    expect(await onboard()).toBe(0);
  });

  it('is not taken in for a connection that moved on', async () => {
    await appear('p1');

    await expect(onboard(2)).rejects.toMatchObject({ code: 'fenced' });
    expect(await employees()).toEqual([]);
  });
});

describe('a decision of people', () => {
  it('to unlink who was taken in stays, also without an e-mail that would give them away', async () => {
    await appear('p1', { email: null, emailKey: null });
    await reconcile();
    await onboard();
    await unlinkEmployee(db, tenantId, 'factorial-p1', nowMs);

    expect(await onboard()).toBe(0);

    expect(await links()).toEqual([]);
  });

  it('to link a profile while it is being taken in stands, and leaves no second employee', async () => {
    await createEmployee(db, tenantId, 'e1');
    await appear('p1');
    const linking = await openTransaction(db, (tx) =>
      tx.employeeLink.create({ data: { tenantId, employeeId: 'e1', profileId: 'p1', linkedBy: 'ana' } }),
    );
    const onboarding = onboard();
    await waitForLock(db);

    await linking.commit();

    expect(await onboarding).toBe(0);
    expect(await links()).toEqual(['e1=p1']);
    expect(await employees()).toEqual(['e1']);
  });
});
