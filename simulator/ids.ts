/** Where the ids of a newer cluster begin. It lies above 2^53, so a client that reads ids as JSON numbers corrupts them. */
export const CLUSTER_OFFSET = 18_446_744_073_709_550n;

// Each table counts on its own, as in the real database: the same id may name an employee and a leave.
const firstOfKind = {
  legalEntity: 5n,
  location: 10n,
  leaveType: 40n,
  company: 51n,
  schedule: 71n,
  period: 91n,
  employee: 192n,
  access: 261n,
  holiday: 427n,
  subscription: 801n,
  leave: 2451n,
  team: 121n,
  membership: 141n,
  delivery: 1n,
} as const;

export type IdKind = keyof typeof firstOfKind;
export type NextId = (kind: IdKind) => string;

/** Hands out ascending ids per table. An id is never given twice, also after rows were deleted. */
export function createIdSequences(offset: bigint = CLUSTER_OFFSET): NextId {
  const next = new Map<IdKind, bigint>();
  return (kind) => {
    const id = next.get(kind) ?? offset + firstOfKind[kind];
    next.set(kind, id + 1n);
    return id.toString();
  };
}

/** Orders decimal texts by their numeric value (no sign, no leading zeros), without turning them into numbers. */
export function compareIds(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
