import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError } from '../../domain/errors.ts';
import { createConnectionActivities } from '../../activities/connection.ts';
import { withFactorial } from '../../activities/factorial-access.ts';
import { createFactorialClient } from '../../factorial/client.ts';
import { createFactorialHttp } from '../../factorial/http.ts';
import { addCommand } from '../../repositories/commands.ts';
import { settle } from '../../repositories/connections.ts';
import { inTransaction } from '../../repositories/database.ts';
import { noteWarnings } from '../../repositories/warnings.ts';
import type { Switches } from '../../simulator/switches.ts';
import { demoApplication } from '../../stack/seed.ts';
import { createFactorialCaller } from '../support/callers.ts';
import { createActivityBench, run, type ActivityBench, type ConnectOptions } from './activity-bench.ts';

// What nobody outside of Factorial knows for certain: whichever way it is, connecting, refreshing, subscribing and
// disconnecting must come out the same, or say what is wrong. Numbers are those of docs/factorial-api.md, section 14.

let bench: ActivityBench;
let count = 0;
const newTenant = (): string => `variant-${(count += 1)}`;

beforeAll(async () => {
  bench = await createActivityBench();
});
afterAll(async () => {
  await bench?.close();
});
afterEach(() => bench.calmFactorial());

const set = (switches: Partial<Switches>): void =>
  void Object.assign(bench.simulator.world.switches, switches);

async function failedConnect(options: ConnectOptions = {}): Promise<unknown> {
  const tenantId = newTenant();
  await bench.save(tenantId);
  return await bench.exchange(tenantId, await bench.receiveCode(tenantId, options));
}

/** The code of the error that one request ends with; null where it is answered. */
async function errorOfOneRequest(tenantId: string): Promise<string | null> {
  const { generation } = await bench.tokens(tenantId);
  const access = { tenantId, generation, purpose: 'connection' } as const;
  try {
    await run(
      () => withFactorial(bench.deps, access, (client, signal) => client.listHolidays({}, signal)),
      undefined,
    );
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

describe('a connection', () => {
  it.each<[string, Partial<Switches>]>([
    ['1: single resources in an envelope', { singleEnvelope: 'data' }],
    ['2: a second subscription overwrites the first, with 201', { duplicateSubscription: 'overwrite' }],
    ['2: a second subscription overwrites the first, with 200', { duplicateSubscription: 'overwrite200' }],
    ['3: one subscription a type for each application', { subscriptionScope: 'application' }],
    ['4: the old pair dies at the refresh', { refreshRevocation: 'immediate' }],
    ['5: errors of the token endpoint are 401', { tokenErrorStatus: 401 }],
    ['6: access tokens live two hours', { accessTokenTtl: 7_200 }],
    ['7: refresh tokens live for ever', { refreshTokenTtl: null }],
    ['section 7: access tokens are signed and long', { tokenFormat: 'jwt' }],
    ['10: a 401 has no body', { error401Body: 'empty' }],
    ['10: a 401 has the body of OAuth', { error401Body: 'oauth' }],
    ['13: GET counts towards the limit of POST', { getLimit: 'shared' }],
    ['15: no cursor on the last page', { lastCursor: 'absent' }],
    ['15: a null cursor on the last page', { lastCursor: 'null' }],
    ['26: only 200 is a receipt', { acceptStatus: '200' }],
    ['32: unknown parameters are refused', { unknownParam: 400 }],
    ['33: required parameters are required', { requiredParams: 'strict' }],
    ['41: types outside of the scopes are refused with 403', { webhookScopeCheck: 403 }],
    ['41: types outside of the scopes are refused with 422', { webhookScopeCheck: 422 }],
    ['42: no scopes in the token response', { tokenResponseScope: 'absent' }],
    ['section 3: a DELETE has no body', { deleteStatus: 204 }],
    ['section 5: a 422 is a list of sentences', { validationErrors: 'list' }],
  ])('is made, renewed, subscribed and undone (%s)', async (_question, switches) => {
    set(switches);
    const tenantId = newTenant();

    const first = await bench.connect(tenantId);
    const subscribed = await bench.ensureSubscriptions(tenantId);
    const again = await bench.ensureSubscriptions(tenantId);
    const renewed = await bench.renew(tenantId);
    const second = await bench.tokens(tenantId);
    const read = await errorOfOneRequest(tenantId);
    const card = await bench.card(tenantId);
    await settle(
      bench.db,
      tenantId,
      { commandId: null, generation: second.generation, to: 'disconnected', refused: null },
      new Date(),
    );
    const undone = await bench.tearDown(tenantId);

    expect(subscribed).toMatchObject({ active: 19, repaired: 0, conflicts: 0, refused: 0 });
    expect(again).toEqual(subscribed);
    expect(renewed).toMatchObject({ outcome: 'valid', tokenVersion: 2 });
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(read).toBeNull();
    expect(card).toMatchObject({ status: 'connected', tokenStatus: 'correct', warnings: [] });
    expect(undone).toEqual({ done: true, leftBehind: 0 });
    expect(bench.companyOf(tenantId).subscriptions.size).toBe(0);
  });

  it('with credentials of the other environment is not made, and says which host to look at (section 2)', async () => {
    set({ environment: 'other' });

    expect(await failedConnect()).toEqual({ outcome: 'failed', warning: 'wrong_cluster' });
  });

  it('with an application that the company has not installed is not made (section 5)', async () => {
    const tenantId = newTenant();
    bench.companyOf(tenantId).uninstalled.add(demoApplication.clientId);
    await bench.save(tenantId);

    const outcome = await bench.exchange(tenantId, await bench.receiveCode(tenantId));

    expect(outcome).toEqual({ outcome: 'failed', warning: 'wrong_cluster' });
  });
});

describe('an error that Factorial sends the browser back with', () => {
  it.each([
    ['access_denied', 'authorization_denied', 'connect'],
    ['invalid_scope', 'scopes_missing', 'reauthorize'],
    ['unauthorized_client', 'credentials_invalid', 'replace_credentials'],
    ['temporarily_unavailable', 'factorial_unreachable', 'connect'],
  ])('%s is on the card as %s, with the action %s', async (error, code, action) => {
    const tenantId = newTenant();
    await bench.save(tenantId);
    const command = { tenantId, id: randomUUID(), type: 'receive_denial', actor: 'factorial' } as const;
    await inTransaction(bench.db, (tx) => addCommand(tx, { ...command, payload: { error } }));
    const act = createConnectionActivities(bench.deps);

    for (const { id, denial } of await run(act.takeCommands, { tenantId })) {
      const settlement = { commandId: id, to: 'pending', refused: null, credentialVersion: null } as const;
      const warnings = denial === null ? [] : [denial];
      const fenced = { tenantId, generation: 0, nowMs: Date.now() };
      await run(act.settleCommand, { ...fenced, ...settlement, warnings, attempt: null });
    }

    expect((await bench.card(tenantId)).warnings).toMatchObject([{ code, action: { code: action } }]);
  });
});

it.each(['connected', 'expired'])(
  'an authorization anew that Factorial could not carry out is the admin’s to try again, while %s; a later outage is not',
  async (status) => {
    const tenantId = newTenant();
    await bench.connect(tenantId);
    await bench.db.connection.update({ where: { tenantId }, data: { status } });
    const attemptId = await bench.receiveCode(tenantId, { kind: 'reauthorize' });
    const { settleCommand } = createConnectionActivities(bench.deps);
    const { generation } = await bench.tokens(tenantId);
    const to = status as 'connected' | 'expired';
    const settlement = { commandId: null, to, refused: null, credentialVersion: null };
    const actions = async () => (await bench.card(tenantId)).warnings.map(({ action }) => action.code);
    const code = 'factorial_unreachable';
    const fenced = { tenantId, generation, nowMs: Date.now() };

    const attempt = { id: attemptId, outcome: code };
    await run(settleCommand, { ...fenced, ...settlement, warnings: [code], attempt });
    const denied = await actions();
    await noteWarnings(bench.db, tenantId, generation, { [code]: false }, new Date());
    await noteWarnings(bench.db, tenantId, generation, { [code]: true }, new Date(Date.now() + 1_000));

    expect([denied, await actions()]).toEqual([['reauthorize'], ['wait']]);
  },
);

describe('11: a scope that is missing', () => {
  const scopes = ['employees', 'time_off', 'time_tracking'];

  it.each<[Switches['missingScope'], string]>([
    [403, 'permission_missing'],
    [404, 'factorial_not_found'],
  ])('answers %s, which is never read as “there are none”', async (missingScope, code) => {
    set({ missingScope });
    const tenantId = newTenant();
    await bench.connect(tenantId, { scopes });

    expect(await errorOfOneRequest(tenantId)).toBe(code);
    expect((await bench.card(tenantId)).warnings).toMatchObject([{ code: 'scopes_missing' }]);
  });

  it('that looks like an empty list is known from the token response', async () => {
    set({ missingScope: 'empty' });
    const tenantId = newTenant();
    await bench.connect(tenantId, { scopes });

    expect(await errorOfOneRequest(tenantId)).toBeNull();
    expect((await bench.card(tenantId)).warnings).toMatchObject([{ code: 'scopes_missing' }]);
  });
});

describe('12: a limit that is reached', () => {
  it.each(['retryAfterSeconds', 'retryAfterDate', 'rateLimit', 'none'] as const)(
    'is waited for whatever the headers say (%s)',
    async (rateLimitHeaders) => {
      set({ rateLimitHeaders, getLimit: 1 });
      const tenantId = newTenant();
      // The one request of this minute asks whose token it is.
      await bench.connect(tenantId);

      expect(await errorOfOneRequest(tenantId)).toBe('rate_limited');
    },
  );
});

it('31: a version that Factorial no longer supports has other shapes, and the same ids to the digit', async () => {
  const tenantId = newTenant();
  const { accessToken } = await bench.connect(tenantId);
  const idsIn = async (apiVersion: string) => {
    const http = createFactorialHttp({ apiHost: bench.simulator.url, apiVersion, accessToken });
    const page = await createFactorialClient(http).listEmployees({}, new AbortController().signal);
    return page.rows.map(({ id, locationId }) => [id, locationId]);
  };

  const stale = await idsIn('2023-01-01');

  expect(stale).toEqual(await idsIn('2026-10-01'));
  expect(BigInt(stale[0]?.[0] ?? 0)).toBeGreaterThan(2n ** 53n);
});

describe('40: an application that the customer has removed', () => {
  it.each([
    ['keep', 0],
    ['remove', 19],
  ] as const)('and authorized again has its subscriptions (%s)', async (onRevoke, repaired) => {
    set({ onRevoke });
    const tenantId = newTenant();
    await bench.connect(tenantId);
    await bench.ensureSubscriptions(tenantId);
    const removal = { client_id: demoApplication.clientId, company_id: bench.companyOf(tenantId).id };
    await createFactorialCaller(bench.simulator.url)('POST', 'tokens/revoke-all', removal);

    const refused = await bench.renew(tenantId, { refused: true });
    await bench.connect(tenantId, { kind: 'reauthorize' });
    const result = await bench.ensureSubscriptions(tenantId);

    expect(refused).toEqual({ outcome: 'dead', code: 'connection_expired' });
    expect(result).toMatchObject({ active: 19, repaired, conflicts: 0, refused: 0 });
  });
});
