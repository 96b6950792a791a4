import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { auditChecks, type AuditCheck } from './audit-checks.ts';
import { auditInvariants, noteAudit } from './audit.ts';
import { createDatabase, inTransaction, type Database } from './database.ts';
import { putEmployee } from './employees.ts';
import { recompute } from './recompute.ts';

const nowMs = Date.parse('2026-11-26T09:00:00.000Z');

let test: TestDatabase;
let db: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  db = createDatabase(test.url, 4);
  await putEmployee(db, 'acme', 'e1', { name: 'Somebody', email: null, startsOn: null, endsOn: null }, nowMs);
  await recompute(db, 'acme', ['e1'], { nowMs });
});
afterAll(async () => {
  await db.$disconnect();
  await test.drop();
});

describe('the audit', () => {
  it('finds nothing in data that is right, sees every violation that it plants, and leaves no trace', async () => {
    const results = await auditInvariants(db, nowMs);

    expect(results.map(({ check }) => check)).toEqual(auditChecks.map(({ name }) => name));
    expect(results.filter(({ sees }) => !sees).map(({ check }) => check)).toEqual([]);
    expect(results.flatMap(({ violations }) => violations)).toEqual([]);
    expect(await db.tenant.findMany({ select: { id: true } })).toEqual([{ id: 'acme' }]);
    expect(await db.activityEntry.count()).toBe(0);
  });

  it('tells each tenant that breaks a rule by a failure, which goes with its cause', async () => {
    const [check] = auditChecks.filter(({ name }) => name === 'marks_are_computed');
    if (check === undefined) throw new Error('The check is gone.');
    await inTransaction(db, (tx) => check.plant(tx, 'behind', nowMs));
    const round = async (): Promise<void> => {
      for (const result of await auditInvariants(db, nowMs, [check]))
        await noteAudit(db, result, { workflowId: 'w', runId: 'r' }, new Date(nowMs));
    };
    const failures = () => db.failure.findMany({ where: { tenantId: 'behind' } });

    await round();
    await round();
    expect(await failures()).toMatchObject([
      { resource: 'audit', factorialId: check.name, code: 'invariant_broken', status: 'open', tries: 2 },
    ]);
    await db.recomputeMark.deleteMany({ where: { tenantId: 'behind' } });
    await round();
    expect(await failures()).toMatchObject([{ status: 'resolved', nextStep: null }]);
  });

  it.each(auditChecks.map(({ name, plant, ...check }) => ({ name, check, plant })))(
    'finds what breaks $name in earnest, with the tenant, and a check that looks away is told apart',
    async ({ name, check, plant }) => {
      const tenantId = `broken-${randomUUID().slice(0, 8)}`;
      await inTransaction(db, (tx) => plant(tx, tenantId, nowMs));
      const blind: AuditCheck = { ...check, name, plant, find: async () => [] };

      const [found, unseen] = await auditInvariants(db, nowMs, [{ ...check, name, plant }, blind]);

      expect(found?.sees).toBe(true);
      expect(found?.violations.map((one) => one.tenantId)).toContain(tenantId);
      expect(found?.violations.every(({ count }) => count > 0)).toBe(true);
      expect(unseen).toMatchObject({ sees: false, violations: [] });
    },
  );
});
