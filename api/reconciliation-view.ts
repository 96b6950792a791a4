import { z } from 'zod';
import type { Reconciliation } from '../contracts/http/reconciliations.ts';
import { resourceKinds, type ResourceKind } from '../domain/resources.ts';
import type { BrakedItem } from '../repositories/braked-deletions.ts';
import type { requireReconciliation } from '../repositories/reconciliation-requests.ts';

type Row = Awaited<ReturnType<typeof requireReconciliation>>;

const StoredCount = z.object({ read: z.int(), total: z.int().nullable() }).catch({ read: 0, total: null });
const StoredDrift = z
  .object({ created: z.int().default(0), updated: z.int().default(0), deleted: z.int().default(0) })
  .catch({ created: 0, updated: 0, deleted: 0 });

/** A stored reconciliation as the API shows it: every kind present, also those that were not reached yet. */
export function toReconciliation(row: Row, braked: readonly BrakedItem[]): Reconciliation {
  return {
    id: row.id,
    status: row.status as Reconciliation['status'],
    trigger: row.trigger as Reconciliation['trigger'],
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    verified: row.verified,
    counts: byKind(row.counts, StoredCount),
    drift: byKind(row.drift, StoredDrift),
    braked: toBraked(braked.filter(({ reconciliationId }) => reconciliationId === row.id)),
  };
}

function byKind<Value extends z.ZodType>(
  stored: unknown,
  value: Value,
): Record<ResourceKind, z.output<Value>> {
  const known = z.record(z.string(), z.unknown()).catch({}).parse(stored);
  const entries = resourceKinds.map((kind) => [kind, value.parse(known[kind])] as const);
  return Object.fromEntries(entries) as Record<ResourceKind, z.output<Value>>; // one entry for each kind
}

function toBraked(items: readonly BrakedItem[]): Reconciliation['braked'] {
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = items.filter((item) => item.kind === kind);
    return {
      kind,
      count: own.length,
      of: own[0]?.of ?? 0,
      items: own.map(({ id, label }) => ({ id, label })),
    };
  });
}
