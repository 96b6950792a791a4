import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { noopMetricMeter } from '@temporalio/common';
import { pino } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import { parse } from 'yaml';
import { z } from 'zod';
import { registerCensus } from '../../api/census-metrics.ts';
import { createMetrics } from '../../api/metrics.ts';
import { createDatabase } from '../../repositories/database.ts';
import { createObserver, sdkMetrics, workerMetrics } from '../../worker/metrics.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const Alerts = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[mhd]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({ summary: z.string().min(20), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const Dashboard = z.object({
  uid: z.string(),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string() })).optional(),
    }),
  ),
});

const alerts = Alerts.parse(parse(read('ops/alerts.yml'))).groups.flatMap(({ rules }) => rules);
const dashboard = Dashboard.parse(JSON.parse(read('ops/grafana/factorial-workmeter.json')));

/** Every series that our processes serve. Nobody is asked: metrics exist from their registration. */
async function knownMetrics(): Promise<Set<string>> {
  const { registry } = createMetrics();
  const db = createDatabase('postgresql://nobody@127.0.0.1:9/none', 1);
  registerCensus(registry, db, pino({ level: 'silent' }));
  collectDefaultMetrics({ register: registry });
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  await db.$disconnect();
  return new Set([...names, ...Object.values(workerMetrics), ...sdkMetrics]);
}

const promqlWords = new Set([
  'sum',
  'max',
  'rate',
  'increase',
  'histogram_quantile',
  'absent',
  'by',
  'or',
  'le',
]);

/** Names of series in an expression: what is neither a function, nor a label, nor inside braces or a `by (…)`. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/\{[^}]*\}/g, '')
    .replace(/\bby \([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b[a-z_][a-z0-9_]*\b/g)]
    .map(([name]) => name)
    .filter((name) => !promqlWords.has(name))
    .map((name) => name.replace(/_(?:bucket|count|sum)$/, ''));
}

describe('alert rules and dashboard', () => {
  const expressions = [
    ...alerts.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => [`panel ${title}`, expr] as const),
    ),
  ];

  it.each(expressions)('%s asks for series that exist', async (_where, expr) => {
    const known = await knownMetrics();

    const names = metricsIn(expr);

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('would find a series that does not exist', () => {
    expect(
      metricsIn('sum by (a) (rate(no_such_thing_total{b="c"}[5m])) / max(other_seconds_bucket)'),
    ).toEqual(['no_such_thing_total', 'other_seconds']);
  });

  it('show every figure of ours somewhere', async () => {
    const shown = new Set(expressions.flatMap(([, expr]) => metricsIn(expr)));
    const own = [...(await knownMetrics())].filter((name) => !/^(?:nodejs|process|temporal)_/.test(name));

    expect(own.filter((name) => !shown.has(name))).toEqual(['inbox_rows_accepted_total', 'undone_commands']);
  });

  it('every alert has its own name and page', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    for (const { alert, annotations } of alerts)
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
  });

  it('panels do not lie over each other', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );

    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
  });

  it('every figure of the worker is registered under its name', () => {
    const registered: string[] = [];
    createObserver({
      createGauge: (name: string) => noopMetricMeter.createGauge(name),
      withTags: () => noopMetricMeter,
      createCounter: (name: string) => (registered.push(name), noopMetricMeter.createCounter(name)),
      createHistogram: (name: string) => (registered.push(name), noopMetricMeter.createHistogram(name)),
    });

    expect(registered.toSorted()).toEqual(Object.values(workerMetrics).toSorted());
  });
});
