import { describe, expect, it } from '@jest/globals';
import { isUnderWay, nextFlow, type Flow, type FlowEvent } from './authorization-flow.ts';

const url = 'https://api.factorialhr.com/oauth/authorize?state=s';
const opened: FlowEvent = { type: 'opened', url, blocked: false };
const closed: FlowEvent = { type: 'window_closed' };
const asked: FlowEvent = { type: 'asked_long_enough' };
const succeeded: FlowEvent = { type: 'card_says', verdict: 'succeeded' };
const refused: FlowEvent = { type: 'card_says', verdict: 'refused' };
const says = (outcome: 'received' | 'denied' | 'failed', code: string | null = null): FlowEvent => ({
  type: 'callback',
  outcome,
  code,
});

const after = (...events: FlowEvent[]): Flow =>
  [{ type: 'start' } as const, ...events].reduce<Flow>(nextFlow, { phase: 'idle' });

describe('an authorization in another window', () => {
  it.each<[string, FlowEvent[], Flow]>([
    ['is shown as opening until its address is known', [], { phase: 'starting' }],
    ['that is refused at once leaves everything as it was', [{ type: 'not_started' }], { phase: 'idle' }],
    ['waits for the admin', [opened], { phase: 'waiting', url, blocked: false, long: false }],
    [
      'offers its address where the popup was blocked',
      [{ type: 'opened', url, blocked: true }],
      { phase: 'waiting', url, blocked: true, long: false },
    ],
    [
      'shows the redirect URI after a long wait',
      [opened, { type: 'long_wait' }],
      { phase: 'waiting', url, blocked: false, long: true },
    ],
    ['asks the card first when its window is closed', [opened, closed], { phase: 'checking', url }],
    ['says so when the card knew nothing', [opened, closed, asked], { phase: 'ended', how: 'closed' }],
    ['has worked when the card says so while it is asked', [opened, closed, succeeded], { phase: 'done' }],
    [
      'has worked also long after its window was closed',
      [opened, closed, asked, succeeded],
      { phase: 'done' },
    ],
    [
      'goes on when the callback is heard after that',
      [opened, closed, asked, says('received')],
      { phase: 'received' },
    ],
    [
      'is not taken for closed once the callback was heard',
      [opened, says('received'), closed, asked],
      { phase: 'received' },
    ],
    ['ends when it was denied', [opened, says('denied')], { phase: 'ended', how: 'denied' }],
    [
      'leaves it to the card where Factorial gave another reason',
      [opened, says('denied', 'scopes_missing')],
      { phase: 'ended', how: 'refused' },
    ],
    [
      'ends when the callback came too late',
      [opened, says('failed', 'authorization_expired')],
      { phase: 'ended', how: 'expired' },
    ],
    [
      'ends when nobody knows it',
      [opened, says('failed', 'invalid_request')],
      { phase: 'ended', how: 'unknown' },
    ],
    ['ends when its time is up', [opened, { type: 'time_up' }], { phase: 'ended', how: 'expired' }],
    [
      'leaves the word to the card when the exchange failed',
      [opened, says('received'), refused],
      { phase: 'ended', how: 'refused' },
    ],
    [
      'has worked all the same where a warning of a former try was taken for its own',
      [opened, says('received'), refused, succeeded],
      { phase: 'done' },
    ],
    ['keeps the better reason', [opened, says('denied'), refused], { phase: 'ended', how: 'denied' }],
    [
      'has no window to be closed where the popup was blocked',
      [{ type: 'opened', url, blocked: true }, closed],
      { phase: 'waiting', url, blocked: true, long: false },
    ],
    ['begins anew with the next click', [opened, says('denied'), { type: 'start' }], { phase: 'starting' }],
  ])('%s', (_name, events, expected) => {
    expect(after(...events)).toEqual(expected);
  });

  it('hears nothing before it has begun', () => {
    expect(nextFlow({ phase: 'idle' }, says('received'))).toEqual({ phase: 'idle' });
    expect(nextFlow({ phase: 'idle' }, succeeded)).toEqual({ phase: 'idle' });
    expect(isUnderWay({ phase: 'idle' })).toBe(false);
  });
});
