import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, propagation, trace } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import {
  startSpanCollector,
  type CollectedSpan,
  type SpanCollector,
} from '../test/support/span-collector.ts';
import { createApiTraces, type ApiTraces } from './traces.ts';

type SignalInput = Parameters<NonNullable<WorkflowClientInterceptor['signalWithStart']>>[0];

let collector: SpanCollector;
let traces: ApiTraces;
let logged: string;
beforeEach(async () => {
  logged = '';
  collector = await startSpanCollector();
  const logger = pino({ level: 'debug' }, { write: (line: string) => void (logged += line) });
  traces = createApiTraces({ endpoint: collector.endpoint, headers: {}, sampledShare: 1 }, logger);
});
afterEach(async () => {
  for (const each of [context, propagation, trace]) each.disable();
  await collector.close();
});

/** A delivery to the tenant that the path names; the body is read first, as for the real ones. */
async function deliver(...tenantIds: string[]): Promise<void> {
  const app = fastify();
  traces.watch(app);
  app.get('/healthz', async () => 'ok');
  app.get('/broken', async () => {
    throw new Error('said by somebody@example.com');
  });
  app.post('/deliveries/:tenantId', async ({ params }) => {
    traces.delivered((params as { tenantId: string }).tenantId);
    return 'stored';
  });
  await app.inject({ url: '/healthz' });
  await app.inject({ url: '/broken' });
  for (const tenantId of tenantIds)
    await app.inject({
      method: 'POST',
      url: `/deliveries/${tenantId}`,
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      payload: { id: 1 },
    });
  await app.close();
}

async function signal(tenantId: string, signalName = 'webhooksReceived', fails = false): Promise<void> {
  const input = {
    signalName,
    headers: {},
    options: { workflowId: connectionWorkflowId(tenantId) },
  } as unknown as SignalInput; // the parts that an interceptor may look at
  const sent = traces.interceptor.signalWithStart?.(input, async () => {
    if (fails) throw new Error('away');
    return 'run';
  });
  await sent?.catch(() => undefined);
}

async function told(): Promise<readonly CollectedSpan[]> {
  await traces.stop();
  return collector.spans;
}

const placeOf = ({ traceId, spanId }: { traceId: string; spanId: string }) => `${traceId}/${spanId}`;

describe('the traces of the API', () => {
  it('lead from the first delivery to the ring, and link the others to it; the next ring has its own', async () => {
    await deliver('a', 'b', 'a', 'a');
    await signal('a');
    await signal('a');

    const spans = await told();
    const [first, , ...others] = spans.filter(({ name }) => name.startsWith('POST'));
    const [ring, next] = spans.filter(({ name }) => name === 'signal webhooksReceived');
    expect([ring?.traceId, ring?.parentSpanId]).toEqual([first?.traceId, first?.spanId]);
    expect(ring?.links.map(placeOf)).toEqual(others.map(placeOf));
    expect([next?.parentSpanId, next?.links]).toEqual([undefined, []]);
  });

  it('keep a few of very many deliveries for one ring', async () => {
    await deliver(...Array.from({ length: 100 }, () => 'a'));
    await signal('a');

    const ring = (await told()).find(({ name }) => name === 'signal webhooksReceived');
    expect(ring?.links).toHaveLength(31);
  });

  it('begin here: a trace that a caller sends is not gone on with', async () => {
    await deliver('a');

    const [request] = (await told()).filter(({ name }) => name.startsWith('POST'));
    expect(request?.parentSpanId).toBeUndefined();
    expect(request?.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('say what failed and never why, and leave out what the platform asks', async () => {
    await deliver();
    await signal('a', 'disconnect', true);

    const spans = await told();
    expect(spans.map(({ name, status }) => [name, status])).toEqual([
      ['GET /broken', { code: 2 }],
      ['signal disconnect', { code: 2 }],
    ]);
    expect(collector.bodies.join('')).not.toContain('example.com');
  });

  it('that cannot be sent are dropped, and the log says so', async () => {
    await deliver('a');
    await collector.close();

    await traces.stop();

    expect(logged).toContain('traces could not be sent to the collector');
  });
});
