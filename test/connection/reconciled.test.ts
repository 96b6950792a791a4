import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createReconciliationActivities } from '../../activities/reconciliation.ts';
import { decideBraked } from '../../repositories/braked-deletions.ts';
import { toCivil } from '../../repositories/civil.ts';
import { inTransaction } from '../../repositories/database.ts';
import { putEmployee } from '../../repositories/employees.ts';
import { linkEmployees } from '../../repositories/links.ts';
import { markEveryone } from '../../repositories/marks.ts';
import { recompute } from '../../repositories/recompute.ts';
import { readHorizon } from '../../repositories/settings.ts';
import { createLeave } from '../../simulator/actions/leaves.ts';
import { overrideKey, type Company } from '../../simulator/company.ts';
import type { LeaveRow } from '../../simulator/rows.ts';
import type { Switches } from '../../simulator/switches.ts';
import { createActivityBench, run, type ActivityBench } from './activity-bench.ts';

/** What a reconciliation finds, and what the card says of it: by its activities alone. */

const owner = 'company';

let bench: ActivityBench;
beforeAll(async () => {
  bench = await createActivityBench();
});
afterEach(() => bench.calmFactorial());
afterAll(async () => {
  await bench?.close();
});

const set = (switches: Partial<Switches>): void =>
  void Object.assign(bench.simulator.world.switches, switches);
const warningsOf = async (tenantId: string) =>
  (await bench.card(tenantId)).warnings.map(({ message }) => message);

function takeDayOff(company: Company): LeaveRow {
  const input = {
    employee_id: company.employees.all()[0]?.id ?? '',
    leave_type_id: company.leaveTypes.all()[0]?.id ?? '',
    start_on: new Date().toISOString().slice(0, 10),
    approved: true,
  };
  return createLeave(bench.simulator.world, company, input, { silent: true });
}

describe('a permission that the token lacks', () => {
  const scopes = ['employees', 'time_off', 'time_tracking'];
  const lacksHolidays = ['The Factorial application lacks a permission. Tick Company holidays.'];

  it.each<Switches['missingScope']>([403, 404, 'empty'])(
    'is named until it is there, and what needs it is not verified, where Factorial answers %s',
    async (missingScope) => {
      set({ missingScope });
      const tenantId = `lacks-${missingScope}`;
      await bench.connect(tenantId, { owner, scopes });

      const connected = await warningsOf(tenantId);
      const lacking = await bench.reconcile(tenantId);
      const reconciled = await warningsOf(tenantId);
      await bench.connect(tenantId, { owner, kind: 'reauthorize' });
      const whole = await bench.reconcile(tenantId);

      expect([connected, reconciled]).toEqual([lacksHolidays, lacksHolidays]);
      expect([lacking.verified, whole.verified]).toEqual([false, true]);
      expect(await warningsOf(tenantId)).toEqual([]);
    },
  );

  it('is named though the answer that brought the token does not tell, with all others that were refused', async () => {
    const tenantId = 'refused';
    await bench.connect(tenantId, { owner });
    for (const path of ['timeoff/leave_types', 'timeoff/leaves', 'holidays/company_holidays'])
      bench.simulator.world.faults.add({ kind: 'status', status: 403, path, times: null, skip: 0 });

    await bench.reconcile(tenantId);
    const refused = await warningsOf(tenantId);
    bench.simulator.world.faults.clear();
    bench.simulator.world.faults.add({ kind: 'status', status: 403, path: 'leaves', times: null, skip: 0 });
    await bench.reconcile(tenantId);
    const left = await warningsOf(tenantId);
    bench.simulator.world.faults.clear();
    await bench.reconcile(tenantId);

    expect(refused).toEqual([
      'The Factorial application lacks a permission. Tick Time off and Company holidays.',
    ]);
    expect(left).toEqual(['The Factorial application lacks a permission. Tick Time off.']);
    expect(await warningsOf(tenantId)).toEqual([]);
  });

  it('is there, whatever the answer that brought the token calls it, once there are rows that need it', async () => {
    const tenantId = 'misnamed';
    await bench.connect(tenantId, { owner });
    await bench.db.tokenPair.update({ where: { tenantId }, data: { missingScopes: ['employees'] } });

    const { verified } = await bench.reconcile(tenantId);

    expect(verified).toBe(true);
    expect(await warningsOf(tenantId)).toEqual([]);
  });
});

describe('a kind of which Factorial sends what is no list', () => {
  it('is not verified, and keeps nothing else from being compared, until there is a list', async () => {
    const tenantId = 'no-list';
    await bench.connect(tenantId, { owner });
    const company = bench.companyOf(tenantId);
    const holidays = company.holidays.all().map((holiday) => holiday.id);
    for (const holidayId of holidays) company.holidays.remove(holidayId);
    const { id } = takeDayOff(company);
    const failures = () =>
      bench.db.failure.findMany({
        where: { tenantId, status: { not: 'resolved' } },
        select: { resource: true, code: true },
      });

    set({ emptyList: 'errorsNull' });
    const first = await bench.reconcile(tenantId);
    const open = await failures();
    const absences = await bench.db.absence.findMany({ where: { tenantId } });
    set({ emptyList: 'data' });
    const second = await bench.reconcile(tenantId);

    expect([first, second]).toEqual([
      { status: 'completed', verified: false },
      { status: 'completed', verified: true },
    ]);
    expect(open).toEqual([{ resource: 'holidays', code: 'schema_drift' }]);
    expect(absences.map((absence) => absence.id)).toContain(id);
    expect([await failures(), await warningsOf(tenantId)]).toEqual([[], []]);
  });
});

describe('a day that comes into the horizon', () => {
  it.each([1, 2])('is as Factorial plans it before the next night has read, %i days later', async (days) => {
    const tenantId = `coming-${days}`;
    await bench.connect(tenantId, { owner });
    const company = bench.companyOf(tenantId);
    const personId = company.employees.all()[0]?.id ?? '';
    const always = { startsOn: null, endsOn: null };
    const nowMs = Date.now();
    const laterMs = nowMs + days * 86_400_000;
    const { to: date } = await readHorizon(bench.db, tenantId, laterMs);
    const plan = { expected_minutes: 257, source: 'shift_management' } as const;
    company.dayOverrides.set(overrideKey(personId, date), plan);
    await bench.reconcile(tenantId);
    await putEmployee(bench.db, tenantId, 'e1', { name: 'One', email: null, ...always }, nowMs);
    await linkEmployees(bench.db, tenantId, [{ employeeId: 'e1', profileId: personId }], 'admin', nowMs);
    await bench.reconcile(tenantId);

    await inTransaction(bench.db, (tx) => markEveryone(tx, tenantId));
    await recompute(bench.db, tenantId, ['e1'], { nowMs: laterMs });

    const day = await bench.db.calendarDay.findFirstOrThrow({
      where: { tenantId },
      orderBy: { date: 'desc' },
    });
    expect([toCivil(day.date), day.plannedMinutes]).toEqual([date, 257]);
  });
});

describe('deletions that an admin has approved', () => {
  it('leave what is there again by then, without a word, also where it cannot be read', async () => {
    const { tenantId, company, taken, approve } = await holdFiveOfSix('approved');
    const [stays, returns, garbled] = taken;

    for (const leave of [returns, garbled]) company.leaves.add(leave);
    bench.simulator.world.faults.add({
      kind: 'fields',
      path: 'timeoff/leaves',
      times: null,
      skip: 0,
      set: { start_on: 'one day' },
      remove: [],
      ids: [garbled.id],
    });
    const done = await approve();

    expect(done).toEqual({ approved: 5, rejected: 0, left: false });
    expect(await absencesOf(tenantId)).toEqual(new Set([stays.id, returns.id, garbled.id]));
    expect(await warningsOf(tenantId)).toEqual([]);
  });

  it('are carried out where nothing is there any more, also where Factorial has no list for that', async () => {
    const { tenantId, taken, approve } = await holdFiveOfSix('all-gone');

    set({ emptyList: 'errorsNull' });
    await approve();

    expect(await absencesOf(tenantId)).toEqual(new Set([taken[0].id]));
  });

  const absencesOf = async (tenantId: string) => {
    const left = await bench.db.absence.findMany({ where: { tenantId, deletedAt: null } });
    return new Set(left.map(({ id }) => id));
  };

  /** A company with six absences, of which all but the first have vanished without a word, and wait for a decision. */
  async function holdFiveOfSix(tenantId: string) {
    await bench.connect(tenantId, { owner });
    const company = bench.companyOf(tenantId);
    const take = (): LeaveRow => takeDayOff(company);
    const taken = [take(), take(), take(), take(), take(), take()] as const;
    await bench.reconcile(tenantId);
    for (const { id } of taken.slice(1)) company.leaves.remove(id);
    const { status } = await bench.reconcile(tenantId);
    expect(status).toBe('awaiting_approval');
    const { id } = await bench.db.reconciliation.findFirstOrThrow({ where: { tenantId, status } });
    const approve = async () => {
      const decision = { decision: 'approve', decidedBy: 'admin', decidedAt: new Date() } as const;
      await decideBraked(bench.db, tenantId, id, decision);
      const { carryOutDecisions } = createReconciliationActivities(bench.deps);
      const { generation } = await bench.tokens(tenantId);
      return await run(carryOutDecisions, { tenantId, generation, nowMs: Date.now() });
    };
    return { tenantId, company, taken, approve };
  }
});
