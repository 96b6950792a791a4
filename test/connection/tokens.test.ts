import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { withFactorial } from '../../activities/factorial-access.ts';
import { settle } from '../../repositories/connections.ts';
import { readSnapshot } from '../../repositories/snapshot.ts';
import { faultSchema } from '../../simulator/faults.ts';
import { demoApplication } from '../../stack/seed.ts';
import { activitySettings } from '../support/activity-settings.ts';
import { factorialStatus } from '../support/callers.ts';
import { createActivityBench, holdWhileRenewing, run, type ActivityBench } from './activity-bench.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

let bench: ActivityBench;
let count = 0;
/** A tenant of its own for each test. */
const newTenant = (): string => `tenant-${(count += 1)}`;

beforeAll(async () => {
  bench = await createActivityBench();
});
afterAll(async () => {
  await bench?.close();
});
afterEach(() => bench.calmFactorial());

const statusWith = (accessToken: string) => factorialStatus(bench.simulator.url, accessToken);
const tokenFault = (fault: object): void =>
  bench.simulator.world.faults.add(faultSchema.parse({ path: '^/oauth/token', ...fault }));
const exchangesOf = (refreshToken: string | null): number => bench.exchanges.get(refreshToken ?? '') ?? 0;

describe('a company token', () => {
  it.each(['bare', 'nulls'] as const)('that never expires (%s) is never refreshed', async (shape) => {
    bench.simulator.world.switches.companyTokenShape = shape;
    const tenantId = newTenant();

    const pair = await bench.connect(tenantId, { owner: 'company' });
    const outcome = await bench.renew(tenantId);

    expect(pair).toMatchObject({ refreshToken: null, expiresAt: null, version: 1 });
    expect(outcome).toMatchObject({ outcome: 'valid', tokenVersion: 1 });
    expect(await bench.card(tenantId)).toMatchObject({
      status: 'connected',
      tokenOwner: 'company',
      tokenStatus: 'correct',
      tokenExpiresAt: null,
    });
  });

  it('that comes with an expiry and a refresh token is refreshed like any other', async () => {
    bench.simulator.world.switches.companyTokenShape = 'full';
    const tenantId = newTenant();

    const before = await bench.connect(tenantId, { owner: 'company' });
    const outcome = await bench.renew(tenantId);

    const after = await bench.tokens(tenantId);
    expect(outcome).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(exchangesOf(before.refreshToken)).toBe(1);
    expect(after.accessToken).not.toBe(before.accessToken);
    expect((await bench.card(tenantId)).tokenOwner).toBe('company');
  });

  it('that comes with a refresh token and without an expiry is renewed when asked to, once a day', async () => {
    bench.simulator.world.switches.companyTokenShape = 'full';
    const tenantId = newTenant();
    await bench.connect(tenantId, { owner: 'company' });
    await bench.db.tokenPair.update({ where: { tenantId }, data: { expiresAt: null } });

    const outcome = await bench.renew(tenantId);

    expect(outcome).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
  });

  it('is dead when the credentials endpoint refuses it twice, 20 s apart, and not before', async () => {
    const tenantId = newTenant();
    const { accessToken } = await bench.connect(tenantId, { owner: 'company' });
    bench.simulator.world.tokens.revoke(accessToken, demoApplication.clientId);
    const nowMs = Date.now();

    const first = await bench.renew(tenantId, { refused: true, nowMs });
    const tooSoon = await bench.renew(tenantId, { refused: true, nowMs: nowMs + 19_000 });
    const proven = await bench.renew(tenantId, { refused: true, nowMs: nowMs + 21_000 });

    expect(first).toEqual({ outcome: 'later', dueAt: nowMs + 21_000 });
    expect(tooSoon).toEqual({ outcome: 'later', dueAt: nowMs + 21_000 });
    expect(proven).toEqual({ outcome: 'dead', code: 'connection_expired' });
  });

  it('lives on when it was refused once and then accepted', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId, { owner: 'company' });
    const nowMs = Date.now();
    bench.simulator.world.faults.add({ kind: 'status', status: 401, path: 'credentials', times: 1, skip: 0 });

    const refused = await bench.renew(tenantId, { refused: true, nowMs });
    const accepted = await bench.renew(tenantId, { refused: true, nowMs: nowMs + 21_000 });
    bench.simulator.world.faults.add({ kind: 'status', status: 401, path: 'credentials', times: 1, skip: 0 });
    const refusedMuchLater = await bench.renew(tenantId, { refused: true, nowMs: nowMs + hourMs });

    expect(refused.outcome).toBe('later');
    expect(accepted).toMatchObject({ outcome: 'valid', tokenVersion: 1 });
    expect(refusedMuchLater.outcome).toBe('later');
  });

  it('is not judged by a Factorial that is down', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId, { owner: 'company' });
    const nowMs = Date.now();
    bench.simulator.world.faults.add({ kind: 'status', status: 401, path: 'credentials', times: 1, skip: 0 });
    bench.simulator.world.faults.add({ kind: 'html', status: 502, path: 'credentials', times: 1, skip: 0 });

    await bench.renew(tenantId, { refused: true, nowMs });
    const down = await bench.renew(tenantId, { refused: true, nowMs: nowMs + 30_000 });

    expect(down.outcome).toBe('later');
  });
});

describe('a user token', () => {
  it.each(['onFirstUse', 'immediate'] as const)(
    'is replaced by a committed pair that works (%s)',
    async (mode) => {
      bench.simulator.world.switches.refreshRevocation = mode;
      const tenantId = newTenant();
      const before = await bench.connect(tenantId);

      const outcome = await bench.renew(tenantId);

      const after = await bench.tokens(tenantId);
      expect(outcome).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
      expect(after.version).toBe(2);
      expect(await statusWith(after.accessToken)).toBe(200);
      expect(await statusWith(before.accessToken)).toBe(401);
    },
  );

  it('is not refreshed again for a version that has been renewed meanwhile', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    await bench.renew(tenantId);
    const { refreshToken } = await bench.tokens(tenantId);

    const outcome = await bench.renew(tenantId, { tokenVersion: 1, refused: true });

    expect(outcome).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(exchangesOf(refreshToken)).toBe(0);
  });

  it('is refreshed by one of two workers; the other one waits and asks nothing', async () => {
    const tenantId = newTenant();
    const { refreshToken } = await bench.connect(tenantId);
    const first = holdWhileRenewing(bench, 'before the exchange');

    const renewing = bench.renew(tenantId, {}, first.deps);
    await first.reached;
    const second = await bench.renew(tenantId);
    first.release();

    expect(second.outcome).toBe('later');
    expect((await renewing).outcome).toBe('valid');
    expect(exchangesOf(refreshToken)).toBe(1);
    expect((await bench.tokens(tenantId)).version).toBe(2);
  });

  it('has one committed pair when a worker comes back that was thought dead', async () => {
    const tenantId = newTenant();
    const { refreshToken } = await bench.connect(tenantId);
    const held = holdWhileRenewing(bench, 'before the commit');

    const slow = bench.renew(tenantId, {}, held.deps);
    await held.reached;
    expect(exchangesOf(refreshToken)).toBe(1);
    await bench.letLeaseRunOut(tenantId);
    const quick = await bench.renew(tenantId);
    const committed = await bench.tokens(tenantId);
    held.release();

    expect(quick).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(await slow).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(await bench.tokens(tenantId)).toEqual(committed);
    expect(await statusWith(committed.accessToken)).toBe(200);
  });

  it('takes the pair of the other refresher where its own try comes too late (immediate)', async () => {
    bench.simulator.world.switches.refreshRevocation = 'immediate';
    const tenantId = newTenant();
    const { refreshToken } = await bench.connect(tenantId);
    const held = holdWhileRenewing(bench, 'before the exchange');

    const slow = bench.renew(tenantId, {}, held.deps);
    await held.reached;
    await bench.letLeaseRunOut(tenantId);
    const quick = await bench.renew(tenantId);
    held.release();

    expect(quick).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(await slow).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(exchangesOf(refreshToken)).toBe(2);
  });
});

describe('an answer that is lost', () => {
  const losses = [
    ['the connection is cut', { kind: 'cut', when: 'after' }],
    ['half of it arrives', { kind: 'truncated' }],
  ] as const;

  it.each(losses)('is asked for again with the old token (onFirstUse): %s', async (_how, fault) => {
    const tenantId = newTenant();
    const { refreshToken } = await bench.connect(tenantId);
    const nowMs = Date.now();
    tokenFault(fault);

    const lost = await bench.renew(tenantId, { nowMs });
    const again = await bench.renew(tenantId);

    expect(lost).toEqual({ outcome: 'later', dueAt: nowMs + 5_000 });
    expect(again).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(exchangesOf(refreshToken)).toBe(2);
    expect(await statusWith((await bench.tokens(tenantId)).accessToken)).toBe(200);
  });

  it.each(losses)(
    'ends the connection where the old token dies at once (immediate): %s',
    async (_how, fault) => {
      bench.simulator.world.switches.refreshRevocation = 'immediate';
      const tenantId = newTenant();
      await bench.connect(tenantId);
      tokenFault(fault);

      const lost = await bench.renew(tenantId);
      const again = await bench.renew(tenantId);

      expect(lost.outcome).toBe('later');
      expect(again).toEqual({ outcome: 'dead', code: 'connection_expired' });
    },
  );

  it('after ten seconds of silence is asked for again, and the late one is never used', async () => {
    const tenantId = newTenant();
    const { refreshToken } = await bench.connect(tenantId);
    tokenFault({ kind: 'slow', delayMs: 10_500, when: 'after' });

    const lost = await bench.renew(tenantId);
    const again = await bench.renew(tenantId);

    expect(lost.outcome).toBe('later');
    expect(again).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(exchangesOf(refreshToken)).toBe(2);
  });
});

describe('credentials that were replaced', () => {
  const secondSecret = 'rotated';
  const own = (clientSecret: string) => ({ clientId: demoApplication.clientId, clientSecret });
  const other = { clientId: 'another-application', clientSecret: 'secret' };

  it.each([
    ['work', 'user', own(secondSecret), 'valid'],
    ['are refused', 'user', own('wrong'), 'dead'],
    ['are those of another application', 'user', other, 'valid'],
    ['are saved for a token that is never refreshed', 'company', own(secondSecret), 'valid'],
    ['are those of another application, for a token that is never refreshed', 'company', other, 'valid'],
  ] as const)(
    'and %s are tried once, though all that told of them is lost',
    async (_what, owner, saved, wanted) => {
      const tenantId = newTenant();
      await bench.connect(tenantId, { owner });
      const application = bench.simulator.world.applications.get(demoApplication.clientId);
      if (application === undefined) throw new Error('the application is missing');
      const isUntried = async () =>
        (await readSnapshot(bench.db, tenantId, Date.now(), activitySettings)).credentialsUntried;
      const before = await isUntried();
      const credentialVersion = await bench.save(tenantId, saved);
      await bench.db.connection.update({ where: { tenantId }, data: { credentialVersion } });

      const replaced = await isUntried();
      if (saved.clientSecret === secondSecret) application.secret = secondSecret;
      const { outcome } = await bench.renew(tenantId);
      application.secret = demoApplication.clientSecret;

      expect([before, replaced, outcome, await isUntried()]).toEqual([false, true, wanted, false]);
    },
  );
});

describe('what ends a connection', () => {
  it.each([400, 401] as const)('a refresh token that is not valid any more (status %s)', async (status) => {
    bench.simulator.world.switches.tokenErrorStatus = status;
    const tenantId = newTenant();
    const { accessToken } = await bench.connect(tenantId);
    bench.simulator.world.tokens.revoke(accessToken, demoApplication.clientId);

    expect(await bench.renew(tenantId)).toEqual({ outcome: 'dead', code: 'connection_expired' });
  });

  it('a client secret that Factorial does not know; the new one saved in its place ends that', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    const application = bench.simulator.world.applications.get(demoApplication.clientId);
    if (application === undefined) throw new Error('the application is missing');
    application.secret = 'rotated';

    const refused = await bench.renew(tenantId);
    await bench.save(tenantId, { clientId: demoApplication.clientId, clientSecret: 'rotated' });
    const replaced = await bench.renew(tenantId);
    application.secret = demoApplication.clientSecret;

    expect(refused).toEqual({ outcome: 'dead', code: 'credentials_invalid' });
    expect(replaced).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
  });

  it('is not another application that was saved: it must be authorised, unless the old one is saved again', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    const warnings = async () => (await bench.card(tenantId)).warnings.map(({ code }) => code);

    await bench.save(tenantId, { clientId: 'another-application', clientSecret: 'secret' });
    const other = await bench.renew(tenantId);
    const said = await warnings();
    await bench.save(tenantId, demoApplication);
    const back = await bench.renew(tenantId);

    expect([other.outcome, back.outcome]).toEqual(['valid', 'valid']);
    expect(said).toEqual(['reauthorization_needed']);
    expect(await warnings()).toEqual([]);
  });

  it('is not an outage: after three days of it the token is renewed, and the tries were an hour apart at most', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    const faults = [
      { kind: 'status', status: 500 },
      { kind: 'html', status: 502 },
      { kind: 'status', status: 503 },
      { kind: 'cut', when: 'before' },
      { kind: 'status', status: 408 },
    ] as const;
    const startedAt = Date.now();
    const waits: number[] = [];
    const shown = new Set<string | null>();

    for (let nowMs = startedAt; nowMs < startedAt + 3 * dayMs;) {
      const fault = faults[waits.length % faults.length] ?? faults[0];
      bench.simulator.world.faults.add({ path: '^/oauth/token', times: 1, skip: 0, ...fault });
      const outcome = await bench.renew(tenantId, { nowMs });
      if (outcome.outcome !== 'later')
        throw new Error(`after ${waits.length} tries: ${JSON.stringify(outcome)}`);
      shown.add((await bench.card(tenantId, nowMs)).tokenStatus);
      waits.push(outcome.dueAt - nowMs);
      nowMs = outcome.dueAt;
    }
    const during = await bench.card(tenantId, startedAt + 3 * dayMs);
    const after = await bench.renew(tenantId, { nowMs: startedAt + 3 * dayMs });

    expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(Math.max(...waits)).toBe(hourMs);
    expect(waits.length).toBeLessThan(3 * 24 + 12);
    expect([...shown]).toEqual(['correct', 'refresh_recommended']);
    expect(during).toMatchObject({ status: 'connected', warning: { code: 'factorial_unreachable' } });
    expect(after).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(await bench.card(tenantId)).toMatchObject({ tokenStatus: 'correct', warnings: [] });
  });

  it('is not a limit of requests: the wait is what Factorial asked for', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    const nowMs = Date.now();
    tokenFault({ kind: '429', retryAfterSeconds: 120 });

    expect(await bench.renew(tenantId, { nowMs })).toEqual({ outcome: 'later', dueAt: nowMs + 2 * minuteMs });
  });
});

describe('the token status', () => {
  it('is correct, then recommends a refresh that fails beyond half of the token’s life, and is null when not connected', async () => {
    const tenantId = newTenant();
    expect((await bench.card(tenantId)).tokenStatus).toBeNull();
    await bench.connect(tenantId);
    const connectedAt = Date.now();
    const at = async (ms: number) => (await bench.card(tenantId, connectedAt + ms)).tokenStatus;

    expect(await at(0)).toBe('correct');
    expect(await at(31 * minuteMs)).toBe('correct');
    expect(await at(hourMs + 1_000)).toBe('refresh_recommended');
    tokenFault({ kind: 'status', status: 503 });
    await bench.renew(tenantId);
    expect(await at(29 * minuteMs)).toBe('correct');
    expect(await at(31 * minuteMs)).toBe('refresh_recommended');
    await bench.renew(tenantId);
    expect(await at(31 * minuteMs)).toBe('correct');
  });

  it('recommends a refresh also where Factorial answers the tries with something that nobody expects', async () => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    tokenFault({ kind: 'status', status: 400, body: { error: 'invalid_request' } });

    await expect(bench.renew(tenantId)).rejects.toMatchObject({ code: 'factorial_rejected' });

    expect((await bench.card(tenantId, Date.now() + 31 * minuteMs)).tokenStatus).toBe('refresh_recommended');
    expect(await bench.renew(tenantId)).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
  });

  it('recommends a refresh of a refresh token that is over five days old', async () => {
    const tenantId = newTenant();
    bench.simulator.world.switches.accessTokenTtl = 7 * 86_400;
    await bench.connect(tenantId);

    expect((await bench.card(tenantId, Date.now() + 5 * dayMs - minuteMs)).tokenStatus).toBe('correct');
    expect((await bench.card(tenantId, Date.now() + 5 * dayMs + minuteMs)).tokenStatus).toBe(
      'refresh_recommended',
    );
  });

  it('says invalid or expired with the status expired, and only then', async () => {
    const tenantId = newTenant();
    const { generation } = await bench.connect(tenantId);

    const settlement = { commandId: null, generation, to: 'expired', refused: null } as const;
    await settle(bench.db, tenantId, settlement, new Date());

    expect(await bench.card(tenantId)).toMatchObject({
      status: 'expired',
      tokenStatus: 'invalid_or_expired',
    });
  });
});

describe('a 401 in the middle of a sync', () => {
  it('is answered with the pair that is there by then, once, without another refresh', async () => {
    const tenantId = newTenant();
    const { generation } = await bench.connect(tenantId);
    let tries = 0;

    const credentials = await run(async () => {
      const access = { tenantId, generation, purpose: 'webhook' } as const;
      return await withFactorial(bench.deps, access, async (client, signal) => {
        tries += 1;
        // While the first try runs, the workflow renews the pair and somebody uses it: the old one is dead.
        if (tries === 1) {
          await bench.renew(tenantId);
          expect(await statusWith((await bench.tokens(tenantId)).accessToken)).toBe(200);
        }
        return await client.getCredentials(signal);
      });
    }, undefined);

    expect(credentials?.companyId).toBe(bench.companyOf(tenantId).id);
    expect(tries).toBe(2);
    expect((await bench.tokens(tenantId)).version).toBe(2);
  });

  it('with no other pair there fails with the version that was refused', async () => {
    const tenantId = newTenant();
    const { generation, accessToken } = await bench.connect(tenantId);
    bench.simulator.world.tokens.revoke(accessToken, demoApplication.clientId);
    let tries = 0;

    const failed = run(async () => {
      const access = { tenantId, generation, purpose: 'webhook' } as const;
      return await withFactorial(bench.deps, access, async (client, signal) => {
        tries += 1;
        return await client.getCredentials(signal);
      });
    }, undefined);

    await expect(failed).rejects.toMatchObject({ code: 'token_refused', details: { tokenVersion: 1 } });
    expect(tries).toBe(1);
  });
});

describe('a disconnect between two requests of one activity', () => {
  it('keeps the second from being sent', async () => {
    const tenantId = newTenant();
    const { generation } = await bench.connect(tenantId);
    bench.simulator.world.requests.reset();

    const late = run(async () => {
      const access = { tenantId, generation, purpose: 'webhook' } as const;
      await withFactorial(bench.deps, access, async (client, signal) => {
        await client.getCredentials(signal);
        const settlement = { commandId: null, generation, to: 'disconnected', refused: null } as const;
        await settle(bench.db, tenantId, settlement, new Date());
        await client.getCredentials(signal);
      });
    }, undefined);

    await expect(late).rejects.toMatchObject({ code: 'fenced' });
    expect(bench.simulator.world.requests.last()).toHaveLength(1);
  });
});
