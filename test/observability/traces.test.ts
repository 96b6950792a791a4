import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addDays } from '../../domain/civil-date.ts';
import { reconciliationWorkflowId } from '../../contracts/temporal/names.ts';
import { startSpanCollector, type CollectedSpan, type SpanCollector } from '../support/span-collector.ts';
import { reconcile, settleIn } from '../support/story.ts';
import { findValues, secretsInDatabase, valuesOfPeople } from '../support/values-in-use.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';

/** What a collector is told of a day's work, by both processes. */

let collector: SpanCollector;
let world: World;
beforeAll(async () => {
  collector = await startSpanCollector();
  world = await createWorld({
    processes: true,
    bundles: true, // with the interceptors that carry the traces
    seed: { people: 3, absences: 3, locations: 1 },
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector',
    },
  });
  await settleIn(world);
  const [person] = await world.factorial<{ id: string }[]>('GET', 'employees?limit=1');
  const startOn = addDays(new Date().toISOString().slice(0, 10), 14);
  await world.factorial('POST', 'leaves', { employee_id: person?.id, start_on: startOn, approved: true });
  await waitFor('the delivery to be applied', async () => {
    return (await world.db.inboxRow.count({ where: { outcome: 'applied' } })) > 0;
  });
  const { id } = await reconcile(world);
  // Its span ends with the workflow, a moment after its row.
  await world.temporal.client.workflow.getHandle(reconciliationWorkflowId(world.tenantId, id)).result();
  // What a process holds back it sends before it ends.
  await world.stop('worker', 'SIGTERM');
  await world.stop('api', 'SIGTERM');
}, 180_000);
afterAll(async () => {
  await world?.close();
  await collector?.close();
});

/** From the first span of its trace down to this one. */
function pathTo(span: CollectedSpan): CollectedSpan[] {
  const parent = collector.spans.find(
    ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId,
  );
  return parent === undefined ? [span] : [...pathTo(parent), span];
}

const pathsTo = (name: string): CollectedSpan[][] =>
  collector.spans.filter((span) => span.name === name).map(pathTo);

it('one trace leads from a delivery through signal, workflow and activity to the request of Factorial', () => {
  const path = pathsTo('GET absences').find(([first]) => first?.name.includes('/webhooks/')) ?? [];

  expect(path.map(({ service, name }) => `${service}: ${name}`)).toEqual([
    'factorial-workmeter-api: POST /webhooks/factorial/:key/:topic',
    'factorial-workmeter-api: signal webhooksReceived',
    'factorial-workmeter-worker: duty inbox',
    'factorial-workmeter-worker: drainInbox',
    'factorial-workmeter-worker: GET absences',
  ]);
  const [delivery, signal, , activity, request] = path;
  expect(delivery?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/webhooks/factorial/:key/:topic',
    'http.response.status_code': 200,
  });
  expect(signal?.attributes).toEqual({ 'temporal.workflow_id': `factorial-connection/${world.tenantId}` });
  expect(activity?.attributes).toMatchObject({
    'temporal.workflow_id': `factorial-connection/${world.tenantId}`,
    'temporal.attempt': 1,
  });
  expect(request?.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'factorial.resource': 'absences',
    'factorial.page': 'first',
  });
});

it('a reconciliation that somebody asks for is one trace, through the child to each page', () => {
  const path = pathsTo('GET planned_minutes').find(([first]) => first?.name.includes('/reconciliations'));

  expect(path?.map(({ name }) => name)).toEqual([
    'POST /api/integrations/factorial/reconciliations',
    'signal reconcileNow',
    'duty reconcile',
    'reconciliationWorkflow',
    'sweepPlans',
    'GET planned_minutes',
  ]);
});

it('what nobody asked for begins a trace of its own, at the activity', () => {
  const path = pathsTo('GET subscriptions').find(([first]) => first?.name === 'ensureSubscriptions');

  expect(path?.map(({ name }) => name)).toEqual(['ensureSubscriptions', 'GET subscriptions']);
});

it('no span holds a secret, a name, or anything else than the attributes that are documented', async () => {
  const { planted, names } = await valuesOfPeople(world);
  const secrets = await secretsInDatabase(world);
  const tokens = world.bearerTokens.map((value) => ({ what: 'a bearer token', value }));
  const places = collector.bodies.map((text, index) => ({ where: `export ${index}`, text }));

  expect(findValues(places, [...planted, ...names, ...secrets, ...tokens])).toEqual([]);
  expect(new Set(collector.spans.flatMap(({ attributes }) => Object.keys(attributes)))).toEqual(
    new Set([
      'factorial.page',
      'factorial.resource',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'temporal.activity_id',
      'temporal.attempt',
      'temporal.run_id',
      'temporal.workflow_id',
    ]),
  );
  expect(collector.spans.flatMap(({ events }) => events)).toEqual([]);
});

it('the collector is told who sends', () => {
  expect([...collector.authorizations]).toEqual(['Bearer of-the-collector']);
});
