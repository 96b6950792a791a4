import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, civilDateAt } from '../domain/civil-date.ts';
import { createTestDatabase, type TestDatabase } from '../test/support/database.ts';
import { createConnectedTenant, createEmployee, makePlans, makeProfile } from '../test/support/hr-facts.ts';
import { auditChecks, type AuditCheck } from './audit-checks.ts';
import { auditInvariants, noteAudit } from './audit.ts';
import { createDatabase, inTransaction, type Database } from './database.ts';
import { putEmployee } from './employees.ts';
import { writeFacts } from './fact-table.ts';
import { appendChanges } from './feed.ts';
import { plannedTable, profileTable } from './fact-tables.ts';
import { markEveryone } from './marks.ts';
import { recompute } from './recompute.ts';
import { dropOld } from './retention.ts';
import { readSettings } from './settings.ts';

const nowMs = Date.parse('2026-11-26T09:00:00.000Z');
const dayMs = 86_400_000;

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

  it('does not take the days of last night for wrong when the horizon has moved since, but wrong days it does', async () => {
    const check = auditChecks.filter(({ name }) => name === 'days_follow_facts');
    const tenantId = await createConnectedTenant(db);
    const { horizonDaysBack } = await readSettings(db, tenantId);
    await createEmployee(db, tenantId, 'e2', { profileId: 'p2' });
    // The only day of which the plan is known leaves the horizon at midnight: from then on the default week holds.
    const lastKnownOn = addDays(civilDateAt(nowMs, 'Europe/Madrid'), -horizonDaysBack);
    await inTransaction(db, async (tx) => {
      await writeFacts(tx, profileTable, tenantId, () => 1n, [makeProfile('p2')]);
      await writeFacts(
        tx,
        plannedTable,
        tenantId,
        () => 2n,
        makePlans('p2', lastKnownOn, lastKnownOn, '480'),
      );
      await markEveryone(tx, tenantId);
    });
    await recompute(db, tenantId, ['e2'], { nowMs });
    const ended = { trigger: 'nightly', status: 'completed', generation: 1, finishedAt: new Date(nowMs) };
    await db.reconciliation.create({ data: { tenantId, id: randomUUID(), ...ended } });
    const violations = async (atMs: number) => {
      const [result] = await auditInvariants(db, atMs, check);
      return result?.violations.filter((one) => one.tenantId === tenantId);
    };

    const nextDay = await violations(nowMs + dayMs);
    await db.calendarDay.updateMany({ where: { tenantId }, data: { expectedMinutes: 1 } });
    const broken = await violations(nowMs + dayMs);

    expect(nextDay).toEqual([]);
    expect(broken).toMatchObject([{ tenantId, example: expect.stringContaining('e2/') }]);
    await db.calendarDay.deleteMany({ where: { tenantId } });
  });

  it('does not take a feed for one with gaps of which old entries were replaced and dropped', async () => {
    const check = auditChecks.filter(({ name }) => name === 'feed_gapless');
    const tenantId = await createConnectedTenant(db);
    const tell = (id: string): Promise<void> =>
      inTransaction(db, (tx) =>
        appendChanges(tx, tenantId, [{ entity: 'calendar_day', id, operation: 'upsert', data: {} }]),
      );
    for (const id of ['e/1', 'e/2', 'e/1', 'e/3', 'e/1']) await tell(id);
    await db.change.updateMany({ where: { tenantId }, data: { at: new Date(Date.now() - 100 * dayMs) } });
    await db.changeCounter.update({
      where: { tenantId },
      data: { prunedAt: new Date(Date.now() - 2 * dayMs) },
    });
    await dropOld(db, { rowDays: 90, bodyDays: 90, historyDays: 90, changeDays: 90 });
    await tell('e/4');
    await tell('e/5');

    const [result] = await auditInvariants(db, Date.now(), check);

    expect(await db.change.count({ where: { tenantId, entity: 'calendar_day' } })).toBe(5);
    expect(result?.violations.filter((one) => one.tenantId === tenantId)).toEqual([]);
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
