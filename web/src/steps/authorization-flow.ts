/**
 * What the wizard knows of an authorization that is under way in another window, as a pure table. The card decides
 * whether it worked; a closed window and the callback's message are only hints of it, and a late success still wins.
 */
export type Flow =
  | { readonly phase: 'idle' | 'starting' | 'done' }
  | { readonly phase: 'waiting'; readonly url: string; readonly blocked: boolean; readonly long: boolean }
  /** The window is gone: the card is asked for a moment before anything is said. */
  | { readonly phase: 'checking'; readonly url: string }
  /** Factorial has sent the browser back: what the exchange gives will be on the card. */
  | { readonly phase: 'received' }
  | { readonly phase: 'ended'; readonly how: Ending };

/** `refused`: the card says why. */
export type Ending = 'closed' | 'expired' | 'denied' | 'unknown' | 'refused';

export type FlowEvent =
  | {
      readonly type:
        | 'start'
        | 'not_started'
        | 'long_wait'
        | 'window_closed'
        | 'asked_long_enough'
        | 'time_up';
    }
  | { readonly type: 'opened'; readonly url: string; readonly blocked: boolean }
  | {
      readonly type: 'callback';
      readonly outcome: 'received' | 'denied' | 'failed';
      readonly code: string | null;
    }
  | { readonly type: 'card_says'; readonly verdict: 'succeeded' | 'refused' };

/** The window that we wait for may be closed by accident after all was done: so long the card is asked first. */
export const askAfterCloseMs = 5_000;
/** A redirect URI that does not match never comes back to us: after so long it is shown to compare. */
export const longWaitMs = 15_000;

export function nextFlow(flow: Flow, event: FlowEvent): Flow {
  switch (event.type) {
    case 'start':
      return { phase: 'starting' };
    case 'not_started':
      return flow.phase === 'starting' ? { phase: 'idle' } : flow;
    case 'opened':
      return { phase: 'waiting', url: event.url, blocked: event.blocked, long: false };
    case 'long_wait':
      return flow.phase === 'waiting' ? { ...flow, long: true } : flow;
    case 'window_closed':
      return flow.phase === 'waiting' && !flow.blocked ? { phase: 'checking', url: flow.url } : flow;
    case 'asked_long_enough':
      return flow.phase === 'checking' ? { phase: 'ended', how: 'closed' } : flow;
    case 'time_up':
      return isUnderWay(flow) || isClosed(flow) ? { phase: 'ended', how: 'expired' } : flow;
    case 'callback':
      return isUnderWay(flow) || isClosed(flow) ? afterCallback(event) : flow;
    case 'card_says':
      if (flow.phase === 'idle' || flow.phase === 'starting') return flow;
      if (event.verdict === 'succeeded') return { phase: 'done' };
      return flow.phase === 'ended' && flow.how !== 'closed' ? flow : { phase: 'ended', how: 'refused' };
  }
}

/** Whether somebody may still be busy in the other window. */
export function isUnderWay({ phase }: Flow): boolean {
  return phase === 'waiting' || phase === 'checking' || phase === 'received';
}

const isClosed = (flow: Flow): boolean => flow.phase === 'ended' && flow.how === 'closed';

function afterCallback({ outcome, code }: Extract<FlowEvent, { type: 'callback' }>): Flow {
  if (outcome === 'received') return { phase: 'received' };
  if (outcome === 'denied')
    return { phase: 'ended', how: code === null || code === 'authorization_denied' ? 'denied' : 'refused' };
  return { phase: 'ended', how: code === 'authorization_expired' ? 'expired' : 'unknown' };
}
