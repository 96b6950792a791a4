/** Who and what every history begins with in WorkMeter. */
export const actor = 'tester';
export const dayTypes = ['vacation', 'sick', 'short'] as const;
export const employeeIds = ['e1', 'e2', 'e3', 'e4'] as const;

/** The one that a number of a step points at, whatever its size; undefined where there is none. */
export function pick<T>(items: readonly T[], index: number): T | undefined {
  return items.length === 0 ? undefined : items[index % items.length];
}
