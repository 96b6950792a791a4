import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../client/api.ts';
import { cardQuery, useCard } from '../client/card.ts';
import type { Card } from '../client/types.ts';
import { askAfterCloseMs, isUnderWay, longWaitMs, nextFlow, type Flow } from './authorization-flow.ts';

export interface AuthorizationWish {
  readonly apiHost?: string;
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
/** After the callback of a reauthorization: what is wrong with it is on the card by then. */
const verdictMs = 8_000;

/** Runs an authorization in a popup, from the click to the verdict of the card. */
export function useAuthorization(kind: 'connect' | 'reauthorize'): AuthorizationInUse {
  const [flow, dispatch] = useReducer(nextFlow, { phase: 'idle' });
  const popup = useRef<Window | null>(null);
  const before = useRef<Card | undefined>(undefined);
  const expiresAt = useRef(0);
  const receivedAt = useRef(0);
  const queries = useQueryClient();
  const { data: card } = useCard();
  const { t } = useTranslation('wizard');
  const { phase } = flow;
  const follows = isUnderWay(flow) || (phase === 'ended' && flow.how === 'closed');

  const starting = useMutation({
    mutationFn: async (wish: AuthorizationWish) =>
      kind === 'connect'
        ? await answerOf(api.POST('/api/integrations/factorial/authorization', { body: wish }))
        : await answerOf(api.POST('/api/integrations/factorial/reauthorization', { body: {} })),
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
        : verdictOfReauthorizing(card, before.current, receivedAt.current);
    if (verdict !== null) dispatch({ type: 'card_says', verdict });
  }, [card, follows, kind, phase]);

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

/** The card's status stays while it is reauthorized: what changes is a new reconciliation, or a new warning. */
function verdictOfReauthorizing(card: Card, before: Card | undefined, receivedAt: number): Verdict {
  if (before?.status === 'expired' && card.status === 'connected') return 'succeeded';
  if (receivedAt === 0) return null;
  const known = new Set(before?.warnings.map(({ code, since }) => `${code} ${since}`));
  if (card.warnings.some(({ code, since }) => !known.has(`${code} ${since}`))) return 'refused';
  if (card.status !== 'connected') return null;
  if (card.lastReconciliation?.id !== before?.lastReconciliation?.id) return 'succeeded';
  return Date.now() - receivedAt > verdictMs ? 'succeeded' : null;
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
