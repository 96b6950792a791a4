import { commandTypes } from '../domain/connection-machine.ts';
import type { Database } from '../repositories/database.ts';
import {
  claimBell,
  deliveriesToRing,
  markedSince,
  noteRung,
  oldestCommand,
  queuedReconciliation,
  releaseBell,
  settingsUntoldMs,
  type RelayWork,
} from '../repositories/relay-work.ts';
import { signalOf } from './commands.ts';
import type { Doorbell, RingOutcome } from './doorbell.ts';

/** What came of a try to ring: `nothing` to ring for; `spaced`: rung a moment ago, try again in `waitMs`. */
export type RelayOutcome =
  | { readonly kind: RingOutcome }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'spaced'; readonly waitMs: number };

/** At most two a second per tenant across all processes (contract.md 3), with room for the network's jitter. */
export const webhookSpacingMs = 600;
const longestSpacingMs = 60_000;
const otherSpacingMs = 3_000;
/** A workflow that has not read after this long is busy or has no worker: more rings would only fill its history. */
const keepsUpMs = 5_000;

/** Rings become rarer as what they are for gets older: half its age apart, a minute at most. */
export function spacingFor(ageMs: number, shortestMs: number): number {
  return Math.min(longestSpacingMs, Math.max(shortestMs, ageMs / 2));
}

interface Ring {
  readonly spacingMs: number;
  readonly send: () => Promise<RingOutcome>;
  readonly onAccepted?: () => Promise<void>;
}

/** Rings for one tenant and reason, if there is reason still and no process rang just before. */
export async function ringBell(db: Database, doorbell: Doorbell, work: RelayWork): Promise<RelayOutcome> {
  const ring = await prepareRing(db, doorbell, work);
  if (ring === null) return { kind: 'nothing' };
  if (!(await claimBell(db, work, ring.spacingMs))) return { kind: 'spaced', waitMs: ring.spacingMs };
  const kind = await ring.send();
  if (kind === 'accepted') await ring.onAccepted?.();
  if (kind === 'away') await releaseBell(db, work);
  return { kind };
}

async function prepareRing(
  db: Database,
  doorbell: Doorbell,
  { tenantId, bell }: RelayWork,
): Promise<Ring | null> {
  switch (bell) {
    case 'webhooks': {
      const { counts, look, unreadMs } = await deliveriesToRing(db, tenantId);
      if (counts === null) return null;
      return {
        spacingMs:
          unreadMs === null || unreadMs < keepsUpMs
            ? webhookSpacingMs
            : spacingFor(unreadMs, webhookSpacingMs),
        send: async () => doorbell.ring(tenantId, 'webhooksReceived', { counts }),
        onAccepted: async () => noteRung(db, tenantId, look),
      };
    }
    case 'commands': {
      const command = await oldestCommand(db, tenantId);
      if (command === null) return null;
      const { id: commandId, type } = command.value;
      const signal = signalOf[commandTypes.find((known) => known === type) ?? 'save_credentials']; // any of them makes it look
      const send = async () => doorbell.ring(tenantId, signal, { commandId });
      return { spacingMs: spacingFor(command.waitingMs, otherSpacingMs), send };
    }
    case 'facts': {
      const marked = await markedSince(db, tenantId);
      if (marked === null) return null;
      const send = async () => doorbell.ring(tenantId, 'factsChanged', { marked: marked.value });
      return { spacingMs: spacingFor(marked.waitingMs, otherSpacingMs), send };
    }
    case 'settings': {
      const waitingMs = await settingsUntoldMs(db, tenantId);
      if (waitingMs === null) return null;
      const send = async () => doorbell.ring(tenantId, 'factsChanged', { marked: 0, settings: true });
      return { spacingMs: spacingFor(waitingMs, otherSpacingMs), send };
    }
    case 'reconciliations': {
      const queued = await queuedReconciliation(db, tenantId);
      if (queued === null) return null;
      const send = async () => doorbell.ring(tenantId, 'reconcileNow', { reconciliationId: queued.value });
      return { spacingMs: spacingFor(queued.waitingMs, otherSpacingMs), send };
    }
  }
}
