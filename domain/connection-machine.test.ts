import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectionEvents, connectionStatuses, decide, effects, isConnected } from './connection-machine.ts';
import type { ConnectionEvent, ConnectionStatus, Effect } from './connection-machine.ts';

const cells = connectionStatuses.flatMap((status) => connectionEvents.map((event) => ({ status, event })));

const alreadyConnected = 'Factorial is already connected. Disconnect first to start a new connection.';
const notConnected = 'Factorial is not connected.';
const credentialsMissing = 'Save the Client ID and the Client secret first.';
const nothingAuthorizes = 'No authorization is under way. Click Connect with Factorial again.';

describe('the table of a connection', () => {
  it.each(cells)('has a cell for $event while $status', ({ status, event }) => {
    const verdict = decide(status, event);

    const known =
      verdict.kind === 'accepted'
        ? connectionStatuses.includes(verdict.to) &&
          verdict.effects.every((effect) => effects.includes(effect))
        : /^[A-Z].+\.$/.test(verdict.reason);
    expect(known).toBe(true);
  });

  it('changes nothing and does nothing where it refuses', () => {
    const refusals = cells
      .map(({ status, event }) => decide(status, event))
      .filter(({ kind }) => kind === 'refused');

    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) expect(Object.keys(refusal).sort()).toEqual(['kind', 'reason']);
  });

  it('refuses only what a person or a late answer asks for, never what time brings', () => {
    const refused = new Set(
      cells.filter(({ status, event }) => decide(status, event).kind === 'refused').map(({ event }) => event),
    );

    for (const event of ['receive_denial', 'attempt_expired', 'exchange_failed', 'token_dead'] as const) {
      expect(refused).not.toContain(event);
    }
  });
});

describe('what an event does', () => {
  it.each<[ConnectionStatus, ConnectionEvent, ConnectionStatus, Effect[], string]>([
    ['not_connected', 'save_credentials', 'pending', [], 'saved credentials make the card Pending'],
    ['disconnected', 'save_credentials', 'pending', [], 'so they do after a disconnect'],
    ['pending', 'save_credentials', 'pending', [], 'others may be saved instead'],
    ['authorizing', 'save_credentials', 'pending', [], 'other credentials void the attempt'],
    ['pending', 'start_authorization', 'authorizing', [], 'the window is open'],
    ['authorizing', 'start_authorization', 'authorizing', [], 'another attempt takes the place of the first'],
    ['authorizing', 'receive_code', 'authorizing', ['exchange_code'], 'the code is exchanged'],
    ['authorizing', 'receive_denial', 'pending', [], 'a denied authorization goes back to Pending'],
    ['authorizing', 'attempt_expired', 'pending', [], 'so does a late one'],
    ['authorizing', 'exchange_failed', 'pending', [], 'so does a failed one'],
    ['pending', 'attempt_expired', 'pending', [], 'an attempt that was voided before expires without effect'],
    [
      'authorizing',
      'exchange_succeeded',
      'connected',
      ['ensure_subscriptions', 'reconcile_first'],
      'a connection subscribes and synchronises first',
    ],
    ['connected', 'start_reauthorization', 'connected', [], 'the card stays while reauthorising'],
    ['connected', 'receive_reauthorization_code', 'connected', ['exchange_code'], 'its code is exchanged'],
    [
      'connected',
      'exchange_succeeded',
      'connected',
      ['ensure_subscriptions', 'reconcile_gap'],
      'reauthorising always catches up',
    ],
    ['connected', 'receive_denial', 'connected', [], 'a denied reauthorization breaks nothing'],
    ['connected', 'exchange_failed', 'connected', [], 'nor does a failed one'],
    ['connected', 'attempt_expired', 'connected', [], 'nor does a late one'],
    [
      'connected',
      'replace_credentials',
      'connected',
      ['check_credentials'],
      'replaced credentials are tried out',
    ],
    ['connected', 'token_dead', 'expired', ['warn_expired'], 'a dead token expires the connection'],
    ['expired', 'token_dead', 'expired', ['warn_expired'], 'once more changes nothing'],
    ['expired', 'replace_credentials', 'expired', ['check_credentials'], 'a new secret may bring it back'],
    ['expired', 'start_reauthorization', 'expired', [], 'the card stays while reauthorising'],
    ['expired', 'receive_reauthorization_code', 'expired', ['exchange_code'], 'its code is exchanged'],
    [
      'expired',
      'exchange_succeeded',
      'connected',
      ['ensure_subscriptions', 'reconcile_gap'],
      'what was missed is caught up',
    ],
    ['expired', 'exchange_failed', 'expired', [], 'it stays expired'],
    ['pending', 'disconnect', 'disconnected', ['tear_down'], 'saved credentials are deleted'],
    ['authorizing', 'disconnect', 'disconnected', ['tear_down'], 'an open window does not hinder it'],
    ['connected', 'disconnect', 'disconnected', ['tear_down'], 'subscriptions, token and credentials go'],
    ['expired', 'disconnect', 'disconnected', ['tear_down'], 'also without a token'],
    ['disconnected', 'token_dead', 'disconnected', [], 'a token that dies late changes nothing'],
    ['disconnected', 'attempt_expired', 'disconnected', [], 'nor does an attempt that was open'],
  ])('%s, %s → %s %j: %s', (status, event, to, does) => {
    expect(decide(status, event)).toEqual({ kind: 'accepted', to, effects: does });
  });

  it.each<[ConnectionStatus, ConnectionEvent, string]>([
    ['connected', 'save_credentials', alreadyConnected],
    ['connected', 'start_authorization', alreadyConnected],
    ['connected', 'receive_code', alreadyConnected],
    ['expired', 'save_credentials', alreadyConnected],
    ['expired', 'start_authorization', alreadyConnected],
    ['not_connected', 'start_authorization', credentialsMissing],
    ['disconnected', 'start_authorization', credentialsMissing],
    ['not_connected', 'disconnect', notConnected],
    ['disconnected', 'disconnect', notConnected],
    ['pending', 'start_reauthorization', notConnected],
    ['pending', 'replace_credentials', notConnected],
    ['authorizing', 'receive_reauthorization_code', notConnected],
    ['disconnected', 'replace_credentials', notConnected],
    ['pending', 'receive_code', nothingAuthorizes],
    ['disconnected', 'receive_code', nothingAuthorizes],
    ['pending', 'exchange_succeeded', nothingAuthorizes],
    ['disconnected', 'exchange_succeeded', nothingAuthorizes],
  ])('%s refuses %s: %s', (status, event, reason) => {
    expect(decide(status, event)).toEqual({ kind: 'refused', reason });
  });
});

describe('any life of a connection', () => {
  const life = fc.array(fc.constantFrom(...connectionEvents), { maxLength: 30 });

  /** Each step as from, event, to. */
  function walk(
    events: readonly ConnectionEvent[],
  ): { from: ConnectionStatus; event: ConnectionEvent; to: ConnectionStatus }[] {
    let status: ConnectionStatus = 'not_connected';
    return events.map((event) => {
      const verdict = decide(status, event);
      const step = { from: status, event, to: verdict.kind === 'accepted' ? verdict.to : status };
      status = step.to;
      return step;
    });
  }

  it('connects by a successful exchange only, of an authorization that was started', () => {
    fc.assert(
      fc.property(life, (events) => {
        const connects = walk(events).filter(({ from, to }) => to === 'connected' && from !== 'connected');

        for (const { from, event } of connects) {
          expect(event).toBe('exchange_succeeded');
          expect(['authorizing', 'expired']).toContain(from);
        }
      }),
    );
  });

  it('leaves connected and expired only by a dead token, a reauthorization or a disconnect', () => {
    fc.assert(
      fc.property(life, (events) => {
        const leaves = walk(events).filter(
          ({ from, to }) => (from === 'connected' || from === 'expired') && to !== from,
        );

        for (const { event } of leaves)
          expect(['token_dead', 'exchange_succeeded', 'disconnect']).toContain(event);
      }),
    );
  });
});

describe('a status', () => {
  it.each<[ConnectionStatus, boolean]>([
    ['not_connected', false],
    ['pending', false],
    ['authorizing', false],
    ['connected', true],
    ['expired', false],
    ['disconnected', false],
  ])('%s: Factorial may be asked %s', (status, asks) => {
    expect(isConnected(status)).toBe(asks);
  });
});
