import type { Database } from '../../repositories/database.ts';

/** The process died, as far as the activity can tell. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** What befalls the user of a database around one of its next transactions, counted from 0. */
export type Mishap =
  | { readonly at: number; readonly what: 'dies before' | 'dies after' }
  /** The transaction does not begin before this is over: what was read for it grows old. */
  | {
      readonly at: number;
      readonly what: 'waits';
      readonly until: Promise<void>;
      readonly reached: () => void;
    };

/** A database whose user has a mishap around one of its next transactions; `arm(null)` spares it. */
export function createCrashingDatabase(db: Database): { db: Database; arm(mishap: Mishap | null): void } {
  let armed: Mishap | null = null;
  let count = 0;
  const crashing = new Proxy(db, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== '$transaction')
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      return async (work: never) => {
        const mishap = armed !== null && count === armed.at ? armed : null;
        count += 1;
        if (mishap?.what === 'dies before') throw new Crash('died before the transaction');
        if (mishap?.what === 'waits') {
          mishap.reached();
          await mishap.until;
        }
        const result: unknown = await target.$transaction(work);
        if (mishap?.what === 'dies after') throw new Crash('died after the commit');
        return result;
      };
    },
  });
  return {
    db: crashing,
    arm(next) {
      armed = next;
      count = 0;
    },
  };
}
