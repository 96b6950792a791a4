import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '../domain/errors.ts';
import { createFactorialClient, type FactorialClient } from './client.ts';
import { createFactorialHttp } from './http.ts';
import { exchangeCode, refreshTokens, revokeToken } from './oauth.ts';
import {
  neverAborted,
  rejectionOf,
  startLocalServer,
  type LocalServer,
} from './test-support/local-server.ts';

/** Where tokens, codes and secrets must never go. */
let elsewhere: LocalServer;
let server: LocalServer;
beforeAll(async () => {
  [server, elsewhere] = await Promise.all([startLocalServer(), startLocalServer()]);
});
afterAll(async () => {
  await Promise.all([server?.close(), elsewhere?.close()]);
});
beforeEach(() => {
  elsewhere.answerWith(200, { data: [], access_token: 'stolen', token_type: 'Bearer' });
});

const client = (): FactorialClient =>
  createFactorialClient(
    createFactorialHttp({ apiHost: server.origin, apiVersion: '2026-10-01', accessToken: 'token' }),
  );
const application = () => ({ apiHost: server.origin, clientId: 'client', clientSecret: 'secret' });
const subscription = {
  type: 'timeoff/leave/approve',
  targetUrl: 'https://timework.test/hook',
  challenge: 'challenge',
  apiVersion: '2026-10-01',
};

/** Every request that this service can make of Factorial. */
const calls: Record<string, () => Promise<unknown>> = {
  getCredentials: () => client().getCredentials(neverAborted),
  listEmployees: () => client().listEmployees({}, neverAborted),
  listAbsences: () => client().listAbsences({ includeDeleted: true }, neverAborted),
  listAbsenceTypes: () => client().listAbsenceTypes({}, neverAborted),
  listHolidays: () => client().listHolidays({}, neverAborted),
  listPlannedMinutes: () =>
    client().listPlannedMinutes({ profileIds: ['1'], from: '2026-11-01', to: '2026-11-02' }, neverAborted),
  listSchedules: () => client().listSchedules({}, neverAborted),
  listSubscriptions: () => client().listSubscriptions({}, neverAborted),
  createSubscription: () => client().createSubscription({ ...subscription, companyId: '1' }, neverAborted),
  updateSubscription: () => client().updateSubscription('1', { enabled: true }, neverAborted),
  deleteSubscription: () => client().deleteSubscription('1', neverAborted),
  exchangeCode: () =>
    exchangeCode(
      { ...application(), redirectUri: 'https://timework.test/callback', code: 'code' },
      neverAborted,
    ),
  refreshTokens: () => refreshTokens({ ...application(), refreshToken: 'refresh' }, neverAborted),
  revokeToken: () => revokeToken({ ...application(), token: 'token' }, neverAborted),
};

it('every request of the client is in the list', () => {
  expect(Object.keys(calls)).toEqual(expect.arrayContaining(Object.keys(client())));
});

describe.each(Object.entries(calls))('%s', (_name, call) => {
  // 307 and 308 would carry the body of a POST along; the others turn it into a GET.
  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    server.answerWith(status, '', { location: `${elsewhere.origin}/stolen` });

    const error = await rejectionOf(call());

    expect(error).toBeInstanceOf(DomainError);
    expect(server.requests).toHaveLength(1);
    expect(elsewhere.requests).toEqual([]);
  });
});
