import { useState } from 'react';

export interface Draft<Value> {
  readonly value: Value;
  readonly change: (part: Partial<Value>) => void;
  readonly isChanged: boolean;
  readonly discard: () => void;
}

/**
 * A hook for what is being typed, apart from what is stored: reading that again never takes a change away, and neither
 * does a look at another tab of the screen.
 */
export function createDraft<Value extends object>(): (stored: Value) => Draft<Value> {
  let kept: Partial<Value> = {};
  return function useDraft(stored) {
    const [changes, setChanges] = useState(kept);
    const keep = (next: Partial<Value>): void => {
      kept = next;
      setChanges(next);
    };
    const value = { ...stored, ...changes };
    return {
      value,
      change: (part) => keep({ ...kept, ...part }),
      isChanged: JSON.stringify(value) !== JSON.stringify(stored),
      discard: () => keep({}),
    };
  };
}
