import { randomUUID } from 'node:crypto';
import { addDays } from '../domain/civil-date.ts';
import { builtInDayTypes } from '../domain/day.ts';
import { readHorizon } from './settings.ts';
import { computeDays } from './recompute.ts';
import type { Transaction } from './database.ts';

/** A rule that a tenant’s data breaks. */
export interface Violation {
  readonly tenantId: string;
  /** Rows concerned. */
  readonly count: number;
  /** Ids or dates of one of them, for whoever looks: never a name, never a secret. */
  readonly example: string;
}

/**
 * One rule of design.md 4 as a question to the database. `find` answers who breaks it; `plant` breaks it for a tenant that
 * does not exist, in a transaction that is rolled back: what `find` does not see then, it would not see in earnest either.
 */
export interface AuditCheck {
  readonly name: string;
  /** Of design.md 4. */
  readonly rule: number;
  /** What is wrong, as a sentence that follows "N rows:". */
  readonly meaning: string;
  readonly find: (tx: Transaction, nowMs: number) => Promise<Violation[]>;
  readonly plant: (tx: Transaction, tenantId: string, nowMs: number) => Promise<unknown>;
}

/** Employees whose days are computed anew, picked at random each time. */
const sampledEmployees = 50;
/** What should take seconds and has taken this long is stuck. */
const stuckMs = 3_600_000;
/** A disconnect is over after this long, whatever Factorial answers (design.md 6: ten minutes). */
const disconnectMs = 20 * 60_000;
const keyDays = 30;
/** Of each tenant's feed: far more than an hour brings. */
const lastChanges = 10_000;
/** Of a feed nothing is deleted before it is a day old. */
const newChangesMs = 12 * 3_600_000;
/** Text is looked at while it is new: audits come every hour. */
const newTextMs = 2 * 86_400_000;

/**
 * Text that must hold neither a secret nor a personal datum: an e-mail address, a bearer or JSON web token, or an unbroken run of
 * 40 letters and digits, which no word, no UUID and no id of Factorial is.
 */
const suspicious = String.raw`[[:alnum:]._%+-]+@[[:alnum:].-]+\.[[:alpha:]]{2,}|Bearer [[:alnum:]]|eyJ[[:alnum:]_-]{10,}\.|[[:alnum:]_]{40,}`;

export const auditChecks: readonly AuditCheck[] = [
  {
    name: 'feed_gapless',
    rule: 17,
    meaning: 'the change feed skips numbers, or its counter is not at its last one',
    // From the first of the new ones on: among older ones, those that were replaced are deleted by and by.
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT counter.tenant_id AS "tenantId", (max(told.sequence) - min(told.sequence) + 1 - count(*))::int AS count,
        max(told.sequence)::text AS example
      FROM change_counters counter
      CROSS JOIN LATERAL (SELECT min(sequence) AS sequence FROM changes
        WHERE tenant_id = counter.tenant_id AND sequence > counter.sequence - ${lastChanges}
          AND at > ${new Date(nowMs - newChangesMs)}) first
      JOIN changes told ON told.tenant_id = counter.tenant_id AND told.sequence >= first.sequence
      GROUP BY counter.tenant_id, counter.sequence
      HAVING max(told.sequence) - min(told.sequence) + 1 <> count(*) OR max(told.sequence) <> counter.sequence`,
    plant: async (tx, tenantId, nowMs) => {
      await tx.changeCounter.create({ data: { tenantId, sequence: 3n } });
      const content = { entity: 'employee', entityId: 'e1', operation: 'upsert', data: {} };
      const change = { tenantId, ...content, at: new Date(nowMs) };
      await tx.change.createMany({ data: [1n, 3n].map((sequence) => ({ ...change, sequence })) });
    },
  },
  {
    name: 'days_follow_facts',
    rule: 4,
    meaning: 'stored days are not what follows from the facts, and nobody is marked to compute them',
    find: findStaleDays,
    plant: plantWrongDay,
  },
  {
    name: 'days_within_employment',
    rule: 4,
    meaning: 'days are stored outside the employment, and nobody is marked to remove them',
    find: (tx) => tx.$queryRaw`
      SELECT day.tenant_id AS "tenantId", count(*)::int AS count, min(day.employee_id || '/' || day.date) AS example
      FROM calendar_days day JOIN employees employee ON employee.tenant_id = day.tenant_id AND employee.id = day.employee_id
      LEFT JOIN employee_links link ON link.tenant_id = day.tenant_id AND link.employee_id = day.employee_id
      LEFT JOIN profiles profile ON profile.tenant_id = link.tenant_id AND profile.id = link.profile_id AND profile.deleted_at IS NULL
      WHERE (day.date < employee.starts_on OR day.date > least(employee.ends_on, profile.terminated_on))
        AND day.date >= current_date - 31
        AND NOT EXISTS (SELECT 1 FROM recompute_marks mark WHERE mark.tenant_id = day.tenant_id AND mark.employee_id = day.employee_id)
      GROUP BY day.tenant_id`,
    plant: async (tx, tenantId, nowMs) => {
      await plantWrongDay(tx, tenantId, nowMs);
      await tx.employee.updateMany({
        where: { tenantId },
        data: { endsOn: new Date(nowMs - 40 * 86_400_000) },
      });
    },
  },
  {
    name: 'manual_edits_win',
    rule: 7,
    meaning: 'days that a person edited show something else, and nobody is marked to compute them',
    find: (tx) => tx.$queryRaw`
      SELECT edit.tenant_id AS "tenantId", count(*)::int AS count, min(edit.employee_id || '/' || edit.date) AS example
      FROM manual_edits edit JOIN calendar_days day USING (tenant_id, employee_id, date)
      WHERE (day.source <> 'manual' OR day.expected_minutes <> edit.expected_minutes OR day.day_type_id <> edit.day_type_id)
        AND NOT EXISTS (SELECT 1 FROM recompute_marks mark WHERE mark.tenant_id = edit.tenant_id AND mark.employee_id = edit.employee_id)
      GROUP BY edit.tenant_id`,
    plant: async (tx, tenantId, nowMs) => {
      await plantWrongDay(tx, tenantId, nowMs);
      const { employeeId, date, dayTypeId } = await tx.calendarDay.findFirstOrThrow({ where: { tenantId } });
      await tx.manualEdit.create({
        data: { tenantId, employeeId, date, dayTypeId, expectedMinutes: 7, editedBy: 'audit' },
      });
    },
  },
  {
    name: 'no_secrets_in_text',
    rule: 1,
    meaning: 'open text holds what looks like a secret or an e-mail address',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(place) AS example FROM (
        SELECT tenant_id, 'failures ' || id AS place, concat_ws(' ', message, next_step) AS text, last_at AS at FROM failures
        UNION ALL SELECT tenant_id, 'connection_warnings ' || code, message, now() FROM connection_warnings
        UNION ALL SELECT tenant_id, 'activity_entries ' || id, summary, at FROM activity_entries
        UNION ALL SELECT tenant_id, 'connection_commands ' || id, concat_ws(' ', payload::text, reason), created_at FROM connection_commands
        UNION ALL SELECT tenant_id, 'operator_actions ' || id, concat_ws(' ', input::text, reason, message), at FROM operator_actions
        UNION ALL SELECT tenant_id, 'replay_items ' || failure_id, message, done_at FROM replay_items WHERE message IS NOT NULL
      ) told WHERE at > ${new Date(nowMs - newTextMs)} AND text ~ ${suspicious} GROUP BY tenant_id`,
    plant: (tx, tenantId) =>
      tx.activityEntry.create({
        data: { tenantId, kind: 'person', summary: 'Written to somebody@example.com.', outcome: 'done' },
      }),
  },
  {
    name: 'deliveries_move',
    rule: 2,
    meaning: 'acknowledged deliveries have waited for over an hour, though the connection works',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT inbox.tenant_id AS "tenantId", count(*)::int AS count, min(inbox.id)::text AS example
      FROM inbox JOIN connections connection USING (tenant_id)
      WHERE inbox.outcome IS NULL AND inbox.resource_id IS NOT NULL AND connection.status = 'connected' AND NOT connection.paused
        AND inbox.received_at < ${new Date(nowMs - stuckMs)} AND (inbox.due_at IS NULL OR inbox.due_at < ${new Date(nowMs - stuckMs)})
        AND connection.updated_at < ${new Date(nowMs - stuckMs)}
      GROUP BY inbox.tenant_id`,
    plant: async (tx, tenantId, nowMs) => {
      const at = new Date(nowMs - 2 * stuckMs);
      await tx.connection.create({ data: { tenantId, status: 'connected', generation: 1, updatedAt: at } });
      await tx.inboxRow.create({
        data: {
          tenantId,
          generation: 1,
          topic: 'timeoff/leave/create',
          resourceId: '1',
          bodyHash: tenantId,
          receivedAt: at,
        },
      });
    },
  },
  {
    name: 'marks_are_computed',
    rule: 15,
    meaning: 'employees have been marked for computing for over an hour',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(employee_id) AS example FROM recompute_marks
      WHERE since < ${new Date(nowMs - stuckMs)} GROUP BY tenant_id`,
    plant: (tx, tenantId, nowMs) =>
      tx.recomputeMark.create({ data: { tenantId, employeeId: 'e1', since: new Date(nowMs - 2 * stuckMs) } }),
  },
  {
    name: 'commands_are_carried_out',
    rule: 15,
    meaning: 'what an admin asked for in the wizard has waited for over an hour',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(id::text) AS example FROM connection_commands
      WHERE outcome IS NULL AND created_at < ${new Date(nowMs - stuckMs)} GROUP BY tenant_id`,
    plant: (tx, tenantId, nowMs) =>
      tx.connectionCommand.create({
        data: {
          tenantId,
          id: randomUUID(),
          type: 'disconnect',
          actor: 'audit',
          createdAt: new Date(nowMs - 2 * stuckMs),
        },
      }),
  },
  {
    name: 'failures_say_what_follows',
    rule: 15,
    meaning: 'failures have neither a next try nor a next step, or are being retried by nothing',
    find: (tx) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(failure.id::text) AS example FROM failures failure
      WHERE (status = 'open' AND next_step IS NULL AND next_try_at IS NULL)
        OR (status = 'retrying' AND NOT EXISTS (
          SELECT 1 FROM replay_items item JOIN replays replay ON replay.tenant_id = item.tenant_id AND replay.id = item.replay_id
          WHERE item.tenant_id = failure.tenant_id AND item.failure_id = failure.id AND replay.finished_at IS NULL))
      GROUP BY tenant_id`,
    plant: (tx, tenantId, nowMs) =>
      tx.failure.create({
        data: {
          tenantId,
          id: randomUUID(),
          resource: 'absences',
          factorialId: '1',
          code: 'schema_drift',
          message: 'planted',
          status: 'retrying',
          firstAt: new Date(nowMs),
          lastAt: new Date(nowMs),
        },
      }),
  },
  {
    name: 'tokens_belong_to_their_connection',
    rule: 12,
    meaning: 'tokens or credentials are kept of a connection that ended, or of another generation',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(what) AS example FROM (
        SELECT tenant_id, 'token pair' AS what, generation FROM token_pairs
        UNION ALL SELECT tenant_id, 'credentials', NULL FROM credential_versions
      ) kept JOIN connections connection USING (tenant_id)
      WHERE connection.disconnected_at < ${new Date(nowMs - disconnectMs)} AND connection.status = 'disconnected'
        OR (connection.status IN ('connected', 'expired') AND kept.generation <> connection.generation)
      GROUP BY tenant_id`,
    plant: async (tx, tenantId, nowMs) => {
      await tx.connection.create({ data: { tenantId, status: 'connected', generation: 2 } });
      await tx.tokenPair.create({
        data: {
          tenantId,
          generation: 1,
          version: 1,
          credentialVersion: 1,
          accessTokenEnc: 'planted',
          obtainedAt: new Date(nowMs),
        },
      });
    },
  },
  {
    name: 'keys_are_retired',
    rule: 12,
    meaning: 'webhook keys of a connection that ended are still alive, or answer for longer than 30 days',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(key.id::text) AS example
      FROM subscriptions key JOIN connections connection USING (tenant_id)
      WHERE (key.retired_at IS NULL AND connection.status = 'disconnected' AND connection.disconnected_at < ${new Date(nowMs - disconnectMs)})
        OR key.drop_until > key.retired_at + make_interval(days => ${keyDays + 1})
      GROUP BY tenant_id`,
    plant: async (tx, tenantId, nowMs) => {
      const disconnectedAt = new Date(nowMs - 2 * disconnectMs);
      await tx.connection.create({
        data: { tenantId, status: 'disconnected', generation: 2, disconnectedAt },
      });
      const secrets = {
        keyHash: tenantId,
        keyEnc: 'planted',
        challengeEnc: 'planted',
        challengeHash: 'planted',
      };
      await tx.subscription.create({
        data: { tenantId, id: randomUUID(), generation: 1, type: 'leave/create', ...secrets },
      });
    },
  },
  {
    name: 'reconciliations_move',
    rule: 15,
    meaning: 'a reconciliation has run for over an hour without progress, though the connection works',
    find: (tx, nowMs) => tx.$queryRaw`
      SELECT tenant_id AS "tenantId", count(*)::int AS count, min(run.id::text) AS example
      FROM reconciliations run JOIN connections connection USING (tenant_id)
      WHERE run.status = 'running' AND coalesce(run.progress_at, run.requested_at) < ${new Date(nowMs - stuckMs)}
        AND connection.status = 'connected' AND NOT connection.paused AND connection.updated_at < ${new Date(nowMs - stuckMs)}
        AND NOT EXISTS (SELECT 1 FROM connection_warnings outage
          WHERE outage.tenant_id = run.tenant_id AND outage.code IN ('factorial_unreachable', 'rate_limited'))
      GROUP BY tenant_id`,
    plant: async (tx, tenantId, nowMs) => {
      const at = new Date(nowMs - 2 * stuckMs);
      await tx.connection.create({ data: { tenantId, status: 'connected', generation: 1, updatedAt: at } });
      await tx.reconciliation.create({
        data: {
          tenantId,
          id: randomUUID(),
          trigger: 'nightly',
          status: 'running',
          generation: 1,
          requestedAt: at,
        },
      });
    },
  },
];

/** Stored days of some employees that are not what the facts say. */
async function findStaleDays(tx: Transaction, nowMs: number): Promise<Violation[]> {
  // The probe's employee is the newest: it must be in the sample.
  const sample = await tx.$queryRaw<{ tenantId: string; employeeId: string }[]>`
    SELECT tenant_id AS "tenantId", id AS "employeeId" FROM (
      (SELECT tenant_id, id FROM employees ORDER BY created_at DESC LIMIT 1)
      UNION (SELECT tenant_id, id FROM employees ORDER BY random() LIMIT ${sampledEmployees})
    ) picked WHERE NOT EXISTS (
      SELECT 1 FROM recompute_marks mark WHERE mark.tenant_id = picked.tenant_id AND mark.employee_id = picked.id)`;
  const violations: Violation[] = [];
  for (const { tenantId, employeeId } of sample) {
    const { today, to } = await readHorizon(tx, tenantId, nowMs);
    const range = { gte: new Date(`${today}T00:00:00Z`), lte: new Date(`${to}T00:00:00Z`) };
    const stored = await tx.calendarDay.findMany({ where: { tenantId, employeeId, date: range } });
    const differing = async (asOfMs: number, days: typeof stored): Promise<typeof stored> => {
      const computed = await computeDays(tx, tenantId, employeeId, today, to, asOfMs);
      const wanted = new Map<string, string>(computed.map((day) => [day.date, wordsOf(day)]));
      return days.filter((day) => wanted.get(day.date.toISOString().slice(0, 10)) !== wordsOf(day));
    };
    let wrong = await differing(nowMs, stored);
    // Whether a plan is known goes by the horizon, which moves at midnight; until the night computes everybody, the days
    // that it computed last are right too.
    const lastMs = wrong.length === 0 ? null : await everybodyComputedAt(tx, tenantId);
    if (lastMs !== null) wrong = await differing(lastMs, wrong);
    const [first] = wrong;
    if (first !== undefined) {
      const example = `${employeeId}/${first.date.toISOString().slice(0, 10)}`;
      violations.push({ tenantId, count: wrong.length, example });
    }
  }
  return violations;
}

/** When a reconciliation last computed everybody's days; null where none has. */
async function everybodyComputedAt(tx: Transaction, tenantId: string): Promise<number | null> {
  const last = await tx.reconciliation.findFirst({
    where: { tenantId, status: { in: ['completed', 'awaiting_approval'] } },
    orderBy: { finishedAt: 'desc' },
    select: { finishedAt: true },
  });
  return last?.finishedAt?.getTime() ?? null;
}

interface DayLike {
  readonly dayTypeId: string;
  readonly plannedMinutes: number;
  readonly expectedMinutes: number;
  readonly source: string;
}

const wordsOf = ({ dayTypeId, plannedMinutes, expectedMinutes, source }: DayLike): string =>
  [dayTypeId, plannedMinutes, expectedMinutes, source].join(' ');

/** A tenant with one employee and one stored day, tomorrow, whose minutes no rule gives. */
async function plantWrongDay(tx: Transaction, tenantId: string, nowMs: number): Promise<void> {
  await tx.tenant.create({ data: { id: tenantId, name: tenantId } });
  const dayType = { tenantId, name: 'planted', color: '#000000', expectedMinutes: 480, builtIn: true };
  await tx.dayType.createMany({
    data: Object.values(builtInDayTypes).map((id) => ({ ...dayType, id, key: id })),
  });
  await tx.employee.create({
    data: {
      tenantId,
      id: 'e1',
      name: 'planted',
      createdBy: 'audit',
      createdAt: new Date(nowMs + 86_400_000),
    },
  });
  const tomorrow = addDays(new Date(nowMs).toISOString().slice(0, 10), 1);
  await tx.calendarDay.create({
    data: {
      tenantId,
      employeeId: 'e1',
      date: new Date(`${tomorrow}T00:00:00Z`),
      dayTypeId: builtInDayTypes.workingDay,
      plannedMinutes: 480,
      expectedMinutes: 1,
      source: 'factorial',
      provenance: {},
      contentHash: 'planted',
    },
  });
}
