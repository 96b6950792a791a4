import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import type { OperatorAnswer } from '../../contracts/temporal/operator.ts';
import { addDays } from '../../domain/civil-date.ts';
import type { OperatorVerb } from '../../domain/operator-verbs.ts';
import { createTenants, requestsTo, visit, type Tenant, type Tenants } from '../connection/tenants.ts';
import { F, readCard } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';

/** The operators' verbs on real parts, as the Web UI and the CLI send them. */

const longMs = 60_000;
let tenants: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  tenants = await createTenants();
  tenant = await tenants.newTenant();
  await tenant.connect();
}, 90_000);
afterAll(async () => {
  await tenants?.close();
});

const ask = (verb: OperatorVerb, input: object = {}): Promise<OperatorAnswer> =>
  tenant.temporal.client.workflow
    .getHandle(connectionWorkflowId(tenant.tenantId))
    .executeUpdate<OperatorAnswer, [object]>(verb, { args: [input] });

/** The code and the sentence that an update failed with. */
async function refusal(asked: Promise<unknown>): Promise<[string | null | undefined, string]> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      return [error.cause.type, error.cause.message];
    throw error;
  }
  throw new Error('It was not refused.');
}

const audit = () =>
  tenant.db.operatorAction.findMany({ where: { tenantId: tenant.tenantId }, orderBy: [{ at: 'desc' }] });
const undone = () => tenant.db.inboxRow.count({ where: { tenantId: tenant.tenantId, outcome: null } });
const leaves = () => tenant.db.absence.count({ where: { tenantId: tenant.tenantId, deletedAt: null } });
const profile = async (): Promise<string> =>
  (await tenant.db.profile.findFirstOrThrow({ where: { tenantId: tenant.tenantId, terminatedOn: null } })).id;

async function newLeave(daysAhead: number): Promise<string> {
  const startOn = addDays(new Date().toISOString().slice(0, 10), daysAhead);
  const { id } = await tenant.factorial<{ id: string }>('POST', `leaves?company_id=${tenant.companyId}`, {
    employee_id: await profile(),
    start_on: startOn,
    leave_type: 'holiday',
    approved: true,
  });
  return String(id);
}

describe('malformed input', () => {
  it('is refused before it reaches the history, with a sentence, and leaves nothing behind', async () => {
    const before = (await audit()).length;

    expect(await refusal(ask('pause', { dryrun: true }))).toEqual([
      'invalid_request',
      'pause: dryrun is not known; it takes dryRun, actor, reason',
    ]);
    expect(await audit()).toHaveLength(before);
    expect((await readCard(tenant)).paused).toBe(false);
  });
});

describe('pause and resume', () => {
  it('a dry run says what would be held up, and changes nothing but the audit', async () => {
    const answer = await ask('pause', { dryRun: true, actor: 'ada', reason: 'to see' });

    expect(answer).toMatchObject({ verb: 'pause', outcome: 'would', counts: { deliveries: 0 } });
    expect((await readCard(tenant)).paused).toBe(false);
    expect((await audit())[0]).toMatchObject({
      id: answer.actionId,
      verb: 'pause',
      dryRun: true,
      actor: 'ada',
      reason: 'to see',
      outcome: 'previewed',
    });
  });

  it(
    'while paused nothing is asked of Factorial and nothing taken over; deliveries are kept; resume catches up',
    async () => {
      await ask('pause', { actor: 'ada' });
      await ask('pause'); // twice is once
      expect((await readCard(tenant)).paused).toBe(true);
      const stored = await leaves();
      const asked = (await requestsTo(tenant)).length;

      await newLeave(40);
      await waitFor('the delivery to be stored', async () => (await undone()) > 0);
      expect(await refusal(ask('reconcile', { actor: 'ada' }))).toEqual([
        'paused',
        'The connection is paused: resume it first.',
      ]);
      await tenant.admin('POST', `${F}/reconciliations`, {}, 202); // an admin's wish waits

      expect([await leaves(), await undone()]).toEqual([stored, 1]);
      expect((await requestsTo(tenant)).length).toBe(asked);
      await ask('resume', { actor: 'ada' });
      await waitFor('the delivery to be worked off', async () => (await undone()) === 0, longMs);
      await waitFor(
        'the reconciliation',
        async () => {
          const open = { tenantId: tenant.tenantId, status: { in: ['queued', 'running'] } };
          return (await tenant.db.reconciliation.count({ where: open })) === 0;
        },
        longMs,
      );
      expect(await leaves()).toBe(stored + 1);
      expect((await readCard(tenant)).paused).toBe(false);

      const { body } = await tenant.admin<{ items: { kind: string; outcome: string; summary: string }[] }>(
        'GET',
        `${F}/activity`,
      );
      const told = body.items
        .filter(({ kind }) => kind === 'person')
        .map(({ outcome, summary }) => [summary.split(':')[0], outcome]);
      expect(told).toEqual([
        ['An operator’s resume', 'done'],
        ['An operator’s reconcile (refused)', 'refused'],
        ['An operator’s pause', 'done'],
        ['An operator’s pause', 'done'],
      ]);
    },
    longMs * 3,
  );

  it(
    'authorizing anew always resumes',
    async () => {
      await ask('pause');

      await visit(await tenant.consent(await tenant.reauthorize()));

      const card = await tenant.seeCard('go on', ({ paused }) => !paused, longMs);
      expect(card.status).toBe('connected');
      await waitFor(
        'the gap to be closed',
        async () => {
          const [latest] = await tenant.db.reconciliation.findMany({
            where: { tenantId: tenant.tenantId },
            orderBy: { requestedAt: 'desc' },
            take: 1,
          });
          return latest?.trigger === 'gap' && latest.status === 'completed';
        },
        longMs,
      );
    },
    longMs * 2,
  );

  it(
    'a paused connection can be disconnected',
    async () => {
      const other = await tenants.newTenant();
      await other.connect();
      const handle = other.temporal.client.workflow.getHandle(connectionWorkflowId(other.tenantId));
      await handle.executeUpdate('pause');

      await other.admin('POST', `${F}/disconnect`, {}, 202);

      await other.seeCard(
        'be disconnected',
        ({ status, paused }) => status === 'disconnected' && !paused,
        longMs,
      );
      await expect(handle.executeUpdate('resume')).rejects.toThrow();
    },
    longMs * 2,
  );
});

describe('reading again', () => {
  it('syncResource reads one resource, and says what came of it', async () => {
    const { id, factorialId } = await staleLeave();

    const dry = await ask('syncResource', { resource: 'absences', factorialId, dryRun: true });
    const done = await ask('syncResource', { resource: 'absences', factorialId, actor: 'ada' });
    const again = await ask('syncResource', { resource: 'absences', factorialId });
    const gone = await ask('syncResource', { resource: 'absences', factorialId: '123456789012345678' });

    expect(dry).toMatchObject({ outcome: 'would', counts: { failures: 0 } });
    expect(Object.keys(done.counts)).toContain('parked'); // its type is not mapped
    expect(Object.keys(again.counts)).toContain('parked');
    expect(gone.counts).toMatchObject({ gone: 1 });
    expect(
      (
        await tenant.db.absence.findUniqueOrThrow({
          where: { tenantId_id: { tenantId: tenant.tenantId, id } },
        })
      ).approved,
    ).toBe(true);
  });

  it(
    'resyncStream of plans reads those of all linked profiles; of anything else, a reconciliation does',
    async () => {
      const dry = await ask('resyncStream', { resource: 'absences', dryRun: true });
      expect(dry).toMatchObject({ outcome: 'would', id: null, counts: { stored: await leaves() } });
      expect(await ask('resyncStream', { resource: 'planned_minutes' })).toMatchObject({
        outcome: 'done',
        id: null,
      });

      const { id } = await ask('resyncStream', { resource: 'absences' });

      await waitFor(
        'the reconciliation',
        async () => {
          const row = await tenant.db.reconciliation.findUnique({
            where: { tenantId_id: { tenantId: tenant.tenantId, id: id ?? '' } },
          });
          return row?.status === 'completed' && row.trigger === 'manual';
        },
        longMs,
      );
    },
    longMs * 2,
  );

  it(
    'decideDeletions decides on some kinds only, and says so when nothing waits',
    async () => {
      const { id } = await tenant.db.reconciliation.findFirstOrThrow({
        where: { tenantId: tenant.tenantId },
      });
      const held = { tenantId: tenant.tenantId, reconciliationId: id, provenRead: 1n, ofCount: 9 };
      await tenant.db.pendingDeletion.createMany({
        data: [
          { ...held, kind: 'absences', factorialId: 'a1' },
          { ...held, kind: 'absences', factorialId: 'a2' },
          { ...held, kind: 'employees', factorialId: 'e1' },
        ],
      });

      const dry = await ask('decideDeletions', { reconciliationId: id, decision: 'approve', dryRun: true });
      const done = await ask('decideDeletions', {
        reconciliationId: id,
        decision: 'reject',
        kinds: ['absences'],
        actor: 'ada',
      });

      expect(dry.counts).toEqual({ absences: 2, employees: 1 });
      expect(done.counts).toEqual({ absences: 2 });
      await waitFor(
        'the decision to be carried out',
        async () => {
          const left = await tenant.db.pendingDeletion.findMany({
            where: { tenantId: tenant.tenantId, carriedOutAt: null },
          });
          return left.length === 1 && left[0]?.kind === 'employees';
        },
        longMs,
      );
      expect(
        await refusal(
          ask('decideDeletions', { reconciliationId: id, decision: 'reject', kinds: ['absences'] }),
        ),
      ).toEqual(['conflict', 'No deletion of this reconciliation waits for a decision.']);
      await ask('decideDeletions', { reconciliationId: id, decision: 'reject' });
    },
    longMs * 2,
  );
});

describe('replay', () => {
  it(
    'tries the failures of a code again, and says of each what came of it',
    async () => {
      const { factorialId } = await staleLeave();
      const at = new Date();
      const failure = (n: number, what: object) => ({
        tenantId: tenant.tenantId,
        id: `00000000-0000-4000-8000-00000000000${n}`,
        resource: 'absences',
        code: 'schema_drift',
        message: 'start_on is not a date',
        firstAt: at,
        lastAt: at,
        deliveryId: '7',
        ...what,
      });
      await tenant.db.failure.createMany({
        data: [
          failure(1, { factorialId }),
          failure(2, { factorialId: '123456789012345678' }),
          failure(3, { factorialId: '', resource: 'holidays' }),
          failure(4, { factorialId, code: 'unknown_value' }),
        ] as never[],
      });

      const dry = await ask('replay', { code: 'schema_drift', dryRun: true });
      const { id } = await ask('replay', { code: 'schema_drift', actor: 'ada' });
      const replay = await waitFor(
        'the replay',
        async () => {
          const row = await tenant.db.replay.findUnique({
            where: { tenantId_id: { tenantId: tenant.tenantId, id: id ?? '' } },
          });
          return row?.finishedAt == null ? null : row;
        },
        longMs,
      );

      expect(dry).toMatchObject({ outcome: 'would', counts: { failures: 3 } });
      expect(replay).toMatchObject({
        status: 'completed',
        count: 3,
        done: 3,
        succeeded: 2,
        failed: 1,
        actor: 'ada',
      });
      const items = await tenant.db.replayItem.findMany({
        where: { replayId: id ?? '' },
        orderBy: { failureId: 'asc' },
      });
      expect(items.map(({ outcome, code }) => [outcome, code])).toEqual([
        ['succeeded', 'parked'],
        ['succeeded', 'gone'],
        ['failed', 'whole_kind'],
      ]);
      const failures = await tenant.db.failure.findMany({
        where: { tenantId: tenant.tenantId },
        orderBy: { id: 'asc' },
      });
      expect(failures.map(({ status, deliveryId }) => [status, deliveryId])).toEqual([
        ['resolved', '7'],
        ['resolved', '7'],
        ['open', '7'],
        ['resolved', '7'], // of the same absence, which is in step again
      ]);
    },
    longMs * 2,
  );
});

/** An absence that changed in Factorial, of which no webhook told. */
async function staleLeave(): Promise<{ id: string; factorialId: string }> {
  const id = await newLeave(70);
  await waitFor(
    'the absence',
    async () => (await tenant.db.absence.count({ where: { tenantId: tenant.tenantId, id } })) > 0,
    longMs,
  );
  await waitFor('the inbox to be empty', async () => (await undone()) === 0, longMs);
  await tenant.db.absence.updateMany({ where: { tenantId: tenant.tenantId, id }, data: { approved: null } });
  return { id, factorialId: id };
}
