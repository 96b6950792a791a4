import { useState } from 'react';

export interface Draft<Value> {
  readonly value: Value;
  readonly change: (part: Partial<Value>) => void;
  readonly isChanged: boolean;
  readonly discard: () => void;
}

/** What is being typed, apart from what is stored: reading that again never takes a change away. */
export function useDraft<Value extends object>(stored: Value): Draft<Value> {
  const [changes, setChanges] = useState<Partial<Value>>({});
  const value = { ...stored, ...changes };
  return {
    value,
    change: (part) => setChanges((before) => ({ ...before, ...part })),
    isChanged: JSON.stringify(value) !== JSON.stringify(stored),
    discard: () => setChanges({}),
  };
}
