import type {
  CommandRing,
  FactsRing,
  ReconcileNowRing,
  WebhookRing,
} from '../contracts/temporal/connection.ts';

/** The signals of `connectionWorkflow` that the API sends, with their arguments. Names: contract.md 3. */
export interface Rings {
  credentialsSaved: CommandRing;
  authorizationStarted: CommandRing;
  oauthCallback: CommandRing;
  credentialsReplaced: CommandRing;
  disconnect: CommandRing;
  webhooksReceived: WebhookRing;
  linksChanged: FactsRing;
  mappingsChanged: FactsRing;
  factsChanged: FactsRing;
  reconcileNow: ReconcileNowRing;
}
export type RingName = keyof Rings;

/** `accepted`: stored by Temporal. `refused`: this workflow takes no signal now. `away`: Temporal does not answer. */
export type RingOutcome = 'accepted' | 'refused' | 'away';

export interface Doorbell {
  /**
   * Tells the tenant's connection workflow something, and starts it where it is missing. Never throws: what the ring is
   * about is in the database, and the relay rings again. Waits at most 2 s for Temporal; a route need not wait for it.
   */
  ring<Name extends RingName>(tenantId: string, name: Name, arg: Rings[Name]): Promise<RingOutcome>;
  /** Sends what is still held back, then rings no more. */
  close(): Promise<void>;
}

/** Sends one signal now. Never throws. */
export type SendSignal = <Name extends RingName>(
  tenantId: string,
  name: Name,
  arg: Rings[Name],
) => Promise<RingOutcome>;

/** Below the contract's two a second, with room for the jitter of the network. */
const spacingMs = 600;

type Ringers = { readonly [Name in RingName]: (tenantId: string, arg: Rings[Name]) => Promise<RingOutcome> };

/**
 * A doorbell that rings at once after a quiet moment, and gathers what follows: of the rings that only say "look into the
 * database", at most two signals a second per tenant and kind leave this process, and what they count adds up.
 */
export function createDoorbell(send: SendSignal): Doorbell {
  const sending = new Set<Promise<RingOutcome>>();
  const bells = new Set<{ flush(): void }>();

  const sendNow =
    <Name extends RingName>(name: Name) =>
    (tenantId: string, arg: Rings[Name]): Promise<RingOutcome> => {
      const sent = send(tenantId, name, arg);
      sending.add(sent);
      void sent.finally(() => sending.delete(sent));
      return sent;
    };

  const gather = <Name extends RingName>(
    name: Name,
    merge: (a: Rings[Name], b: Rings[Name]) => Rings[Name],
  ) => {
    const byTenant = new Map<string, Bell<Rings[Name]>>();
    const hang = (tenantId: string): Bell<Rings[Name]> => {
      const bell: Bell<Rings[Name]> = new Bell(
        merge,
        (arg) => sendNow(name)(tenantId, arg),
        () => {
          byTenant.delete(tenantId);
          bells.delete(bell);
        },
      );
      byTenant.set(tenantId, bell);
      bells.add(bell);
      return bell;
    };
    return (tenantId: string, arg: Rings[Name]) => (byTenant.get(tenantId) ?? hang(tenantId)).ring(arg);
  };

  const ringers: Ringers = {
    credentialsSaved: sendNow('credentialsSaved'),
    authorizationStarted: sendNow('authorizationStarted'),
    oauthCallback: sendNow('oauthCallback'),
    credentialsReplaced: sendNow('credentialsReplaced'),
    disconnect: sendNow('disconnect'),
    reconcileNow: sendNow('reconcileNow'),
    webhooksReceived: gather('webhooksReceived', (a, b) => ({ counts: addCounts(a.counts, b.counts) })),
    factsChanged: gather('factsChanged', addMarks),
    linksChanged: gather('linksChanged', addMarks),
    mappingsChanged: gather('mappingsChanged', addMarks),
  };

  return {
    ring: async (tenantId, name, arg) => await ringers[name](tenantId, arg),
    close: async () => {
      for (const bell of bells) bell.flush();
      await Promise.all(sending);
    },
  };
}

const addMarks = (a: FactsRing, b: FactsRing): FactsRing => ({
  marked: a.marked + b.marked,
  ...(a.settings === true || b.settings === true ? { settings: true } : {}),
});

/** One kind of ring of one tenant. */
class Bell<Arg> {
  private held:
    | { arg: Arg; outcome: Promise<RingOutcome>; settle: (sent: Promise<RingOutcome>) => void }
    | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly merge: (a: Arg, b: Arg) => Arg;
  private readonly send: (arg: Arg) => Promise<RingOutcome>;
  private readonly onQuiet: () => void;

  constructor(merge: (a: Arg, b: Arg) => Arg, send: (arg: Arg) => Promise<RingOutcome>, onQuiet: () => void) {
    this.merge = merge;
    this.send = send;
    this.onQuiet = onQuiet;
  }

  ring(arg: Arg): Promise<RingOutcome> {
    if (this.timer === undefined) {
      this.rest();
      return this.send(arg);
    }
    if (this.held === undefined) {
      let settle: (sent: Promise<RingOutcome>) => void = () => undefined;
      const outcome = new Promise<RingOutcome>((resolve) => (settle = resolve));
      this.held = { arg, outcome, settle };
    } else {
      this.held.arg = this.merge(this.held.arg, arg);
    }
    return this.held.outcome;
  }

  /** Sends what is held back, without waiting for its turn. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sendHeld();
    this.onQuiet();
  }

  private rest(): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.held === undefined) this.onQuiet();
      else {
        this.rest();
        this.sendHeld();
      }
    }, spacingMs);
  }

  private sendHeld(): void {
    const { held } = this;
    this.held = undefined;
    held?.settle(this.send(held.arg));
  }
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = { ...a };
  for (const [topic, count] of Object.entries(b)) sum[topic] = (sum[topic] ?? 0) + count;
  return sum;
}
