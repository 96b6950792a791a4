import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newestActivityId, useReauthorizedSince } from '../client/activity.ts';
import { answerOf, api } from '../client/api.ts';
import { cardQuery, useCard } from '../client/card.ts';
import type { Card } from '../client/types.ts';
import { askAfterCloseMs, isUnderWay, longWaitMs, nextFlow, type Flow } from './authorization-flow.ts';

export interface AuthorizationWish {
  readonly apiHost?: string;
  readonly tokenOwner?: 'company' | 'user';
  readonly confirmCompanyChange?: boolean;
}

export interface AuthorizationInUse {
  readonly flow: Flow;
  /** Opens Factorial in a window of its own: call it in the handler of a click, else browsers block the window. */
  readonly start: (wish?: AuthorizationWish) => void;
  /** Why it could not even be started. */
  readonly error: unknown;
  readonly bringToFront: () => void;
}

const askCardMs = 1_000;
const lookAtWindowMs = 400;
/** After the callback of a reauthorization: what stands on the card by then is what came of it. */
const verdictMs = 30_000;

/** What the card says of a reauthorization that came to nothing. Other warnings may stand beside one that has worked. */
const refusals = [
  'authorization_denied',
  'authorization_expired',
  'redirect_uri_mismatch',
  'credentials_invalid',
  'other_company',
  'company_already_connected',
  'administrator_needed',
  'wrong_cluster',
];

/** Runs an authorization in a popup, from the click to the verdict of the card. */
export function useAuthorization(kind: 'connect' | 'reauthorize'): AuthorizationInUse {
  const [flow, dispatch] = useReducer(nextFlow, { phase: 'idle' });
  const popup = useRef<Window | null>(null);
  const before = useRef<Card | undefined>(undefined);
  const [toldBefore, setToldBefore] = useState<string | null>(null);
  const expiresAt = useRef(0);
  const receivedAt = useRef(0);
  const queries = useQueryClient();
  const { data: card } = useCard();
  const { t } = useTranslation('wizard');
  const { phase } = flow;
  // A closed window is only a hint, and a warning may be that of a former try, told late: a success still wins.
  const follows = isUnderWay(flow) || (phase === 'ended' && ['closed', 'refused'].includes(flow.how));
  const isReauthorized = useReauthorizedSince(follows ? toldBefore : null);

  const starting = useMutation({
    mutationFn: async (wish: AuthorizationWish) => {
      if (kind === 'connect')
        return await answerOf(api.POST('/api/integrations/factorial/authorization', { body: wish }));
      setToldBefore(await newestActivityId());
      return await answerOf(api.POST('/api/integrations/factorial/reauthorization', { body: {} }));
    },
    onSuccess: ({ authorizationUrl: url, expiresAt: at }) => {
      expiresAt.current = Date.parse(at);
      const isOpen = popup.current !== null && !popup.current.closed;
      if (isOpen) popup.current?.location.replace(url);
      dispatch({ type: 'opened', url, blocked: !isOpen });
    },
    onError: () => {
      popup.current?.close();
      dispatch({ type: 'not_started' });
    },
  });

  // The callback page tells us, by whichever way its window has kept.
  useEffect(() => {
    if (!follows) return;
    const hear = ({ data, origin }: MessageEvent<unknown>): void => {
      const message = origin === window.location.origin ? toCallbackMessage(data) : null;
      if (message === null) return;
      if (message.outcome === 'received') {
        receivedAt.current = Date.now();
        popup.current?.close(); // it has nothing more to say than this screen
      }
      dispatch({ type: 'callback', ...message });
    };
    const channel = new BroadcastChannel('factorial');
    channel.addEventListener('message', hear);
    window.addEventListener('message', hear);
    return () => {
      channel.close();
      window.removeEventListener('message', hear);
    };
  }, [follows]);

  useEffect(() => {
    if (!follows) return;
    const ask = setInterval(() => void queries.invalidateQueries(cardQuery), askCardMs);
    const look = setInterval(() => {
      if (popup.current?.closed === true) dispatch({ type: 'window_closed' });
    }, lookAtWindowMs);
    const end = setTimeout(() => dispatch({ type: 'time_up' }), Math.max(0, expiresAt.current - Date.now()));
    return () => {
      clearInterval(ask);
      clearInterval(look);
      clearTimeout(end);
    };
  }, [follows, queries]);

  useEffect(() => {
    if (phase === 'waiting') return startTimer(longWaitMs, () => dispatch({ type: 'long_wait' }));
    if (phase === 'checking')
      return startTimer(askAfterCloseMs, () => dispatch({ type: 'asked_long_enough' }));
    return undefined;
  }, [phase]);

  useEffect(() => {
    if (card === undefined || !follows) return;
    const verdict =
      kind === 'connect'
        ? verdictOfConnecting(card, phase)
        : isReauthorized
          ? 'succeeded'
          : verdictOfReauthorizing(card, before.current, receivedAt.current);
    if (verdict !== null) dispatch({ type: 'card_says', verdict });
  }, [card, follows, isReauthorized, kind, phase]);

  return {
    flow,
    error: starting.error,
    start: (wish = {}) => {
      before.current = card;
      receivedAt.current = 0;
      popup.current = openWindow(t('flow.opening'));
      dispatch({ type: 'start' });
      starting.mutate(wish);
    },
    bringToFront: () => popup.current?.focus(),
  };
}

type Verdict = 'succeeded' | 'refused' | null;

function verdictOfConnecting({ status, warnings }: Card, phase: Flow['phase']): Verdict {
  if (status === 'connected') return 'succeeded';
  // Back to pending: the exchange has failed, or the time has run out at the other end.
  return phase === 'received' && status === 'pending' && warnings.length > 0 ? 'refused' : null;
}

/** Whether the card says why a reauthorization came to nothing: newly, or still after a while. */
function verdictOfReauthorizing(
  { warnings }: Card,
  before: Card | undefined,
  receivedAt: number,
): 'refused' | null {
  if (receivedAt === 0) return null;
  const known = new Set(before?.warnings.map(({ code, since }) => `${code} ${since}`));
  const isOver = Date.now() - receivedAt > verdictMs;
  const isRefused = warnings.some(
    ({ code, since }) => refusals.includes(code) && (isOver || !known.has(`${code} ${since}`)),
  );
  return isRefused ? 'refused' : null;
}

/** Null where the browser blocks it. Opened empty, inside the click; the address follows when it is known. */
function openWindow(text: string): Window | null {
  const opened = window.open('', 'factorial-authorization', 'popup,width=560,height=760');
  try {
    if (opened !== null) opened.document.body.textContent = text;
  } catch {
    // It is the window of a former try that shows Factorial still: it will be led on.
  }
  opened?.focus();
  return opened;
}

interface CallbackMessage {
  readonly outcome: 'received' | 'denied' | 'failed';
  readonly code: string | null;
}

function toCallbackMessage(data: unknown): CallbackMessage | null {
  if (typeof data !== 'object' || data === null || !('source' in data) || data.source !== 'factorial')
    return null;
  const outcome = 'outcome' in data ? data.outcome : null;
  const code = 'code' in data && typeof data.code === 'string' ? data.code : null;
  return outcome === 'received' || outcome === 'denied' || outcome === 'failed' ? { outcome, code } : null;
}

function startTimer(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
