import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createStreamPollActivities } from '../../activities/stream-poll.ts';
import { createSubscriptionActivities } from '../../activities/subscriptions.ts';
import { toTopic, wantedSubscriptionTypes } from '../../domain/subscription-types.ts';
import { readConnectionRow, settle } from '../../repositories/connections.ts';
import {
  abandonReconciliation,
  queueReconciliation,
  startQueued,
} from '../../repositories/reconciliations.ts';
import { formerSubscriptions } from '../../repositories/subscriptions.ts';
import { editSchedule } from '../../simulator/actions/catalogue.ts';
import { createEmployeeRow } from '../../simulator/actions/employees.ts';
import { createLeaveRow } from '../../simulator/actions/leaves.ts';
import { faultSchema } from '../../simulator/faults.ts';
import type { SubscriptionRow } from '../../simulator/rows.ts';
import { F, readCard } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { publicUrl } from '../support/activity-settings.ts';
import { createActivityBench, run, type ActivityBench } from './activity-bench.ts';
import {
  callSubscriptions,
  createTenants,
  subscriptionsOf,
  tokenFor,
  type Tenant,
  type Tenants,
} from './tenants.ts';

const approve = 'timeoff/leave/approve';
const today = new Date().toISOString().slice(0, 10);

let bench: ActivityBench;
let count = 0;

beforeAll(async () => {
  bench = await createActivityBench();
});
afterAll(async () => {
  await bench?.close();
});
afterEach(() => bench.calmFactorial());

/** A connected tenant whose subscriptions have not been made yet. */
async function connected(options: Parameters<ActivityBench['connect']>[1] = {}): Promise<string> {
  const tenantId = `tenant-${(count += 1)}`;
  await bench.connect(tenantId, options);
  return tenantId;
}
const remoteOf = (tenantId: string): readonly SubscriptionRow[] =>
  bench.companyOf(tenantId).subscriptions.all();
const remote = (tenantId: string, type: string): SubscriptionRow => {
  const row = remoteOf(tenantId).find((one) => one.type === type);
  if (row === undefined) throw new Error(`Factorial has no ${type}`);
  return row;
};
const stateOf = async (tenantId: string, type: string) =>
  (await bench.card(tenantId)).subscriptions.find((one) => one.type === type)?.state;
const warningsOf = async (tenantId: string) => (await bench.card(tenantId)).warnings.map(({ code }) => code);
/** Another system's subscription, which is none of our business. */
const addForeign = (tenantId: string, type: string): SubscriptionRow => {
  const company = bench.companyOf(tenantId);
  return company.subscriptions.add({
    id: bench.simulator.world.nextId('subscription'),
    company_id: company.id,
    client_id: 'another-system',
    type,
    target_url: 'https://another.example/hook',
    name: 'Another system',
    challenge: 'theirs',
    enabled: true,
    api_version: '2026-10-01',
  });
};
/** What was written to Factorial's subscriptions by `work`, in order. */
async function writesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const { requests } = bench.simulator.world;
  requests.reset();
  await work();
  return requests
    .last()
    .flatMap(({ method, path }) =>
      method === 'GET' ? [] : [`${method} ${path.replace(/.*resources/, '')}`],
    );
}

describe('after connecting', () => {
  it('there is one for each wanted type: version pinned, an unguessable URL and a challenge each', async () => {
    const tenantId = await connected();

    const result = await bench.ensureSubscriptions(tenantId);

    const rows = remoteOf(tenantId);
    expect(result).toMatchObject({ active: 19, repaired: 0, conflicts: 0, refused: 0 });
    expect(rows.map(({ type }) => type).toSorted()).toEqual([...wantedSubscriptionTypes].toSorted());
    for (const { type, api_version: version, enabled, target_url: url, challenge } of rows) {
      expect({ version, enabled }).toEqual({ version: '2026-10-01', enabled: true });
      expect(url).toMatch(
        new RegExp(
          `^${publicUrl}/webhooks/factorial/[A-Za-z0-9_-]{43}/${toTopic(type).replaceAll('.', '\\.')}$`,
        ),
      );
      expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(url).not.toContain(challenge ?? '');
    }
    expect(
      new Set(rows.flatMap(({ challenge, target_url: url }) => [challenge, url.split('/').at(-2)])).size,
    ).toBe(38);
    expect((await bench.card(tenantId)).subscriptions.every(({ state }) => state === 'active')).toBe(true);
    expect(await warningsOf(tenantId)).toEqual([]);
  });

  it('nothing is written when they are looked at again', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);

    expect(await writesDuring(() => bench.ensureSubscriptions(tenantId))).toEqual([]);
  });

  it('their keys and challenges are nowhere in clear in our database', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    const { challenge, target_url: url } = remote(tenantId, approve);

    const stored = JSON.stringify(await bench.db.subscription.findMany({ where: { tenantId } }));

    expect(stored).not.toContain(challenge);
    expect(stored).not.toContain(url.split('/').at(-2));
  });

  it('an answer that was lost makes no second one', async () => {
    const tenantId = await connected();
    bench.simulator.world.faults.add(
      faultSchema.parse({ kind: 'cut', when: 'after', method: 'POST', path: 'webhook_subscriptions' }),
    );

    await expect(bench.ensureSubscriptions(tenantId)).rejects.toMatchObject({
      code: 'factorial_unreachable',
    });
    const again = await bench.ensureSubscriptions(tenantId);

    expect(again.active).toBe(19);
    expect(remoteOf(tenantId)).toHaveLength(19);
  });
});

describe('one that is not as it was', () => {
  it.each([
    ['switched off', (row: SubscriptionRow) => void (row.enabled = false)],
    ['sent with another challenge', (row: SubscriptionRow) => void (row.challenge = 'changed')],
    ['of another version', (row: SubscriptionRow) => void (row.api_version = '2026-07-01')],
    [
      'sent to an older address of ours',
      (row: SubscriptionRow) => void (row.target_url = `${publicUrl}/webhooks/factorial/old/x`),
    ],
  ])(
    '(%s) is put right, said on the card, and counted, so that what was missed is caught up',
    async (_what, spoil) => {
      const tenantId = await connected();
      await bench.ensureSubscriptions(tenantId);
      const before = { ...remote(tenantId, approve) };
      spoil(remote(tenantId, approve));

      const result = await bench.ensureSubscriptions(tenantId);
      const shown = await warningsOf(tenantId);
      const quiet = await bench.ensureSubscriptions(tenantId);

      expect(remote(tenantId, approve)).toMatchObject({
        id: before.id,
        enabled: true,
        target_url: before.target_url,
        challenge: before.challenge,
        api_version: before.api_version,
      });
      expect(result).toMatchObject({ active: 19, repaired: 1, conflicts: 0, refused: 0 });
      expect(shown).toEqual(['subscription_disabled']);
      expect(quiet.repaired).toBe(0);
      expect(await warningsOf(tenantId)).toEqual(shown); // until what was missed is caught up
    },
  );

  it('(switched off) stays on the card until a reconciliation has caught up with what it did not tell of', async () => {
    const tenantId = await connected();
    const { generation } = await bench.tokens(tenantId);
    const queue = () => queueReconciliation(bench.db, tenantId, generation, 'gap', null, new Date());
    const looks = async () => {
      await bench.ensureSubscriptions(tenantId);
      return await warningsOf(tenantId);
    };
    await bench.ensureSubscriptions(tenantId);
    remote(tenantId, approve).enabled = false;

    const repaired = await looks();
    await queue();
    const waiting = await looks();
    const { id = '' } = (await startQueued(bench.db, tenantId, generation, new Date())) ?? {};
    const running = await looks();
    await abandonReconciliation(bench.db, tenantId, id, new Date());
    const ended = await looks();

    const shown = ['subscription_disabled'];
    expect([repaired, waiting, running, ended]).toEqual([shown, shown, shown, []]);
  });

  it('(deleted) and made again by a request whose answer was lost is counted all the same', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    bench.companyOf(tenantId).subscriptions.remove(remote(tenantId, approve).id);
    bench.simulator.world.faults.add(
      faultSchema.parse({ kind: 'cut', when: 'after', method: 'POST', path: 'webhook_subscriptions' }),
    );

    await expect(bench.ensureSubscriptions(tenantId)).rejects.toMatchObject({
      code: 'factorial_unreachable',
    });

    expect(await bench.ensureSubscriptions(tenantId)).toMatchObject({ active: 19, repaired: 1 });
  });

  it('(deleted) is made again', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    const before = { ...remote(tenantId, approve) };
    bench.companyOf(tenantId).subscriptions.remove(before.id);

    const result = await bench.ensureSubscriptions(tenantId);

    expect(result).toMatchObject({ active: 19, repaired: 1, conflicts: 0, refused: 0 });
    expect(remote(tenantId, approve).id).not.toBe(before.id);
    expect(remote(tenantId, approve).enabled).toBe(true);
  });

  it('and points to a previous public URL of ours is moved to the present one', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    const newUrl = 'https://moved.test';
    const deps = {
      ...bench.deps,
      settings: { ...bench.deps.settings, publicUrl: newUrl, previousPublicUrls: [publicUrl] },
    };
    await bench.db.subscription.updateMany({
      where: { tenantId, type: approve },
      data: { factorialId: null },
    });

    const { generation } = await bench.tokens(tenantId);
    const result = await run(createSubscriptionActivities(deps).ensureSubscriptions, {
      tenantId,
      generation,
      nowMs: Date.now(),
    });

    expect(result).toMatchObject({ active: 19, conflicts: 0 });
    expect(remoteOf(tenantId)).toHaveLength(19);
    expect(remoteOf(tenantId).every(({ target_url: url }) => url.startsWith(`${newUrl}/`))).toBe(true);
  });
});

describe('one of another system', () => {
  it.each(['reject422', 'overwrite'] as const)(
    'is left alone and shown as a conflict; the others work (%s)',
    async (mode) => {
      bench.simulator.world.switches.duplicateSubscription = mode;
      const tenantId = await connected();
      const foreign = { ...addForeign(tenantId, approve) };

      const writes = await writesDuring(() => bench.ensureSubscriptions(tenantId));
      const again = await bench.ensureSubscriptions(tenantId);

      expect(again).toMatchObject({ active: 18, repaired: 0, conflicts: 1, refused: 0 });
      expect(writes).toHaveLength(18);
      expect(remote(tenantId, approve)).toEqual(foreign);
      expect(await stateOf(tenantId, approve)).toBe('conflict');
      expect(await bench.card(tenantId)).toMatchObject({
        warning: { code: 'subscription_conflict', action: { code: 'contact_support' } },
      });
    },
  );

  it('that the list did not show is left alone too', async () => {
    const tenantId = await connected();
    const foreign = { ...addForeign(tenantId, approve) };
    const empty = {
      kind: 'status',
      status: 200,
      method: 'GET',
      path: 'webhook_subscriptions',
      body: { data: [], meta: { total: 0 } },
    };
    bench.simulator.world.faults.add(faultSchema.parse(empty));

    const result = await bench.ensureSubscriptions(tenantId);

    expect(result).toMatchObject({ active: 18, repaired: 0, conflicts: 1, refused: 0 });
    expect(remote(tenantId, approve)).toEqual(foreign);
  });

  it('that goes away makes room for ours, the warning goes, and its stream is polled once more', async () => {
    const tenantId = await connected();
    const foreign = addForeign(tenantId, approve);
    const during = await bench.ensureSubscriptions(tenantId);
    bench.companyOf(tenantId).subscriptions.remove(foreign.id);

    const result = await bench.ensureSubscriptions(tenantId);
    const quiet = await bench.ensureSubscriptions(tenantId);

    expect(during).toMatchObject({ contested: [approve], tellsNews: true });
    expect(result).toMatchObject({ active: 19, conflicts: 0, contested: [approve], tellsNews: true });
    expect(quiet).toMatchObject({ active: 19, contested: [], tellsNews: false });
    expect(await warningsOf(tenantId)).toEqual([]);
  });

  it.each([
    ['employees/employee/update', ['employees/employees'], 'profile'],
    [approve, ['timeoff/leaves'], 'absence'],
    ['timeoff/leave_type/create', ['timeoff/leave_types'], 'absenceType'],
    ['work_schedule/schedule/update', ['work_schedule/schedules'], null],
    ['api_public/webhook_subscription/update', [], null],
  ] as const)(
    'costs a reading of what %s would have told of, and of nothing else',
    async (type, paths, table) => {
      const tenantId = await connected();
      const { world } = bench.simulator;
      const company = bench.companyOf(tenantId);
      const [person] = company.employees.all();
      const [leaveType] = company.leaveTypes.all();
      company.leaves.add(
        createLeaveRow(
          world,
          company,
          { employee_id: person?.id ?? '', leave_type_id: leaveType?.id ?? '', start_on: today },
          new Date().toISOString(),
        ),
      );
      const { generation } = await bench.tokens(tenantId);
      const poll = (types: readonly string[]) =>
        run(createStreamPollActivities(bench.deps).pollStreams, {
          tenantId,
          generation,
          nowMs: Date.now(),
          types,
        });
      await poll(['timeoff/leave_type/create']); // or the first absence of an unknown type would have it read
      world.requests.reset();

      const { read } = await poll([type]);

      expect(world.requests.last().map(({ path }) => path.replace(/.*resources\//, ''))).toEqual(paths);
      const where = { where: { tenantId } };
      if (table === 'profile') expect(await bench.db.profile.count(where)).toBe(read);
      if (table === 'absence') expect(await bench.db.absence.count(where)).toBe(read);
      if (table === 'absenceType') expect(await bench.db.absenceType.count(where)).toBe(read);
      if (table !== null) expect(read).toBeGreaterThan(0);
    },
  );
});

describe('work schedules whose changes another system hears of', () => {
  const longAgo = '2025-01-01T00:00:00.000Z';
  const anHourMs = 3_600_000;

  it('have the plans of their people read again once they change, and no more often', async () => {
    const tenantId = await connected();
    const { db, simulator } = bench;
    const { generation } = await bench.tokens(tenantId);
    const company = bench.companyOf(tenantId);
    const schedules = company.schedules.all();
    for (const schedule of schedules) schedule.updated_at = longAgo;
    const [office, reduced] = schedules;
    if (office === undefined || reduced === undefined) throw new Error('there are no schedules');
    for (const [employeeId, { id }] of Object.entries({ anna: office, berta: reduced })) {
      const row = createEmployeeRow(simulator.world, company, { schedule_id: id }, longAgo);
      company.employees.add(row);
      await db.employeeLink.create({
        data: { tenantId, employeeId, profileId: row.id, linkedBy: 'ada', plannedReadNumber: 1n },
      });
    }
    let nowMs = Date.now();
    /** Whose plans an hourly poll wants read again. */
    const poll = async (): Promise<string[]> => {
      const input = { tenantId, generation, nowMs, types: ['work_schedule/schedule/update'] };
      await run(createStreamPollActivities(bench.deps).pollStreams, input);
      nowMs += anHourMs;
      const wanted = { tenantId, plannedReadNumber: null };
      const links = await db.employeeLink.findMany({ where: wanted, orderBy: { employeeId: 'asc' } });
      await db.employeeLink.updateMany({ where: wanted, data: { plannedReadNumber: 1n } });
      return links.map(({ employeeId }) => employeeId);
    };

    const first = await poll();
    const quiet = await poll();
    const edit = { weekly_minutes: [300, 300, 300, 300, 300, 0, 0] };
    editSchedule(simulator.world, company, reduced, edit, { silent: true });
    nowMs = Date.parse(reduced.updated_at);
    const changed = await poll();
    // Within the same tick of Factorial's clock it may have changed once more after it was read.
    const once = await poll();
    const after = await poll();

    expect(first).toEqual(['anna', 'berta']);
    expect(quiet).toEqual([]);
    expect([changed, once]).toEqual([['berta'], ['berta']]);
    expect(after).toEqual([]);
  });
});

describe('a type that the scopes do not allow', () => {
  it.each([403, 422] as const)(
    'is reported (status %i); the others work, and it comes once it is allowed',
    async (status) => {
      bench.simulator.world.switches.webhookScopeCheck = status;
      const tenantId = await connected({ scopes: ['employees', 'time_tracking', 'company_holidays'] });

      const result = await bench.ensureSubscriptions(tenantId);
      const refused = await bench.card(tenantId);
      await bench.connect(tenantId, { kind: 'reauthorize' });
      const allowed = await bench.ensureSubscriptions(tenantId);

      expect(result).toMatchObject({ active: 11, repaired: 0, conflicts: 0, refused: 8 });
      expect(
        refused.subscriptions
          .filter(({ state }) => state === 'refused')
          .every(({ type }) => type.startsWith('timeoff/')),
      ).toBe(true);
      expect(refused.warnings.map(({ code }) => code)).toEqual(['scopes_missing', 'subscription_refused']);
      expect(allowed).toMatchObject({ active: 19, refused: 0 });
      expect(await warningsOf(tenantId)).toEqual([]);
    },
  );
});

describe('a disconnect', () => {
  const disconnect = async (tenantId: string): Promise<void> => {
    const { generation } = await bench.tokens(tenantId);
    await settle(
      bench.db,
      tenantId,
      { commandId: null, generation, to: 'disconnected', refused: null },
      new Date(),
    );
  };
  const rowsLeft = (tenantId: string) =>
    bench.db.subscription.count({ where: { tenantId, retiredAt: null } });

  it('removes all of them before the token is revoked', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    const { accessToken } = await bench.tokens(tenantId);
    await disconnect(tenantId);

    const writes = await writesDuring(() => bench.tearDown(tenantId));

    expect(
      writes.slice(0, 19).every((write) => write.startsWith('DELETE /api_public/webhook_subscriptions/')),
    ).toBe(true);
    expect(writes.slice(19)).toEqual(['POST /oauth/revoke']);
    expect(remoteOf(tenantId)).toEqual([]);
    expect(bench.simulator.world.tokens.use(accessToken)).toBeNull();
    expect(await rowsLeft(tenantId)).toBe(0);
  });

  it('leaves the subscriptions of other systems alone', async () => {
    const tenantId = await connected();
    const foreign = addForeign(tenantId, 'employees/employee/create');
    await bench.ensureSubscriptions(tenantId);
    await disconnect(tenantId);

    await bench.tearDown(tenantId);

    expect(remoteOf(tenantId)).toEqual([foreign]);
  });

  it('leaves one alone that another account of ours has taken over since', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    await disconnect(tenantId);
    const next = `tenant-${(count += 1)}`;
    await bench.connect(next, { companyId: bench.companyOf(tenantId).id });
    await bench.ensureSubscriptions(next);

    const result = await bench.tearDown(tenantId);

    expect(result).toEqual({ done: true, leftBehind: 0 });
    expect(remoteOf(tenantId)).toHaveLength(19);
  });

  it('finds one that was made at the last moment and is in no note of ours', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    await bench.db.subscription.updateMany({
      where: { tenantId, type: approve },
      data: { factorialId: null },
    });
    await disconnect(tenantId);

    await bench.tearDown(tenantId);

    expect(remoteOf(tenantId)).toEqual([]);
  });

  describe('while one is being created', () => {
    /** A disconnected tenant whose fourth creation was on its way, as after an abort or the death of the worker. */
    async function interrupted(): Promise<{ tenantId: string; land: () => void }> {
      const tenantId = await connected();
      const fault = { kind: 'cut', when: 'before', method: 'POST', path: 'webhook_subscriptions', skip: 3 };
      bench.simulator.world.faults.add(faultSchema.parse(fault));
      await expect(bench.ensureSubscriptions(tenantId)).rejects.toMatchObject({
        code: 'factorial_unreachable',
      });
      await disconnect(tenantId);
      const { generation } = await readConnectionRow(bench.db, tenantId);
      const former = await formerSubscriptions(bench.db, bench.deps.cipher, tenantId, generation);
      const underWay = former.filter(({ isUnconfirmed }) => isUnconfirmed);
      expect({ all: former.length, underWay: underWay.length }).toEqual({ all: 19, underWay: 1 });
      return {
        tenantId,
        land: () => {
          for (const { type, key } of underWay)
            addForeign(tenantId, type).target_url = `${publicUrl}/webhooks/factorial/${key}/${toTopic(type)}`;
        },
      };
    }

    it('removes it at the first look where it is there by then', async () => {
      const { tenantId, land } = await interrupted();
      land();

      const first = await bench.tearDown(tenantId, { sinceMs: Date.now() });

      expect(first).toEqual({ done: true, leftBehind: 0 });
      expect(remoteOf(tenantId)).toEqual([]);
    });

    it('keeps the token and looks again while it may still come, and removes one that comes after the first look', async () => {
      const { tenantId, land } = await interrupted();
      const sinceMs = Date.now();

      const first = await bench.tearDown(tenantId, { sinceMs });
      const stillThere = await bench.db.tokenPair.count({ where: { tenantId } });
      land();
      const second = await bench.tearDown(tenantId, { sinceMs });

      expect(first).toEqual({ done: false, leftBehind: 1 });
      expect(stillThere).toBe(1);
      expect(second).toEqual({ done: true, leftBehind: 0 });
      expect(remoteOf(tenantId)).toEqual([]);
    });

    it('is not given up before it can be known, and says nothing of one that never came', async () => {
      const { tenantId } = await interrupted();

      const early = await bench.tearDown(tenantId, { sinceMs: Date.now(), giveUp: true });
      const late = await bench.tearDown(tenantId, { sinceMs: Date.now() - 15_000 });

      expect(early).toEqual({ done: false, leftBehind: 1 });
      expect(late).toEqual({ done: true, leftBehind: 0 });
      expect(await warningsOf(tenantId)).toEqual([]);
      expect(await bench.db.subscription.count({ where: { tenantId, dropUntil: { not: null } } })).toBe(0);
    });

    it('counts it as left behind where Factorial does not answer to the end', async () => {
      const { tenantId } = await interrupted();
      const away = { kind: 'html', path: 'webhook_subscriptions|oauth', times: null };
      bench.simulator.world.faults.add(faultSchema.parse(away));

      const last = await bench.tearDown(tenantId, { giveUp: true });

      // Three that were made, and the one of which nobody knows; the fifteen others were never asked for.
      expect(last).toEqual({ done: true, leftBehind: 4 });
    });
  });

  it('is not finished while Factorial does not answer; at the last try what is left is counted, and its keys go on dropping', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    await disconnect(tenantId);
    const away = faultSchema.parse({
      kind: 'html',
      method: 'DELETE',
      path: 'webhook_subscriptions',
      skip: 5,
      times: null,
    });
    bench.simulator.world.faults.add(away);

    const first = await bench.tearDown(tenantId);
    const last = await bench.tearDown(tenantId, { giveUp: true });

    expect(first).toEqual({ done: false, leftBehind: 14 });
    expect(last).toEqual({ done: true, leftBehind: 14 });
    expect(remoteOf(tenantId)).toHaveLength(14);
    expect((await bench.card(tenantId)).warning).toMatchObject({
      code: 'subscriptions_left_behind',
      message: '14 webhook subscriptions could not be removed from Factorial.',
    });
    expect(
      await bench.db.subscription.count({
        where: { tenantId, dropUntil: { gt: new Date(Date.now() + 29 * 86_400_000) } },
      }),
    ).toBe(14);
    expect(await bench.db.tokenPair.count({ where: { tenantId } })).toBe(0);
  });

  it('revokes the old token with the application that it belongs to, also after the credentials were replaced', async () => {
    const tenantId = await connected();
    const { accessToken } = await bench.tokens(tenantId);
    await bench.save(tenantId, { clientId: 'another-application', clientSecret: 'secret' });
    await disconnect(tenantId);

    await bench.tearDown(tenantId);

    expect(bench.simulator.world.tokens.use(accessToken)).toBeNull();
  });

  it('is over for an activity that comes late: it asks nothing and writes nothing', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    const { generation } = await bench.tokens(tenantId);
    await disconnect(tenantId);
    bench.simulator.world.requests.reset();

    const late = run(createSubscriptionActivities(bench.deps).ensureSubscriptions, {
      tenantId,
      generation,
      nowMs: Date.now(),
    });

    await expect(late).rejects.toMatchObject({ code: 'fenced' });
    expect(bench.simulator.world.requests.last()).toEqual([]);
  });

  it('that is repeated late does not touch the connection that was made since', async () => {
    const tenantId = await connected();
    await bench.ensureSubscriptions(tenantId);
    await disconnect(tenantId);
    await bench.tearDown(tenantId);
    await bench.connect(tenantId);
    await bench.ensureSubscriptions(tenantId);

    const late = await bench.tearDown(tenantId, { giveUp: true });

    expect(late).toEqual({ done: true, leftBehind: 0 });
    expect(remoteOf(tenantId)).toHaveLength(19);
    expect(await bench.renew(tenantId)).toMatchObject({ outcome: 'valid' });
  });
});

describe('on the whole', () => {
  let tenants: Tenants;
  let tenant: Tenant;
  beforeAll(async () => {
    tenants = await createTenants();
    tenant = await tenants.newTenant();
    await tenant.connect();
  }, 60_000);
  afterAll(async () => {
    await tenants?.close();
  });

  /** Of somebody else to whom the same application belongs. */
  const someToken = () => tokenFor(tenant, tenant.credentials);
  const gaps = () => tenant.db.reconciliation.count({ where: { tenantId: tenant.tenantId, trigger: 'gap' } });

  it('one that Factorial switched off, and says so, is on again at once, and the gap is reconciled', async () => {
    const before = await gaps();
    await tenant.factorial('PUT', 'switches', { disableEvent: 'update' });
    const found = (await subscriptionsOf(tenant)).find(({ type }) => type === approve);

    await callSubscriptions(tenant, await someToken(), 'PUT', `/${found?.id}`, { enabled: false });

    await waitFor(
      'it to be on again',
      async () => (await subscriptionsOf(tenant)).find(({ id }) => id === found?.id)?.enabled,
    );
    await waitFor('a reconciliation of the gap', async () => (await gaps()) > before);
    // The gap is noted before anything is repaired, so that a crash in between loses nothing.
    const areActive = async () =>
      (await readCard(tenant)).subscriptions.every(({ state }) => state === 'active');
    await waitFor('the repair to be noted', areActive);
    expect(await areActive()).toBe(true);
  }, 60_000);

  it('one that was deleted is made again when somebody asks whether all is well', async () => {
    const found = (await subscriptionsOf(tenant)).filter(
      ({ type }) => type.startsWith('api_public/') || type === approve,
    );
    // Without those that would tell: the question alone must find it out.
    for (const { id } of found.toSorted((a, b) => a.type.length - b.type.length).toReversed())
      await callSubscriptions(tenant, await someToken(), 'DELETE', `/${id}`);

    await tenant.admin('POST', `${F}/reconciliations`, {}, 202);

    await waitFor('all of them', async () => (await subscriptionsOf(tenant)).length === 19, 30_000);
    expect((await readCard(tenant)).subscriptions.every(({ state }) => state === 'active')).toBe(true);
  }, 60_000);
});
