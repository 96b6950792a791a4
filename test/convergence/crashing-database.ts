import type { Database } from '../../repositories/database.ts';

/** The process died, as far as the activity can tell. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export interface CrashPlan {
  /** Which transaction from now on, from 0. */
  readonly at: number;
  /** Whether the transaction was committed before the process died. */
  readonly committed: boolean;
}

/** A database whose user dies around one of its next transactions; `arm(null)` lets it live. */
export function createCrashingDatabase(db: Database): { db: Database; arm(plan: CrashPlan | null): void } {
  let plan: CrashPlan | null = null;
  let count = 0;
  const crashing = new Proxy(db, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== '$transaction')
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      return async (work: never) => {
        const isNow = plan !== null && count === plan.at;
        count += 1;
        if (isNow && plan?.committed === false) throw new Crash('died before the transaction');
        const result: unknown = await target.$transaction(work);
        if (isNow) throw new Crash('died after the commit');
        return result;
      };
    },
  });
  return {
    db: crashing,
    arm(next) {
      plan = next;
      count = 0;
    },
  };
}
