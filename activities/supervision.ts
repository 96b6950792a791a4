import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { connectionWorkflowId, reconciliationWorkflowId } from '../contracts/temporal/names.ts';
import { connectionStart, reconciliationStart } from '../contracts/temporal/starts.ts';
import type { SupervisionSummary } from '../contracts/temporal/supervisor.ts';
import { abandonReconciliation } from '../repositories/reconciliations.ts';
import {
  runningReconciliations,
  tenantsToKeep,
  type RunningReconciliation,
} from '../repositories/supervision.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { Fleet } from './fleet.ts';

/** Started in one round, so many at a time: a mass loss is made good in waves that a small Temporal takes. */
const startsPerRound = 1_000;
const startsAtOnce = 20;
/** What was handed to a workflow a moment ago may not have one yet. */
const graceMs = 20_000;

export type SupervisionDependencies = Pick<ActivityDependencies, 'db' | 'logger'> & { readonly fleet: Fleet };

export function createSupervisionActivities({ db, logger, fleet }: SupervisionDependencies) {
  return {
    /**
     * Compares the database with the workflows that run, and puts right what differs (rule 15): a connection workflow that
     * is missing, however it ended, is started once; one of a tenant that nobody knows is ended; a reconciliation whose
     * workflow was lost goes on at the page it was on. Safe to repeat and beside itself: starting what runs does nothing.
     */
    async supervise({ nowMs }: { nowMs: number }): Promise<SupervisionSummary> {
      const running = await fleet.runningIds(heartbeat);
      const tenants = await tenantsToKeep(db);
      const living = tenants.filter(({ lives }) => lives).map(({ tenantId }) => tenantId);
      const missing = living.filter((tenantId) => !running.has(connectionWorkflowId(tenantId)));
      const known = new Set(tenants.map(({ tenantId }) => connectionWorkflowId(tenantId)));
      const orphans = [...running].filter((id) => id.startsWith(connectionWorkflowId('')) && !known.has(id));
      return {
        expected: living.length,
        rebuilt: await rebuild(missing.slice(0, startsPerRound)),
        left: Math.max(0, missing.length - startsPerRound),
        orphans: await endOrphans(orphans),
        reconciliations: await goOn(running, nowMs),
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
      heartbeat();
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
      heartbeat();
    }
    return orphans.length;
  }

  async function goOn(running: ReadonlySet<string>, nowMs: number): Promise<number> {
    let helped = 0;
    for (const reconciliation of await runningReconciliations(db, nowMs, graceMs)) {
      const workflowId = reconciliationWorkflowId(reconciliation.tenantId, reconciliation.key);
      if (running.has(workflowId)) continue;
      heartbeat();
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

  /** It ended by itself without an end in its row: an error of the code, that would come again. */
  async function giveUp({ tenantId, id }: RunningReconciliation, nowMs: number): Promise<void> {
    await abandonReconciliation(db, tenantId, id, new Date(nowMs));
    await fleet.tellFinished(tenantId, { reconciliationId: id, outcome: 'failed' });
  }

  async function restart({ tenantId, id, generation, begun, ...rest }: RunningReconciliation): Promise<void> {
    const input = { tenantId, generation, reconciliationId: id, resumed: begun };
    await fleet.startReconciliation(reconciliationStart(input, rest));
  }
}
