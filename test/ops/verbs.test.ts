import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureTenant } from '../../repositories/tenants.ts';
import { createTenants, type Tenant, type Tenants } from '../connection/tenants.ts';
import { ops } from '../support/ops.ts';
import { readCard } from '../support/story.ts';

/** The verbs and the replay of the command line, on real parts with two tenants. */

let tenants: Tenants;
let one: Tenant;
let two: Tenant;
let env: Record<string, string>;
beforeAll(async () => {
  tenants = await createTenants();
  const { world } = tenants;
  env = {
    DATABASE_URL: world.databaseUrl,
    TEMPORAL_ADDRESS: world.temporal.address,
    TEMPORAL_NAMESPACE: world.temporal.namespace,
  };
  [one, two] = [await tenants.newTenant(), await tenants.newTenant()];
  await one.connect();
  await two.connect();
}, 120_000);
afterAll(async () => {
  await tenants?.close();
});

const run = (...args: string[]) => ops(env, args);

describe('a verb', () => {
  it('says what it would do, does it, and leaves an audit row with who and why', async () => {
    const planned = await run('pause', one.tenantId, '--dry-run');
    const still = (await readCard(one)).paused;
    const done = await run('pause', one.tenantId, '--actor', 'ada', '--reason', 'the vendor moves');
    const paused = (await readCard(one)).paused;
    const resumed = await run('resume', one.tenantId);

    expect([planned.exitCode, done.exitCode, resumed.exitCode]).toEqual([0, 0, 0]);
    expect(planned.out).toMatch(/^would /m);
    expect(done.out).toMatch(/^done /m);
    expect([still, paused, (await readCard(one)).paused]).toEqual([false, true, false]);
    const action = await one.db.operatorAction.findFirst({
      where: { tenantId: one.tenantId, verb: 'pause', outcome: 'done' },
    });
    expect(action).toMatchObject({ actor: 'ada', reason: 'the vendor moves' });
    expect(done.out).toContain(action?.id);
  });

  it('answers JSON for scripts', async () => {
    const { out } = await run('reconcile', one.tenantId, '--dry-run', '--json');

    expect(JSON.parse(out)).toMatchObject({ verb: 'reconcile', outcome: 'would' });
  });

  it('reads one resource again', async () => {
    const { id } = await one.db.absence.findFirstOrThrow({ where: { tenantId: one.tenantId } });

    expect(await run('sync', one.tenantId, 'absences', id)).toMatchObject({ exitCode: 0, err: '' });
  });

  it('that is refused exits with 1 and the workflow’s own sentence', async () => {
    const { exitCode, err } = await run('decide', one.tenantId, randomUUID(), 'approve');

    expect(exitCode).toBe(1);
    expect(err).toMatch(new RegExp(`^${one.tenantId}: \\w.*\\.$`));
  });

  it('says what to do where the tenant has no workflow', async () => {
    await ensureTenant(one.db, 'asleep');

    expect(await run('pause', 'asleep')).toMatchObject({
      exitCode: 1,
      err: 'asleep has no workflow that runs. See: npm run ops -- repair',
    });
  });

  it.each([
    [['sync', 'x', 'salaries', '1'], 'Allowed choices are employees, absences, absence_types'],
    [['decide', 'x', 'y', 'perhaps'], 'Allowed choices are approve, reject'],
  ])('%j is refused with 2', async (args, reason) => {
    const { exitCode, err } = await run(...args);

    expect(exitCode).toBe(2);
    expect(err).toContain(reason);
  });
});

describe('replay', () => {
  const code = 'unknown_value';
  const failuresOf = ({ db, tenantId }: Tenant) =>
    db.failure.findMany({ where: { tenantId, code }, select: { status: true } });

  it('across tenants: shows which, does nothing without --yes, then tells how each ended', async () => {
    for (const { db, tenantId } of [one, two]) {
      const absences = await db.absence.findMany({ where: { tenantId }, take: 2 });
      const at = new Date();
      await db.failure.createMany({
        data: absences.map(({ id }) => ({
          tenantId,
          id: randomUUID(),
          resource: 'absences',
          factorialId: id,
          code,
          message: 'half_day is new to us',
          firstAt: at,
          lastAt: at,
        })),
      });
    }
    const count = (await failuresOf(one)).length;

    const preview = await run('replay', '--code', code);
    const before = await failuresOf(one);
    const done = await run('replay', '--code', code, '--yes');

    expect(count).toBeGreaterThan(0);
    expect(preview).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('Nothing was done. With --yes it is.'),
    });
    expect(preview.out).toMatch(new RegExp(`^${one.tenantId} +${count} `, 'm'));
    expect(before.every(({ status }) => status === 'open')).toBe(true);
    expect(done.exitCode).toBe(0);
    for (const tenant of [one, two]) {
      expect(done.out).toMatch(new RegExp(`^${tenant.tenantId} +[0-9a-f-]{36} +completed `, 'm'));
      expect((await failuresOf(tenant)).every(({ status }) => status === 'resolved')).toBe(true);
    }
    expect(done.err).toContain(`of ${count} …`);
  }, 90_000);

  it('has nothing to do where no failure is so, and wants to know which', async () => {
    expect(await run('replay', '--code', 'internal_error')).toMatchObject({
      exitCode: 0,
      out: 'No open failure is so.',
    });
    expect(await run('replay', '--tenant', one.tenantId, '--json')).toMatchObject({
      exitCode: 2,
      out: '',
      err: expect.stringContaining('say which failures'),
    });
  });
});
