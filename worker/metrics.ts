import type { MetricMeter } from '@temporalio/common';
import type { TelemetryOptions } from '@temporalio/worker';
import type { Observer } from '../activities/observer.ts';

/**
 * The worker's own figures. They leave the process by the SDK's exporter, beside the SDK's own (`temporal_…`), on
 * `WORKER_METRICS_PORT`. No tag names a tenant or a person.
 */
export const workerMetrics = {
  factorialRequests: 'factorial_requests_total',
  factorialSeconds: 'factorial_request_duration_seconds',
  limits: 'factorial_limits_total',
  limitSeconds: 'factorial_limit_wait_seconds',
  deliveries: 'deliveries_ended_total',
  vendorLag: 'delivery_vendor_lag_seconds',
  ourLag: 'delivery_lag_seconds',
  tokenRenewals: 'token_renewals_total',
  reconciliations: 'reconciliations_ended_total',
  drift: 'reconciliation_drift_rows_total',
  untold: 'untold_changes_total',
  rebuilt: 'workflows_rebuilt_total',
  audits: 'audit_checks_total',
  failures: 'activity_failures_total',
} as const;

/** The SDK's series that our dashboard and alerts read; the names are the SDK's. */
export const sdkMetrics = [
  'temporal_num_pollers',
  'temporal_workflow_task_execution_failed',
  'temporal_workflow_task_schedule_to_start_latency',
  'temporal_activity_schedule_to_start_latency',
  'temporal_worker_task_slots_available',
  'temporal_sticky_cache_size',
] as const;

/** Bounds of the histograms, in seconds: from a healthy answer to what somebody must look at. */
const lagBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 14_400, 86_400];
const histogramBounds: Record<string, number[]> = {
  [workerMetrics.factorialSeconds]: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  [workerMetrics.limitSeconds]: [0.1, 0.5, 1, 5, 10, 20, 60, 300],
  [workerMetrics.vendorLag]: lagBounds,
  [workerMetrics.ourLag]: lagBounds,
};

/** The SDK's runtime serves `/metrics` on the port, where one is given. */
export function telemetryOptions(port: number | undefined): TelemetryOptions {
  if (port === undefined) return {};
  return {
    metrics: {
      prometheus: {
        bindAddress: `0.0.0.0:${port}`,
        useSecondsForDurations: true,
        histogramBucketOverrides: histogramBounds,
      },
    },
  };
}

/** Counts what activities tell. */
export function createObserver(meter: MetricMeter): Observer {
  const counter = (name: string, description: string) => meter.createCounter(name, '', description);
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, 'float', 's', description);
  const requests = counter(workerMetrics.factorialRequests, 'Requests to Factorial by kind and status');
  const requestSeconds = seconds(workerMetrics.factorialSeconds, 'How long Factorial takes to answer');
  const limits = counter(workerMetrics.limits, 'Requests held up: by Factorial (429) or by our own budget');
  const limitSeconds = seconds(workerMetrics.limitSeconds, 'How long they are held up');
  const deliveries = counter(workerMetrics.deliveries, 'Deliveries worked off, by outcome');
  const vendorLag = seconds(workerMetrics.vendorLag, 'From the change in Factorial to its delivery');
  const ourLag = seconds(workerMetrics.ourLag, 'From the delivery to its outcome');
  const renewals = counter(workerMetrics.tokenRenewals, 'Tries to renew a token, by outcome');
  const reconciliations = counter(
    workerMetrics.reconciliations,
    'Reconciliations by trigger, status, verified',
  );
  const drift = counter(workerMetrics.drift, 'Rows that a reconciliation repaired, by kind and change');
  const untold = counter(
    workerMetrics.untold,
    'Changes that came without the webhook that should have told them',
  );
  const rebuilt = counter(workerMetrics.rebuilt, 'Workflows that were gone and were started again, by kind');
  const audits = counter(workerMetrics.audits, 'Checks of the audit, by check and outcome');
  const failures = counter(workerMetrics.failures, 'Failed tries of activities, by activity and code');

  return {
    factorialAnswered({ kind, status, durationMs }) {
      requests.add(1, { kind, status: status ?? 'none' });
      requestSeconds.record(durationMs / 1_000, { kind });
    },
    limited(by, waitMs) {
      limits.add(1, { by });
      limitSeconds.record(waitMs / 1_000, { by });
    },
    deliveriesEnded(ended, atMs) {
      for (const { outcome, receivedAt, changedAt } of ended) {
        deliveries.add(1, { outcome });
        ourLag.record(lagSeconds(receivedAt, atMs));
        if (changedAt !== null) vendorLag.record(lagSeconds(changedAt, receivedAt.getTime()));
      }
    },
    tokenRenewed: (outcome) => renewals.add(1, { outcome }),
    reconciliationEnded({ trigger, status, verified, drift: rows, untold: lost }) {
      reconciliations.add(1, { trigger, status, verified });
      for (const [kind, changes] of Object.entries(rows))
        for (const [change, count] of Object.entries(changes))
          if (count > 0) drift.add(count, { kind, change });
      for (const [resource, count] of Object.entries(lost)) untold.add(count, { resource });
    },
    workflowsRebuilt(kind, count) {
      if (count > 0) rebuilt.add(count, { kind });
    },
    audited: (check, outcome) => audits.add(1, { check, outcome }),
    activityFailed: (activity, code) => failures.add(1, { activity, code }),
  };
}

/** Clocks that differ a little must not make a lag negative. */
const lagSeconds = (from: Date, toMs: number): number => Math.max(0, toMs - from.getTime()) / 1_000;
