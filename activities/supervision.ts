import { cancellationSignal } from '@temporalio/activity';
import {
  connectionWorkflowId,
  reconciliationWorkflowId,
  replayWorkflowId,
} from '../contracts/temporal/names.ts';
import { connectionStart, reconciliationStart, replayStart } from '../contracts/temporal/starts.ts';
import type { AuditSummary, SupervisionSummary } from '../contracts/temporal/supervisor.ts';
import { auditChecks } from '../repositories/audit-checks.ts';
import { auditInvariants, noteAudit } from '../repositories/audit.ts';
import { abandonReconciliation } from '../repositories/reconciliations.ts';
import { finishReplay } from '../repositories/replays.ts';
import {
  runningReconciliations,
  tenantsToKeep,
  unfinishedReplays,
  type RunningReconciliation,
} from '../repositories/supervision.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf } from './factorial-access.ts';
import { blind } from './observer.ts';
import type { Fleet } from './fleet.ts';
import { pulse } from './pulse.ts';

/** Started in one round, so many at a time: a mass loss is made good in waves that a small Temporal takes. */
const startsPerRound = 1_000;
const startsAtOnce = 20;
/** What was handed to a workflow a moment ago may not have one yet. */
const graceMs = 20_000;

export type SupervisionDependencies = Pick<ActivityDependencies, 'db' | 'logger' | 'observer'> & {
  readonly fleet: Fleet;
};

export function createSupervisionActivities({
  db,
  logger,
  fleet,
  observer = blind,
}: SupervisionDependencies) {
  return {
    /**
     * Compares the database with the workflows that run, and puts right what differs (rule 15): a connection workflow that
     * is missing, however it ended, is started once; one of a tenant that nobody knows is ended; a reconciliation or a
     * replay whose workflow was lost goes on where it was. Safe to repeat and beside itself: starting what runs does nothing.
     */
    async supervise({ nowMs }: { nowMs: number }): Promise<SupervisionSummary> {
      const running = await fleet.runningIds(pulse);
      const tenants = await tenantsToKeep(db);
      const living = tenants.filter(({ lives }) => lives).map(({ tenantId }) => tenantId);
      const missing = living.filter((tenantId) => !running.has(connectionWorkflowId(tenantId)));
      const known = new Set(tenants.map(({ tenantId }) => connectionWorkflowId(tenantId)));
      const orphans = [...running].filter((id) => id.startsWith(connectionWorkflowId('')) && !known.has(id));
      const summary: SupervisionSummary = {
        expected: living.length,
        rebuilt: await rebuild(missing.slice(0, startsPerRound)),
        left: Math.max(0, missing.length - startsPerRound),
        orphans: await endOrphans(orphans),
        reconciliations: await goOn(running, nowMs),
        replays: await goOnReplaying(running, nowMs),
      };
      observer.workflowsRebuilt('connection', summary.rebuilt);
      observer.workflowsRebuilt('reconciliation', summary.reconciliations);
      observer.workflowsRebuilt('replay', summary.replays);
      return summary;
    },

    /**
     * Checks the rules of design.md 4 on live data. Each tenant that breaks one gets a failure, which goes when the check
     * finds nothing any more; a check that does not see its planted violation is an error of ours. Safe to repeat.
     */
    async auditData({ nowMs }: { nowMs: number }): Promise<AuditSummary> {
      const results = await auditInvariants(db, nowMs, auditChecks, pulse);
      for (const result of results) {
        await noteAudit(db, result, originOf({ type: 'poll', id: 'audit' }), new Date(nowMs));
        for (const { tenantId, count, example } of result.violations)
          logger.error(
            { tenantId, check: result.check, count, example },
            `an invariant is broken: ${result.meaning}`,
          );
        observer.audited(
          result.check,
          !result.sees ? 'blind' : result.violations.length > 0 ? 'broken' : 'kept',
        );
        if (!result.sees)
          logger.error(
            { check: result.check },
            'a check of the audit is blind: it does not see what was planted for it',
          );
      }
      return {
        checks: results.length,
        blind: results.filter(({ sees }) => !sees).map(({ check }) => check),
        broken: Object.fromEntries(
          results
            .filter(({ violations }) => violations.length > 0)
            .map(({ check, violations }) => [check, violations.length]),
        ),
      };
    },
  };

  async function rebuild(tenantIds: readonly string[]): Promise<number> {
    let started = 0;
    for (let begin = 0; begin < tenantIds.length; begin += startsAtOnce) {
      cancellationSignal().throwIfAborted();
      await Promise.all(
        tenantIds.slice(begin, begin + startsAtOnce).map(async (tenantId) => {
          if ((await fleet.startConnection(connectionStart(tenantId))) === 'running') return; // the list was behind
          started += 1;
          logger.warn({ tenantId }, 'a connection workflow was missing; it is rebuilt from the database');
        }),
      );
      pulse();
    }
    return started;
  }

  async function endOrphans(workflowIds: readonly string[]): Promise<number> {
    if (workflowIds.length === 0) return 0;
    // The list of tenants is older than the list of workflows by now: one that was just made is no orphan.
    const known = new Set((await tenantsToKeep(db)).map(({ tenantId }) => connectionWorkflowId(tenantId)));
    const orphans = workflowIds.filter((id) => !known.has(id));
    for (const workflowId of orphans) {
      await fleet.end(workflowId, 'No such WorkMeter account is known: there is nothing to connect.');
      logger.warn({ workflowId }, 'a connection workflow of an unknown tenant was ended');
      pulse();
    }
    return orphans.length;
  }

  async function goOn(running: ReadonlySet<string>, nowMs: number): Promise<number> {
    let helped = 0;
    for (const reconciliation of await runningReconciliations(db, nowMs, graceMs)) {
      const workflowId = reconciliationWorkflowId(reconciliation.tenantId, reconciliation.key);
      if (running.has(workflowId)) continue;
      pulse();
      const state = await fleet.stateOf(workflowId);
      if (state === 'running') continue;
      helped += 1;
      logger.warn(
        { tenantId: reconciliation.tenantId, workflowId, state },
        'a reconciliation had no workflow',
      );
      await (state === 'ended' ? giveUp(reconciliation, nowMs) : restart(reconciliation));
    }
    return helped;
  }

  async function goOnReplaying(running: ReadonlySet<string>, nowMs: number): Promise<number> {
    let helped = 0;
    for (const { tenantId, id } of await unfinishedReplays(db, nowMs, graceMs)) {
      const workflowId = replayWorkflowId(id);
      if (running.has(workflowId)) continue;
      pulse();
      const state = await fleet.stateOf(workflowId);
      if (state === 'running') continue;
      helped += 1;
      logger.warn({ tenantId, workflowId, state }, 'a replay had no workflow');
      if (state === 'ended') await finishReplay(db, tenantId, id, 'stopped', new Date(nowMs));
      else await fleet.startReplay(replayStart({ tenantId, replayId: id }));
    }
    return helped;
  }

  /** It ended by itself without an end in its row: an error of the code, that would come again. */
  async function giveUp(lost: RunningReconciliation, nowMs: number): Promise<void> {
    const { tenantId, id, generation } = lost;
    await abandonReconciliation(db, tenantId, id, new Date(nowMs));
    await fleet.tellFinished(tenantId, { reconciliationId: id, generation, outcome: 'failed' });
  }

  async function restart({ tenantId, id, generation, begun, ...rest }: RunningReconciliation): Promise<void> {
    const input = { tenantId, generation, reconciliationId: id, resumed: begun };
    await fleet.startReconciliation(reconciliationStart(input, rest));
  }
}
