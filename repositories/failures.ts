import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../domain/errors.ts';
import { refusalCodes } from '../domain/permissions.ts';
import type { ResourceKind } from '../domain/resources.ts';
import { toArrayLiteral } from './array-literal.ts';
import { runPrepared, type Executor, type Transaction } from './database.ts';
import { Prisma } from './generated/client.ts';
import { tellPermissions } from './permissions.ts';
import { listedIds } from './swept-ids.ts';
import { clearWarnings } from './warnings.ts';

export interface NewFailure {
  readonly resource: string;
  readonly factorialId: string;
  readonly code: ErrorCode;
  /** A sentence without personal data. */
  readonly message: string;
  readonly nextStep: string;
  /** Where a certain time is known. */
  readonly nextTryAt?: Date;
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
    nextTryAt: failure.nextTryAt ?? null,
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

/** How many failures, with one of certain codes or with any, are not resolved, and the codes of those. */
export async function openFailures(
  db: Executor,
  tenantId: string,
  codes?: readonly ErrorCode[],
): Promise<{ readonly count: number; readonly codes: readonly string[] }> {
  const ofCodes = codes === undefined ? {} : { code: { in: [...codes] } };
  const rows = await db.failure.groupBy({
    by: ['code'],
    where: { tenantId, ...ofCodes, status: { not: 'resolved' } },
    orderBy: { code: 'asc' },
    _count: true,
  });
  return { count: rows.reduce((sum, row) => sum + row._count, 0), codes: rows.map(({ code }) => code) };
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
  await resolve(db, tenantId, resource, 'all', Prisma.sql`true`);
}

/** Closes the failures of what a sweep has proven not to be in its window: nothing is left to be read of it. */
export async function resolveUnlisted(
  db: Executor,
  tenantId: string,
  reconciliationId: string,
  kind: ResourceKind,
): Promise<void> {
  const listed = listedIds(tenantId, reconciliationId, kind);
  const which = Prisma.sql`factorial_id <> '' AND factorial_id NOT IN (${listed})`;
  await resolve(db, tenantId, kind, 'unlisted', which);
}

/** Closes open failures of a kind: those that `which` says, in one wording for each `name`. Answers the code of each. */
async function resolve(
  db: Executor,
  tenantId: string,
  resource: string,
  name: string,
  which: Prisma.Sql,
): Promise<{ code: string }[]> {
  return await runPrepared(
    db,
    `resolve-${name}`,
    Prisma.sql`
    UPDATE failures SET status = 'resolved', next_try_at = NULL, next_step = NULL
    WHERE tenant_id = ${tenantId} AND resource = ${resource} AND status <> 'resolved' AND (${which})
    RETURNING code`,
  );
}

/** What a resource fails with while Factorial answers for others. */
export const unansweredCodes = ['factorial_unreachable', 'factorial_rejected'] as const satisfies ErrorCode[];

/** Closes failures of resources that Factorial gave no answer for, now that it has: also where the answer is that there is none. */
export async function resolveUnanswered(
  tx: Transaction,
  tenantId: string,
  resource: string,
  factorialIds: readonly string[],
): Promise<void> {
  const which = Prisma.sql`factorial_id = ANY(${toArrayLiteral(factorialIds)}::text::text[])
    AND code = ANY(${[...unansweredCodes]}::text[])`;
  await resolve(tx, tenantId, resource, 'unanswered', which);
}

/** Closes what was refused of a kind: it could be read now. */
export async function resolveRefusals(tx: Transaction, tenantId: string, kind: ResourceKind): Promise<void> {
  await resolve(tx, tenantId, kind, 'refused', Prisma.sql`code = ANY(${[...refusalCodes]}::text[])`);
}

/** Closes the failures of resources that are in step again. A warning whose last cause that was goes with it. */
export async function resolveFailures(
  tx: Transaction,
  tenantId: string,
  resource: string,
  factorialIds: readonly string[],
  at: Date,
): Promise<void> {
  if (factorialIds.length === 0) return;
  const named = Prisma.sql`factorial_id = ANY(${toArrayLiteral(factorialIds)}::text::text[])`;
  const resolved = await resolve(tx, tenantId, resource, 'named', named);
  const codes = new Set(resolved.map(({ code }) => code));
  if (codes.has('schema_drift') && (await openFailures(tx, tenantId, ['schema_drift'])).count === 0)
    await clearWarnings(tx, tenantId, ['schema_drift']);
  if (refusalCodes.some((code) => codes.has(code))) await tellPermissions(tx, tenantId, at);
}
