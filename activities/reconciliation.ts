import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { Fenced } from '../contracts/temporal/connection.ts';
import type { ReconciliationSummary } from '../contracts/temporal/reconciliation.ts';
import { DomainError, isDomainError } from '../domain/errors.ts';
import { planWindow, readWindow } from '../domain/horizon.ts';
import { nextSteps } from '../domain/next-steps.ts';
import { isRefusal, scopesOf, type Scope } from '../domain/permissions.ts';
import { planCycle, planParts, profilesPerRequest } from '../domain/plan-slices.ts';
import type { ResourceKind } from '../domain/resources.ts';
import { isBraked, judgeSweep, unanswered } from '../domain/sweep.ts';
import type { FactorialClient } from '../factorial/client.ts';
import type { Page } from '../factorial/page.ts';
import { announceDifferences, announceEmployees } from '../repositories/announce.ts';
import { inTransaction, type Transaction } from '../repositories/database.ts';
import {
  noteFailure,
  openFailures,
  resolveFailures,
  resolveKind,
  resolveRefusals,
  resolveUnlisted,
} from '../repositories/failures.ts';
import { requireGeneration, requireSyncing } from '../repositories/fence.ts';
import { linkedProfiles } from '../repositories/links-read.ts';
import { markEveryone, markedEmployees } from '../repositories/marks.ts';
import { anyListed, missingFacts, storedCount, type DeletableKind } from '../repositories/missing.ts';
import { onboardProfiles } from '../repositories/onboarding.ts';
import { noteGranted, tellPermissions } from '../repositories/permissions.ts';
import { takeReadNumber } from '../repositories/reads.ts';
import {
  anyUnswept,
  decidedDeletions,
  endHeld,
  finishReconciliation,
  forgetSwept,
  freshSweep,
  heldCount,
  holdDeletions,
  isReconciling,
  noteApproved,
  noteOwner,
  noteSameOwner,
  noteSweep,
  noteSwept,
  queueReconciliation,
  readBaselineBefore,
  readSweeps,
  startQueued,
  supersedeHeld,
  sweptCount,
  type SweepState,
  type Sweeps,
  type Trigger,
} from '../repositories/reconciliations.ts';
import { recompute } from '../repositories/recompute.ts';
import { readHorizon, readSettings } from '../repositories/settings.ts';
import { deleteAbsences, deleteHolidays, deleteProfiles } from '../repositories/sync.ts';
import { noteWarnings, raiseWarning } from '../repositories/warnings.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { originOf, withFactorial } from './factorial-access.ts';
import { idsOf, toNamedAnswer } from './named-answer.ts';
import {
  askForPage,
  readPageFacts,
  savePageFacts,
  type Drift,
  type PackedPage,
  type PageFacts,
  type PageRequest,
  type SweptKind,
} from './page-facts.ts';
import { readPlans, savePlans, type PlanAnswer, type PlanOutcome } from './planned-minutes.ts';
import { pulse } from './pulse.ts';
import { readAhead } from './read-ahead.ts';

/** Rows handled in one activity: one action for each 5,000 of them, also where a row is a person. */
const rowsAtOnce = 5_000;
/** More of them where they come quickly: for so long an activity goes on, in ms. Each new one begins with empty hands. */
const quickMs = 10_000;
/** Pages that come quickly are written together; at the pace of the budget one waits for no other. */
const gathering = { most: 20, lingerMs: 300 } as const;
/** The same for the plans of a group of profiles: up to 62 pages each. */
const gatheringPlans = { most: 4, lingerMs: 300 } as const;
/** A sweep that changes under our hands is begun anew this often. */
const sweepTries = 3;
const idsPerRequest = 100;
/** Decisions carried out in one activity: a person waits for it, and so does the next command. */
const decisionsAtOnce = 5 * idsPerRequest;
/** In the place of an id: a failure of all that is there of a kind, or of a row without a readable id. */
const wholeKind = '';
const noDrift: Drift = { created: 0, updated: 0, deleted: 0 };
const deletable: readonly DeletableKind[] = ['employees', 'absences', 'holidays'];

/** Profiles whose plans are asked for one after the other. */
interface PlanGroup {
  readonly profileIds: readonly string[];
  readonly answers: readonly PlanAnswer[];
  /** Nothing comes after it in this sweep. */
  readonly isLast: boolean;
}

export interface ReconciliationStep extends Fenced {
  readonly reconciliationId: string;
}

interface EndInput extends ReconciliationStep {
  /** What it fails with; null where nothing has failed. */
  readonly failureCode: string | null;
}

export function createReconciliationActivities(deps: ActivityDependencies) {
  const { db } = deps;

  return {
    /** Queues a reconciliation where a trigger is given, and starts the one that waits when none runs. Safe to repeat. */
    async openReconciliation({
      tenantId,
      generation,
      nowMs,
      trigger,
      nightOn,
    }: Fenced & { trigger: Trigger | null; nightOn: string | null }): Promise<{
      id: string;
      key: string;
      trigger: Trigger;
    } | null> {
      if (trigger !== null)
        await queueReconciliation(db, tenantId, generation, trigger, nightOn, new Date(nowMs));
      return startQueued(db, tenantId, generation, new Date(nowMs));
    },

    /** Notes whose token it is: it must be the same at the end, or nothing is proven (rule 6). */
    async beginReconciliation(step: ReconciliationStep): Promise<void> {
      const { tenantId, reconciliationId } = step;
      const owner = await whoAmI(step);
      const { workflowId, runId } = originOf({ type: 'reconciliation', id: reconciliationId });
      await noteOwner(db, tenantId, reconciliationId, owner, { workflowId, runId });
    },

    /**
     * Reads 5,000 rows of one kind, or what comes within 10 s, and writes what differs; goes on at the page it was on, also
     * after a crash. `done` when the whole kind has been read.
     */
    async sweepKind(
      step: ReconciliationStep & { kind: SweptKind },
    ): Promise<{ done: boolean; rows: number }> {
      const { tenantId, generation, kind } = step;
      try {
        return await withFactorial(
          deps,
          { tenantId, generation, purpose: 'reconciliation' },
          (client, signal) => sweepPages(step, client, signal),
        );
      } catch (error) {
        if (isDomainError(error, 'sweep_unstable') || isDomainError(error, 'schema_drift')) {
          const { kinds } = await readSweeps(db, tenantId, step.reconciliationId);
          return { done: await beginAnew(step, kinds[kind] ?? freshSweep, error), rows: 0 };
        }
        if (!isRefusal(error)) throw error;
        await noteRefusedKind(step, kind, error);
        return { done: true, rows: 0 };
      }
    },

    /**
     * Reads plans of linked profiles and writes what differs: 5,000 days or profiles, or what comes within 10 s; goes on where
     * it was. Which days of whom: `domain/plan-slices.ts`.
     */
    async sweepPlans(step: ReconciliationStep): Promise<{ done: boolean; rows: number }> {
      const { tenantId, generation } = step;
      return await withFactorial(
        deps,
        { tenantId, generation, purpose: 'reconciliation' },
        (client, signal) => sweepPlanGroups(step, client, signal),
      );
    },

    /**
     * Asks again for what the sweeps did not list. What comes back has only moved out of the window, and is written; what
     * does not is removed where the sweep proves it, or held back where it is too much at once (rule 6). Safe to repeat.
     */
    async settleDeletions(step: ReconciliationStep): Promise<{ deleted: number; held: number }> {
      const { tenantId, generation, reconciliationId } = step;
      const { owner, kinds } = await readSweeps(db, tenantId, reconciliationId);
      const now = await whoAmI(step);
      const sameOwner =
        owner !== null && owner.companyId === now.companyId && owner.employeeId === now.employeeId;
      const isCompany = now.employeeId === null;
      await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        await supersedeHeld(tx, tenantId, reconciliationId);
      });
      await noteSameOwner(db, tenantId, reconciliationId, sameOwner);
      let [deleted, held] = [0, 0];
      for (const kind of deletable) {
        const state = kinds[kind];
        if (
          state === undefined ||
          state.startRead === null ||
          state.verdict === 'unstable' ||
          state.verdict === 'unreadable' ||
          state.verdict === 'not_permitted'
        )
          continue;
        const proves = state.verdict === 'proves' && sameOwner && isCompany;
        const outcome = await settleKind(step, kind, BigInt(state.startRead), proves, state.total === 0);
        deleted += outcome.deleted;
        held += outcome.held;
        if (proves) await resolveUnlisted(db, tenantId, reconciliationId, kind);
        await forgetSwept(db, tenantId, reconciliationId, kind);
        pulse();
      }
      return { deleted, held };
    },

    /** Marks everybody for the new day: the horizon has moved, people have left. Onboards who is new. */
    async prepareDays({
      tenantId,
      generation,
      reconciliationId,
      nowMs,
    }: ReconciliationStep): Promise<{ onboarded: number }> {
      const { today } = await readHorizon(db, tenantId, nowMs);
      const { kinds } = await readSweeps(db, tenantId, reconciliationId);
      // Only one that has read all profiles counts as one that they have lived through.
      const { verdict, startRead } = kinds.employees ?? freshSweep;
      const isRead = startRead !== null && (verdict === 'proves' || verdict === 'proves_nothing');
      const lived = isRead ? BigInt(startRead) : null;
      const onboarded = await onboardProfiles(db, tenantId, generation, today, nowMs, lived);
      await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        await markEveryone(tx, tenantId);
        await announceEmployees(tx, tenantId, nowMs);
      });
      return { onboarded };
    },

    /** Computes the days of up to 5,000 marked employees. `left` = more are marked. */
    async computeDays({
      tenantId,
      generation,
      nowMs,
    }: ReconciliationStep): Promise<{ employees: number; days: number; left: boolean }> {
      const ids = await markedEmployees(db, tenantId, rowsAtOnce);
      const { employees, days } = await recompute(db, tenantId, ids, {
        nowMs,
        generation,
        signal: cancellationSignal(),
        onProgress: pulse,
        // The feed is told what else is new of some, while the days of others are computed.
        afterwards: (some) => inTransaction(db, (tx) => announceDifferences(tx, tenantId, nowMs, some)),
      });
      return { employees, days, left: (await markedEmployees(db, tenantId, 1)).length > 0 };
    },

    /**
     * Ends a reconciliation: verified only when every kind was listed completely. One whose connection has moved on at the
     * very end fails as `fenced`: left running, it would hold up the next connection's. Safe to repeat.
     */
    async endReconciliation(input: EndInput): Promise<ReconciliationSummary> {
      try {
        return await end(input);
      } catch (error) {
        if (!isDomainError(error, 'fenced')) throw error;
        return await end({ ...input, failureCode: error.code });
      }
    },

    /**
     * Answers whether a reconciliation runs, for whoever missed the signal of its end. However long it has not moved, it
     * may only be waiting Factorial out: one that lost its workflow is the supervisor's, who asks Temporal.
     */
    async watchReconciliation({ tenantId }: Fenced): Promise<{ running: boolean }> {
      return { running: await isReconciling(db, tenantId) };
    },

    /**
     * Carries out what an admin decided on up to 500 held deletions. What comes back when it is asked for once more is
     * written, and stays, as does what was seen again meanwhile. Safe to repeat.
     */
    async carryOutDecisions({
      tenantId,
      generation,
      nowMs,
    }: Fenced): Promise<{ approved: number; rejected: number; left: boolean }> {
      const decided = await decidedDeletions(db, tenantId, decisionsAtOnce);
      const approved = decided.filter((one) => one.decision === 'approve');
      const ofKind = (kind: DeletableKind) => approved.filter((one) => one.kind === kind);
      const back = new Map<DeletableKind, ReadonlySet<string>>();
      for (const kind of deletable) {
        const ids = ofKind(kind).map(({ factorialId }) => factorialId);
        back.set(kind, await cameBack({ tenantId, generation, nowMs }, kind, ids));
      }
      await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        for (const kind of deletable) {
          for (const { reconciliationId, provenRead, factorialId } of ofKind(kind)) {
            if (back.get(kind)?.has(factorialId) === true) continue;
            const removed = await remove(tx, tenantId, kind, provenRead, [factorialId], new Date(nowMs));
            if (removed > 0) await noteApproved(tx, tenantId, reconciliationId, kind, removed);
          }
        }
        await endHeld(tx, tenantId, decided, new Date(nowMs));
      });
      return {
        approved: approved.length,
        rejected: decided.length - approved.length,
        left: decided.length === decisionsAtOnce,
      };
    },
  };

  async function end({
    tenantId,
    generation,
    reconciliationId,
    nowMs,
    failureCode,
  }: EndInput): Promise<ReconciliationSummary> {
    const { kinds, sameOwner } = await readSweeps(db, tenantId, reconciliationId);
    const states = Object.values(kinds);
    const isWhole = sameOwner !== false && states.every((state) => state.done && state.total !== null);
    const isUnstable = states.some((state) => state.verdict === 'unstable');
    const isUnreadable = states.some((state) => state.verdict === 'unreadable');
    const isRefused = states.some((state) => state.verdict === 'not_permitted');
    const held = await heldCount(db, tenantId, reconciliationId);
    const status = failureCode !== null ? 'failed' : held > 0 ? 'awaiting_approval' : 'completed';
    const at = new Date(nowMs);
    let isPermitted = !isRefused;
    if (failureCode === null) {
      const missing = await settlePermissions({ tenantId, generation, nowMs }, kinds);
      isPermitted &&= missing.length === 0;
      const hasDrift = (await openFailures(db, tenantId, ['schema_drift'])).count > 0;
      const passing = { factorial_unreachable: false, rate_limited: false };
      const warnings = { sweep_unstable: isUnstable, schema_drift: hasDrift, ...passing };
      await noteWarnings(db, tenantId, generation, warnings, at);
    }
    const verified = status !== 'failed' && isWhole && !isUnstable && !isUnreadable && isPermitted;
    await finishReconciliation(db, tenantId, reconciliationId, { status, verified, failureCode }, at);
    return { status, verified };
  }

  /** What could be read is permitted, and what had rows is granted, whatever the token's answer said. Answers what is missing. */
  async function settlePermissions(
    { tenantId, generation, nowMs }: Fenced,
    kinds: Sweeps['kinds'],
  ): Promise<readonly Scope[]> {
    const swept = (Object.entries(kinds) as [ResourceKind, SweepState][]).filter(
      ([, { done, verdict }]) => done && verdict !== 'not_permitted' && verdict !== 'unreadable',
    );
    return await inTransaction(db, async (tx) => {
      await requireGeneration(tx, tenantId, generation);
      for (const [kind] of swept) await resolveRefusals(tx, tenantId, kind);
      await noteGranted(tx, tenantId, scopesOf(swept.flatMap(([kind, { read }]) => (read > 0 ? kind : []))));
      return await tellPermissions(tx, tenantId, new Date(nowMs));
    });
  }

  /** An empty answer is what a region gives that knows nothing of the account: the card says so while it lasts. */
  async function whoAmI({ tenantId, generation, nowMs }: Fenced) {
    const credentials = await withFactorial(
      deps,
      { tenantId, generation, purpose: 'reconciliation' },
      (client, signal) => client.getCredentials(signal),
    );
    const warnings = { wrong_cluster: credentials === null };
    await noteWarnings(db, tenantId, generation, warnings, new Date(nowMs));
    if (credentials === null)
      throw new DomainError(
        'permission_missing',
        'Factorial does not say whose token this is: the account may be in another region.',
      );
    return { companyId: credentials.companyId, employeeId: credentials.employeeId };
  }

  async function sweepPages(
    step: ReconciliationStep & { kind: SweptKind },
    client: FactorialClient,
    signal: AbortSignal,
  ): Promise<{ done: boolean; rows: number }> {
    const { tenantId, generation, reconciliationId, kind, nowMs } = step;
    const { kinds, owner } = await readSweeps(db, tenantId, reconciliationId);
    let state = kinds[kind] ?? freshSweep;
    if (state.done) return { done: true, rows: 0 };
    const horizon = await readHorizon(db, tenantId, nowMs);
    const baselineBefore = await readBaselineBefore(db, tenantId);
    const origin = originOf({ type: 'reconciliation', id: reconciliationId });
    let cursor = state.cursor;
    let [pages, asked] = [0, 0];
    const isQuick = createQuickness();
    // Pages that are written together are one read; what is asked for after that was handed out is another.
    let readNumber: bigint | null = null;
    const nextPage = async (): Promise<{ packed: PackedPage; number: bigint } | null> => {
      if ((asked >= rowsAtOnce && !isQuick()) || (pages > 0 && cursor === null)) return null;
      const number = (readNumber ??= await takeReadNumber(db, tenantId, origin));
      const request = { kind, horizon, which: { afterId: cursor }, baselineBefore };
      const packed = await askForPage(client, request, signal);
      pages += 1;
      cursor = packed.nextCursor;
      return { packed, number };
    };
    const unpack = ({ packed, number }: { packed: PackedPage; number: bigint }) => {
      const read = packed.unpack();
      asked += Math.max(1, read.page.rows.length);
      return { ...read, readNumber: number };
    };
    for await (const read of readAhead(nextPage, unpack, gathering)) {
      readNumber = null;
      const before = state;
      state = await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        const drift = await savePageFacts(tx, tenantId, read);
        const whole = read.map(({ page }) => page);
        await resolveFailures(
          tx,
          tenantId,
          kind,
          [
            ...whole.flatMap((page) => page.rows.map((row) => row.id)),
            ...(before.startRead === null ? [wholeKind] : []),
          ],
          new Date(nowMs),
        );
        const invalid = whole.flatMap((page) => page.invalid);
        for (const error of [...invalid, ...read.flatMap(({ unknown }) => unknown)])
          await noteBadRow(tx, step, kind, error);
        if (invalid.length > 0) await raiseWarning(tx, tenantId, 'schema_drift', new Date(nowMs));
        const next = read.reduce((known, { readNumber, page }) => advance(known, readNumber, page), before);
        const ids = whole.flatMap(idsOf);
        // Pages of ids that were all listed before lead round in a circle: then more rows come than there are.
        const isTooMuch = !next.done && next.read > (next.total ?? 0);
        if (isTooMuch && !(await anyUnswept(tx, tenantId, reconciliationId, kind, ids)))
          throw repeatedPage(kind);
        await noteSwept(tx, tenantId, reconciliationId, kind, ids);
        const judged = next.done
          ? {
              ...next,
              verdict: await judge(tx, tenantId, reconciliationId, kind, next, owner?.employeeId == null),
            }
          : next;
        await noteSweep(tx, tenantId, reconciliationId, kind, judged, drift);
        return judged;
      });
      pulse();
    }
    const rows = state.read - (kinds[kind]?.read ?? 0);
    if (state.verdict === 'unstable') return { done: await beginAnew(step, state), rows };
    return { done: state.done, rows };
  }

  async function sweepPlanGroups(
    step: ReconciliationStep,
    client: FactorialClient,
    signal: AbortSignal,
  ): Promise<{ done: boolean; rows: number }> {
    const { tenantId, generation, reconciliationId, nowMs } = step;
    const { kinds } = await readSweeps(db, tenantId, reconciliationId);
    let state = kinds.planned_minutes ?? freshSweep;
    if (state.done) return { done: true, rows: 0 };
    const window = planWindow(await readHorizon(db, tenantId, nowMs));
    const linked = await linkedProfiles(db, tenantId);
    const cycle = planCycle(linked, window, deps.settings.planRequestsPerNight);
    const cursor = state.cursor ?? '';
    const left = linked.filter((id) => id > cursor);
    const origin = originOf({ type: 'reconciliation', id: reconciliationId });
    const reading = { tenantId, generation, origin, nowMs };
    let [rows, profiles] = [0, 0];
    let isOver = false;
    const isQuick = createQuickness();
    let readNumber: bigint | null = null;
    const nextGroup = async (): Promise<PlanGroup | null> => {
      if (isOver || (Math.max(rows, profiles) >= rowsAtOnce && !isQuick())) return null;
      const profileIds = left.slice(profiles, profiles + profilesPerRequest);
      const number = (readNumber ??= await takeReadNumber(db, tenantId, origin));
      const answers: PlanAnswer[] = [];
      for (const { profileIds: some, range, spansWindow } of planParts(profileIds, window, cycle)) {
        const request = { profileIds: some, range, spansWindow, readNumber: number };
        answers.push(await readPlans(client, request, signal));
      }
      for (const { plans } of answers) rows += plans.length;
      profiles += profileIds.length;
      isOver = profiles >= left.length || answers.some(({ refusal }) => refusal !== null);
      return { profileIds, answers, isLast: isOver };
    };
    for await (const groups of readAhead(nextGroup, (group) => group, gatheringPlans)) {
      readNumber = null;
      const before = state;
      state = await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        let next = before;
        let drift = noDrift;
        const saved = await savePlans(
          tx,
          reading,
          groups.flatMap(({ answers }) => answers),
        );
        for (const group of groups) {
          const outcomes = saved.splice(0, group.answers.length);
          next = advancePlans(next, group, outcomes);
          for (const { created, updated } of outcomes)
            drift = { ...drift, created: drift.created + created, updated: drift.updated + updated };
        }
        await noteSweep(tx, tenantId, reconciliationId, 'planned_minutes', next, drift);
        return next;
      });
      pulse();
    }
    if (state.verdict === 'proves_nothing') {
      await resolveKind(db, tenantId, 'planned_minutes');
      // A schedule is only read for the plans of its people, which have now been read all.
      if (cycle === 1) await resolveKind(db, tenantId, 'schedules');
    }
    return { done: state.done, rows };
  }

  function judge(
    tx: Transaction,
    tenantId: string,
    id: string,
    kind: ResourceKind,
    state: SweepState,
    isCompany: boolean,
  ) {
    return sweptCount(tx, tenantId, id, kind).then((listed) =>
      judgeSweep({
        tokenOwner: isCompany ? 'company' : 'user',
        sameOwner: true, // compared once, at the end of all sweeps
        listed,
        total: state.total,
        isSteady: state.isSteady,
      }),
    );
  }

  /**
   * A sweep that contradicts itself, or is answered with what is no list, starts again; after three times it ends, and proves
   * nothing. What is no list has a failure then: it may be how a list without rows looks, or one that may not be read.
   * Answers whether it ended.
   */
  async function beginAnew(
    step: ReconciliationStep & { kind: ResourceKind },
    state: SweepState,
    error: DomainError | null = null,
  ): Promise<boolean> {
    const { tenantId, generation, reconciliationId, kind } = step;
    const tries = state.tries + 1;
    const ended = tries >= sweepTries;
    const isNoList = error?.code === 'schema_drift';
    const next: SweepState = ended
      ? { ...state, tries, done: true, verdict: isNoList ? 'unreadable' : 'unstable' }
      : { ...freshSweep, tries };
    await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      await forgetSwept(tx, tenantId, reconciliationId, kind);
      await noteSweep(tx, tenantId, reconciliationId, kind, next, noDrift);
      if (ended && isNoList) await noteBadRow(tx, step, kind, error);
    });
    return ended;
  }

  async function noteBadRow(
    tx: Transaction,
    step: ReconciliationStep,
    kind: ResourceKind,
    error: DomainError,
  ): Promise<void> {
    const { workflowExecution } = activityInfo();
    const failure = {
      resource: kind,
      factorialId: error.details.factorialId ?? wholeKind,
      code: error.code,
      message: error.message,
      nextStep: nextSteps.nextReconciliation,
      reconciliationId: step.reconciliationId,
      workflowId: workflowExecution?.workflowId ?? '',
      runId: workflowExecution?.runId ?? '',
    };
    await noteFailure(tx, step.tenantId, failure, new Date(step.nowMs));
  }

  async function noteRefusedKind(
    step: ReconciliationStep,
    kind: ResourceKind,
    error: DomainError,
  ): Promise<void> {
    const { tenantId, generation, reconciliationId, nowMs } = step;
    const { kinds } = await readSweeps(db, tenantId, reconciliationId);
    await inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      await noteSweep(
        tx,
        tenantId,
        reconciliationId,
        kind,
        { ...(kinds[kind] ?? freshSweep), done: true, verdict: 'not_permitted' },
        noDrift,
      );
      await noteBadRow(tx, step, kind, error);
      await tellPermissions(tx, tenantId, new Date(nowMs));
    });
  }

  async function settleKind(
    step: ReconciliationStep,
    kind: DeletableKind,
    startRead: bigint,
    proves: boolean,
    listsNothing: boolean,
  ): Promise<{ deleted: number; held: number }> {
    const { tenantId, generation, reconciliationId, nowMs } = step;
    const window = readWindow(await readHorizon(db, tenantId, nowMs));
    const missing = await missingFacts(db, tenantId, reconciliationId, kind, window, startRead);
    if (missing.length === 0) return { deleted: 0, held: 0 };
    const provenRead = await takeReadNumber(
      db,
      tenantId,
      originOf({ type: 'reconciliation', id: reconciliationId }),
    );
    const gone = await askAgain(step, kind, missing, provenRead);
    if (listsNothing) {
      const silent = await missingFacts(db, tenantId, reconciliationId, kind, window, startRead);
      if (silent.length > 0) await noteRefusedKind(step, kind, listsNone(kind, silent.length));
    }
    if (gone.length === 0 || !proves) return { deleted: 0, held: 0 };
    const of = await storedCount(db, tenantId, kind);
    const { brakePercent, brakeCount } = await readSettings(db, tenantId);
    // A vanished employee always waits for a person.
    const isHeld =
      kind === 'employees' || isBraked(gone.length, of, { percent: brakePercent, count: brakeCount });
    return inTransaction(db, async (tx) => {
      await requireSyncing(tx, tenantId, generation);
      if (isHeld) {
        await holdDeletions(
          tx,
          tenantId,
          { reconciliationId, kind, ids: gone, provenRead, of },
          new Date(nowMs),
        );
        return { deleted: 0, held: gone.length };
      }
      const removed = await remove(tx, tenantId, kind, provenRead, gone, new Date(nowMs));
      const { kinds } = await readSweeps(tx, tenantId, reconciliationId);
      const state = kinds[kind] ?? freshSweep;
      await noteSweep(tx, tenantId, reconciliationId, kind, state, { ...noDrift, deleted: removed });
      return { deleted: removed, held: 0 };
    });
  }

  /**
   * Asks for missing ids, each time beside one that is known to be there: only then is silence an answer. Writes what comes
   * back, and answers what does not.
   */
  async function askAgain(
    step: ReconciliationStep,
    kind: DeletableKind,
    missing: readonly string[],
    readNumber: bigint,
  ): Promise<string[]> {
    const { tenantId, generation, reconciliationId, nowMs } = step;
    const horizon = await readHorizon(db, tenantId, nowMs);
    const baselineBefore = await readBaselineBefore(db, tenantId);
    const known = await anyListed(db, tenantId, reconciliationId, kind);
    const gone: string[] = [];
    for (let start = 0; start < missing.length; start += idsPerRequest - 1) {
      const some = missing.slice(start, start + idsPerRequest - 1);
      const asked = known === null ? some : [known, ...some];
      const read = await withFactorial(
        deps,
        { tenantId, generation, purpose: 'reconciliation' },
        (client, signal) =>
          readPageFacts(client, { kind, horizon, which: { ids: asked }, baselineBefore }, signal),
      );
      await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        const drift = await savePageFacts(tx, tenantId, [{ ...read, readNumber }]);
        const { kinds } = await readSweeps(tx, tenantId, reconciliationId);
        await noteSweep(tx, tenantId, reconciliationId, kind, kinds[kind] ?? freshSweep, drift);
      });
      const silent = unanswered(asked, toNamedAnswer(read.page));
      if (known !== null && !silent.includes(known)) gone.push(...silent);
      pulse();
    }
    return gone;
  }

  /** Of ids that a person agreed to have removed, those that are there again by now, readable or not; they are written. */
  async function cameBack(
    { tenantId, generation, nowMs }: Fenced,
    kind: DeletableKind,
    ids: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const back = new Set<string>();
    if (ids.length === 0) return back;
    const horizon = await readHorizon(db, tenantId, nowMs);
    const baselineBefore = await readBaselineBefore(db, tenantId);
    const origin = originOf({ type: 'poll', id: new Date(nowMs).toISOString() });
    for (let start = 0; start < ids.length; start += idsPerRequest) {
      const which = { ids: ids.slice(start, start + idsPerRequest) };
      const readNumber = await takeReadNumber(db, tenantId, origin);
      const request = { kind, horizon, which, baselineBefore };
      const read = await readUnlessNoList({ tenantId, generation, nowMs }, request);
      pulse();
      if (read === null) continue;
      await inTransaction(db, async (tx) => {
        await requireSyncing(tx, tenantId, generation);
        await savePageFacts(tx, tenantId, [{ ...read, readNumber }]);
      });
      for (const id of idsOf(read.page)) back.add(id);
    }
    return back;
  }

  /** Null for an answer that is no list: that may be how Factorial says that nothing is there (docs/factorial-api.md). */
  async function readUnlessNoList(
    { tenantId, generation }: Fenced,
    request: PageRequest,
  ): Promise<PageFacts | null> {
    try {
      const access = { tenantId, generation, purpose: 'connection' } as const;
      return await withFactorial(deps, access, (client, signal) => readPageFacts(client, request, signal));
    } catch (error) {
      if (isDomainError(error, 'schema_drift')) return null;
      throw error;
    }
  }

  async function remove(
    tx: Transaction,
    tenantId: string,
    kind: DeletableKind,
    readNumber: bigint,
    ids: readonly string[],
    at: Date,
  ): Promise<number> {
    await resolveFailures(tx, tenantId, kind, ids, at);
    switch (kind) {
      case 'employees':
        return (await deleteProfiles(tx, tenantId, readNumber, ids)).length;
      case 'absences':
        return (await deleteAbsences(tx, tenantId, readNumber, ids)).length;
      case 'holidays':
        return (await deleteHolidays(tx, tenantId, readNumber, ids)).length;
    }
  }
}

/** Whether an activity that begins now may still go on with more than its rows. */
function createQuickness(): () => boolean {
  const endsAt = performance.now() + quickMs;
  return () => performance.now() < endsAt;
}

/** A scope or a permission that went may look like a kind of which there is nothing. */
function listsNone(kind: ResourceKind, known: number): DomainError {
  const message = `Factorial lists no ${kind}, though ${known} are known: the permission may be missing.`;
  return new DomainError('permission_missing', message, { resource: kind });
}

function repeatedPage(kind: ResourceKind): DomainError {
  return new DomainError('sweep_unstable', `Factorial repeats a page of ${kind}.`, { resource: kind });
}

/** Where a sweep stands after a page. */
function advance(before: SweepState, readNumber: bigint, page: Page<{ id: string }>): SweepState {
  return {
    ...before,
    cursor: page.nextCursor,
    startRead: before.startRead ?? readNumber.toString(),
    read: before.read + page.rows.length + page.invalid.length,
    total: page.total,
    isSteady: before.isSteady && (before.startRead === null || page.total === before.total),
    done: page.nextCursor === null,
  };
}

/** Where the sweep of the plans stands after a group. A refusal must not look like "nothing planned". */
function advancePlans(
  before: SweepState,
  { profileIds, isLast }: PlanGroup,
  outcomes: readonly PlanOutcome[],
): SweepState {
  const read = outcomes.reduce((sum, outcome) => sum + outcome.read, before.read);
  const isRefused = outcomes.some(({ isPermitted }) => !isPermitted);
  const isWhole = outcomes.every((outcome) => outcome.isWhole);
  const trouble = isRefused ? 'not_permitted' : isWhole ? before.verdict : 'unstable';
  return {
    ...before,
    read,
    total: read,
    done: isLast,
    cursor: profileIds.at(-1) ?? before.cursor,
    verdict: trouble ?? (isLast ? 'proves_nothing' : null),
  };
}
