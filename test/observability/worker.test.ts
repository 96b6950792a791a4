import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addDays } from '../../domain/civil-date.ts';
import { freePort } from '../../stack/ports.ts';
import { sdkMetrics, workerMetrics } from '../../worker/metrics.ts';
import { reconcile, settleIn } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';

/** What the processes tell of a day's work: figures and log lines. */

let world: World;
let metricsUrl: string;
beforeAll(async () => {
  const port = await freePort();
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  world = await createWorld({
    processes: true,
    seed: { people: 3, absences: 3, locations: 1 },
    env: { WORKER_METRICS_PORT: String(port) },
  });
  await settleIn(world);
  const [person] = await world.factorial<{ id: string }[]>('GET', 'employees?limit=1');
  const startOn = addDays(new Date().toISOString().slice(0, 10), 14);
  await world.factorial('POST', 'leaves', { employee_id: person?.id, start_on: startOn, approved: true });
  await waitFor('the delivery to be applied', async () => (await applied()) > 0);
  await reconcile(world);
}, 120_000);
afterAll(async () => {
  await world?.close();
});

const applied = () => world.db.inboxRow.count({ where: { outcome: 'applied' } });

const scrape = async (): Promise<string> => await (await fetch(metricsUrl)).text();

it('the worker serves its own figures and those of the SDK, without a tenant in them', async () => {
  const text = await waitFor('the figures of the reconciliation', async () => {
    const now = await scrape();
    return now.includes('trigger="manual"') ? now : null;
  });

  // What did not happen has no series yet.
  const quiet: string[] = [
    workerMetrics.limits,
    workerMetrics.limitSeconds,
    workerMetrics.untold,
    workerMetrics.failures,
    workerMetrics.tokenRenewals,
    workerMetrics.rebuilt,
    workerMetrics.audits,
  ];
  const expected = [...Object.values(workerMetrics), ...sdkMetrics].filter(
    (name) => !quiet.includes(name) && name !== 'temporal_workflow_task_execution_failed',
  );
  expect(expected.filter((name) => !new RegExp(`^${name}(?:_count)?[{ ]`, 'm').test(text))).toEqual([]);
  expect(text).toMatch(/^factorial_requests_total\{[^}]*kind="absences"[^}]*status="200"/m);
  expect(text).toMatch(/^deliveries_ended_total\{[^}]*outcome="applied"/m);
  expect(text).toMatch(/^reconciliations_ended_total\{[^}]*trigger="manual"[^}]*\} 1$/m);
  expect(text).toMatch(/^delivery_lag_seconds_bucket\{le="2.5"/m);
  expect(text).not.toContain(world.tenantId);
});

it('the API serves the census beside its own figures', async () => {
  const text = await (await fetch(`${world.publicUrl}/metrics`)).text();

  expect(text).toMatch(/^connections\{status="connected",paused="false"\} 1$/m);
  expect(text).toMatch(/^webhook_deliveries_total\{outcome="stored"\} \d+$/m);
  expect(text).not.toContain(world.tenantId);
});

it('every activity leaves a line with the ids that lead to its history', () => {
  const lines = world
    .logs()
    .split('\n')
    .filter((line) => line.includes('"activity":"drainInbox"'))
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>);

  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toMatchObject({
      process: 'worker',
      tenantId: world.tenantId,
      workflowId: `factorial-connection/${world.tenantId}`,
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      activityId: expect.any(String),
      attempt: 1,
    });
});
