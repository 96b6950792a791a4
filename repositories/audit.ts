import { randomUUID } from 'node:crypto';
import { nextSteps } from '../domain/next-steps.ts';
import { auditChecks, type AuditCheck, type Violation } from './audit-checks.ts';
import type { Database } from './database.ts';
import { noteFailure } from './failures.ts';

/** What one check found. */
export interface AuditResult {
  readonly check: string;
  readonly rule: number;
  readonly meaning: string;
  /** Whether it saw the violation that was planted for it: one that did not proves nothing. */
  readonly sees: boolean;
  readonly violations: readonly Violation[];
}

/** Long enough for a check that reads whole tables. */
const timeoutMs = 60_000;

/**
 * Asks the database whether the rules of design.md 4 hold, on the data as it is. Each check looks at one moment, in a
 * transaction that also plants a violation, must find it, and is rolled back. Changes nothing.
 */
export async function auditInvariants(
  db: Database,
  nowMs: number,
  checks: readonly AuditCheck[] = auditChecks,
  onProgress: () => void = () => undefined,
): Promise<AuditResult[]> {
  const results: AuditResult[] = [];
  for (const check of checks) {
    results.push(await audit(db, check, nowMs));
    onProgress();
  }
  return results;
}

/** Ends a transaction without a trace, and carries what was seen in it out. */
class RolledBack extends Error {
  readonly result: AuditResult;
  constructor(result: AuditResult) {
    super('rolled back');
    this.result = result;
  }
}

async function audit(
  db: Database,
  { name, rule, meaning, find, plant }: AuditCheck,
  nowMs: number,
): Promise<AuditResult> {
  try {
    await db.$transaction(
      async (tx) => {
        const violations = await find(tx, nowMs);
        const probe = `audit-${randomUUID()}`;
        await plant(tx, probe, nowMs);
        const sees = (await find(tx, nowMs)).some(({ tenantId }) => tenantId === probe);
        throw new RolledBack({ check: name, rule, meaning, sees, violations });
      },
      { isolationLevel: 'RepeatableRead', timeout: timeoutMs },
    );
  } catch (error) {
    if (error instanceof RolledBack) return error.result;
    throw error;
  }
  throw new Error('The audit’s transaction was committed.');
}

/** What failures of the audit have as their resource. */
const auditResource = 'audit';

/** Makes a failure of each tenant that breaks a rule, and ends those of tenants that keep it again. Safe to repeat. */
export async function noteAudit(
  db: Database,
  { check, rule, meaning, sees, violations }: AuditResult,
  run: { readonly workflowId: string; readonly runId: string },
  at: Date,
): Promise<void> {
  for (const { tenantId, count, example } of violations) {
    const failure = {
      resource: auditResource,
      factorialId: check,
      code: 'invariant_broken',
      message: `Rule ${rule}, ${count} rows: ${meaning}. For example ${example}.`,
      nextStep: nextSteps.nextAudit,
      workflowId: run.workflowId,
      runId: run.runId,
    } as const;
    await noteFailure(db, tenantId, failure, at);
  }
  if (!sees) return; // finding nothing says nothing
  await db.failure.updateMany({
    where: {
      resource: auditResource,
      factorialId: check,
      status: { not: 'resolved' },
      tenantId: { notIn: violations.map(({ tenantId }) => tenantId) },
    },
    data: { status: 'resolved', nextTryAt: null, nextStep: null },
  });
}
