import { horizonAt, readWindow } from '../domain/horizon.ts';
import { reconciliationWorkflowId } from '../contracts/temporal/names.ts';
import { withBenchStack, type BenchStack } from './bench-stack.ts';
import { startChildFile, type Child } from './child.ts';
import { profileIdOf, vacationId } from './company.ts';
import { countHistories } from './histories.ts';
import { callJson, F, until } from './http.ts';
import type { ListServerJob } from './list-server.ts';
import { watchMemory } from './memory.ts';
import type { BenchOptions } from './options.ts';
import type { ScriptJob, ScriptResult } from './plain-script.ts';
import { tell } from './progress.ts';
import { round } from './statistics.ts';

const sizes = { small: 2_000, large: 10_000 } as const;
type Size = keyof typeof sizes;
const changedShare = 0.02;
const timeoutMs = 20 * 60_000;
/** As good as none: more than both sides together ask. */
const requestsPerMinute = '100000';
const defaultWeekMinutes = [480, 480, 480, 480, 480, 0, 0];
const settings = { timeZone: 'Europe/Madrid', horizonDaysBack: 31, horizonDaysAhead: 92 };

/**
 * How long a reconciliation takes for 2,000 people with 40,000 absences and for 10,000 with 200,000, with changes in 2 % of the
 * rows and without any, against a plain script that reads the same lists and writes the same days; what it costs Temporal,
 * and how the worker's memory grows.
 */
export async function benchReconcile(options: BenchOptions): Promise<object> {
  const lists = startChildFile<ListServerMessage>('./list-server.js');
  const script = startChildFile<ScriptResult>('./plain-script.js');
  try {
    const { url = '' } = await lists.next();
    const env = { FACTORIAL_REQUESTS_PER_MINUTE: requestsPerMinute, FACTORIAL_EXTRA_HOSTS: url };
    return await withBenchStack(
      options,
      (stack) => compare({ stack, lists, script, url, part: (options.percent ?? 100) / 100 }),
      { env },
    );
  } finally {
    lists.stop();
    script.stop();
  }
}

async function compare(bench: Bench): Promise<object> {
  const small = await measureSize(bench, 'small');
  const large = await measureSize(bench, 'large');
  const unchanged = await reconcile(bench.stack, 'large');
  tell(`large, without a change: ${round(unchanged.seconds)} s`);
  return {
    secondsSmall: round(small.ours.seconds),
    secondsLarge: round(large.ours.seconds),
    secondsUnchanged: round(unchanged.seconds),
    scriptSecondsSmall: round(small.script.seconds),
    scriptSecondsLarge: round(large.script.seconds),
    ratio: round(large.ours.seconds / large.script.seconds, 2),
    memoryGrowthMb: round(large.ours.peakMb - small.ours.peakMb),
    actionsSmall: small.ours.actions,
    actionsLarge: large.ours.actions,
    secondsFirstSmall: round(small.firstSeconds),
    secondsFirstLarge: round(large.firstSeconds),
    driftLarge: large.ours.drift,
    daysByScriptLarge: large.script.written,
  };
}

type ListServerMessage = { readonly url?: string };

interface Bench {
  readonly stack: BenchStack;
  readonly lists: Child<ListServerMessage>;
  readonly script: Child<ScriptResult>;
  /** Of the lists. */
  readonly url: string;
  /** Of the full size. */
  readonly part: number;
}

/** Brings one company to the state of the evening before, changes it, and has both bring their days in line. */
async function measureSize(bench: Bench, size: Size) {
  const { stack, script } = bench;
  const people = Math.round(sizes[size] * bench.part);
  const horizon = horizonAt(Date.now(), settings);
  const order = async (job: ListServerJob): Promise<void> => {
    bench.lists.send(job);
    await bench.lists.next();
  };
  await order({ make: size, employees: people, today: horizon.today });
  tell(`${size}: the first synchronisation of ${people} people`);
  const begun = performance.now();
  await connect(bench, size, people);
  const firstSeconds = (performance.now() - begun) / 1_000;
  const table = `bench_days_${size}`;
  await stack.db.query(
    `CREATE TABLE ${table} (employee_id text, date date, day_type_id text, planned_minutes int, expected_minutes int,
       source text, PRIMARY KEY (employee_id, date))`,
  );
  const job: ScriptJob = {
    url: bench.url,
    token: size,
    databaseUrl: stack.databaseUrl,
    table,
    window: readWindow(horizon),
    horizon: { from: horizon.from, to: horizon.to },
    defaultWeekMinutes,
    vacationId,
  };
  const runScript = async (): Promise<ScriptResult> => {
    script.send(job);
    return await script.next();
  };
  tell(`${size}: the script's first run`);
  await runScript();
  await order({ change: size, share: changedShare, turn: 1 });
  await stack.db.query('VACUUM ANALYZE');

  const byScript = await runScript();
  tell(`${size}: the script took ${round(byScript.seconds)} s and wrote ${byScript.written} days`);
  const ours = await reconcile(stack, size);
  tell(`${size}: the reconciliation took ${round(ours.seconds)} s, ${JSON.stringify(ours.drift)}`);
  await requireSameDays(stack, size, table);
  return { script: byScript, ours, firstSeconds };
}

interface Reconciled {
  readonly seconds: number;
  readonly actions: number;
  readonly peakMb: number;
  readonly drift: unknown;
}

/** Asks for a reconciliation and waits for its end. */
async function reconcile(stack: BenchStack, tenantId: string): Promise<Reconciled> {
  const memory = watchMemory(stack.workerPid());
  const since = new Date();
  const startedAt = performance.now();
  const token = await stack.tokens.admin(tenantId);
  const { id } = await callJson<{ id: string }>('POST', `${stack.apiUrl}${F}/reconciliations`, {
    body: {},
    token,
  });
  await reconciled(stack, tenantId, id);
  const seconds = (performance.now() - startedAt) / 1_000;
  const peakMb = memory.stop();
  const { rows } = await stack.db.query<{ drift: unknown }>(
    'SELECT drift FROM reconciliations WHERE tenant_id = $1 AND id = $2',
    [tenantId, id],
  );
  const { actions } = await countHistories(stack.temporal, reconciliationWorkflowId(tenantId, id), since);
  return { seconds, actions, peakMb, drift: rows[0]?.drift };
}

/** Waits for the end of one reconciliation, or of the only one. Throws where it is not complete. */
async function reconciled({ db }: BenchStack, tenantId: string, id: string | null): Promise<void> {
  const { status, verified } = await until(`a reconciliation of ${tenantId}`, timeoutMs, async () => {
    const { rows } = await db.query<{ status: string; verified: boolean }>(
      `SELECT status, verified FROM reconciliations
       WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id = $2) AND finished_at IS NOT NULL`,
      [tenantId, id],
    );
    return rows[0] ?? null;
  });
  if (status !== 'completed' || !verified)
    throw new Error(`a reconciliation of ${tenantId} ended as ${status}`);
}

/** Connects a tenant with everybody linked and vacation mapped from the beginning, as after months of use. */
async function connect({ stack, url }: Bench, size: Size, people: number): Promise<void> {
  const { apiUrl, tokens, application, db } = stack;
  const [admin, service] = await Promise.all([tokens.admin(size), tokens.service(size)]);
  const put = (path: string, token: string, body: object) =>
    callJson('PUT', `${apiUrl}${path}`, { body, token });
  await put('/api/tenant', service, { name: size, timeZone: settings.timeZone, locale: 'es' });
  await put('/api/day-types/vacation', service, { name: 'Vacation', color: '#2E9E6B', expectedMinutes: 0 });
  const profileIds = Array.from({ length: people }, (_, index) => profileIdOf(index));
  await db.query(
    `INSERT INTO employees (tenant_id, id, name, created_by)
     SELECT $1, id, 'Somebody', 'time@work' FROM unnest($2::text[]) AS id`,
    [size, profileIds],
  );
  await db.query(
    `INSERT INTO employee_links (tenant_id, employee_id, profile_id, linked_by, planned_read_number)
     SELECT $1, id, id, 'somebody', 0 FROM unnest($2::text[]) AS id`,
    [size, profileIds],
  );
  await db.query(
    `INSERT INTO day_type_mappings (tenant_id, absence_type_id, day_type_id, changed_by) VALUES ($1, $2, 'vacation', 'somebody')`,
    [size, vacationId],
  );
  await put(`${F}/credentials`, admin, application);
  const { authorizationUrl } = await callJson<{ authorizationUrl: string }>(
    'POST',
    `${apiUrl}${F}/authorization`,
    { body: { apiHost: url }, token: admin },
  );
  const state = new URL(authorizationUrl).searchParams.get('state') ?? '';
  const callback = new URLSearchParams({ code: size, state });
  await (await fetch(`${apiUrl}/api/Integration/factorial/Callback?${callback.toString()}`)).arrayBuffer();
  await reconciled(stack, size, null);
}

/** What is compared must have come to the same. */
async function requireSameDays({ db }: BenchStack, tenantId: string, table: string): Promise<void> {
  const { rows } = await db.query<{ different: number }>(
    `SELECT count(*)::int AS different FROM (SELECT * FROM calendar_days WHERE tenant_id = $1) ours
     FULL JOIN ${table} theirs USING (employee_id, date)
     WHERE (ours.day_type_id, ours.planned_minutes, ours.expected_minutes, ours.source)
       IS DISTINCT FROM (theirs.day_type_id, theirs.planned_minutes, theirs.expected_minutes, theirs.source)`,
    [tenantId],
  );
  if (rows[0]?.different !== 0) throw new Error(`${rows[0]?.different} days differ from those of the script`);
}
