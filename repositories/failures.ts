import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../domain/errors.ts';
import type { ResourceKind } from '../domain/resources.ts';
import type { WarningCode } from '../domain/warnings.ts';
import { toArrayLiteral } from './array-literal.ts';
import type { Executor } from './database.ts';
import { Prisma } from './generated/client.ts';
import { listedIds } from './swept-ids.ts';
import { clearWarnings } from './warnings.ts';

export interface NewFailure {
  readonly resource: string;
  readonly factorialId: string;
  readonly code: ErrorCode;
  /** A sentence without personal data. */
  readonly message: string;
  readonly nextStep: string;
  /** What it came from; without either, what the row says of an earlier time stays. */
  readonly deliveryId?: string | null;
  readonly reconciliationId?: string | null;
  readonly workflowId: string;
  readonly runId: string;
}

/** Notes that a resource could not be synced: one row for a resource and a reason, however often it happens. */
export async function noteFailure(
  db: Executor,
  tenantId: string,
  failure: NewFailure,
  at: Date,
): Promise<void> {
  const { resource, factorialId, code, message, nextStep, workflowId, runId } = failure;
  const latest = {
    message,
    nextStep,
    lastAt: at,
    status: 'open',
    ...(failure.deliveryId === undefined && failure.reconciliationId === undefined
      ? {}
      : { deliveryId: failure.deliveryId ?? null, reconciliationId: failure.reconciliationId ?? null }),
    workflowId,
    runId,
  };
  await db.failure.upsert({
    where: { tenantId_resource_factorialId_code: { tenantId, resource, factorialId, code } },
    create: { tenantId, id: randomUUID(), resource, factorialId, code, firstAt: at, ...latest },
    update: { ...latest, tries: { increment: 1 } },
  });
}

/** How many failures, with one of certain codes or with any, are not resolved. */
export async function openFailures(
  db: Executor,
  tenantId: string,
  codes?: readonly ErrorCode[],
): Promise<number> {
  const ofCodes = codes === undefined ? {} : { code: { in: [...codes] } };
  return db.failure.count({ where: { tenantId, ...ofCodes, status: { not: 'resolved' } } });
}

/** How many failures were noted, for the first time or again, by whoever works with this instant. */
export async function countFailuresAt(db: Executor, tenantId: string, at: Date): Promise<number> {
  return db.failure.count({ where: { tenantId, lastAt: at, status: { not: 'resolved' } } });
}

/** Of some resources, what failed at or after an instant and is still open: the latest code and sentence of each. */
export async function failedSince(
  db: Executor,
  tenantId: string,
  resource: string,
  factorialIds: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, { readonly code: string; readonly message: string }>> {
  const rows = await db.failure.findMany({
    where: {
      tenantId,
      resource,
      factorialId: { in: [...factorialIds] },
      status: 'open',
      lastAt: { gte: since },
    },
    orderBy: { lastAt: 'asc' },
    select: { factorialId: true, code: true, message: true },
  });
  return new Map(rows.map(({ factorialId, code, message }) => [factorialId, { code, message }]));
}

/** Closes all failures of a kind that has just been read whole. */
export async function resolveKind(db: Executor, tenantId: string, resource: string): Promise<void> {
  await resolve(db, tenantId, resource, Prisma.sql`true`);
}

/** Closes the failures of what a sweep has proven not to be in its window: nothing is left to be read of it. */
export async function resolveUnlisted(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
  kind: ResourceKind,
): Promise<void> {
  const listed = listedIds(tenantId, reconciliationId, kind);
  await resolve(db, tenantId, kind, Prisma.sql`factorial_id <> '' AND factorial_id NOT IN (${listed})`);
}

/** Closes open failures of a kind; answers the code of each. */
async function resolve(
  db: Executor,
  tenantId: string,
  resource: string,
  which: Prisma.Sql,
): Promise<{ code: string }[]> {
  return await db.$queryRaw`
    UPDATE failures SET status = 'resolved', next_try_at = NULL, next_step = NULL
    WHERE tenant_id = ${tenantId} AND resource = ${resource} AND status <> 'resolved' AND (${which})
    RETURNING code`;
}

/** Warnings that stand on the card while a failure with one of these codes is open. */
const causesOf = {
  schema_drift: ['schema_drift'],
  scopes_missing: ['permission_missing', 'factorial_not_found'],
} as const satisfies Partial<Record<WarningCode, readonly ErrorCode[]>>;

/** Closes the failures of resources that are in step again. A warning whose last cause that was goes with it. */
export async function resolveFailures(
  db: Executor,
  tenantId: string,
  resource: string,
  factorialIds: readonly string[],
): Promise<void> {
  if (factorialIds.length === 0) return;
  const named = Prisma.sql`factorial_id = ANY(${toArrayLiteral(factorialIds)}::text::text[])`;
  const resolved = await resolve(db, tenantId, resource, named);
  const codes = new Set(resolved.map(({ code }) => code));
  for (const [warning, causes] of Object.entries(causesOf) as [
    keyof typeof causesOf,
    readonly ErrorCode[],
  ][]) {
    if (!causes.some((code) => codes.has(code))) continue;
    if ((await openFailures(db, tenantId, causes)) === 0) await clearWarnings(db, tenantId, [warning]);
  }
}
