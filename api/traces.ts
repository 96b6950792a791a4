import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { connectionWorkflowId } from '../contracts/temporal/names.ts';
import { withTrace, type TraceParent } from '../contracts/temporal/traces.ts';
import type { TracingConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { startTracing, toTraceParent } from '../platform/tracing.ts';

/** The traces of the API: from a request to the signal that follows from it. */
export interface ApiTraces {
  /** Gives each request a span; to be called before routes are registered. */
  watch(app: FastifyInstance): void;
  /** The request under way has stored a delivery of this tenant, for which somebody will ring. */
  delivered(tenantId: string): void;
  /** Gives each signal a span, and sends its place along. */
  readonly interceptor: WorkflowClientInterceptor;
  stop(): Promise<void>;
}

/** Of one tenant's deliveries between two rings: more are rung for, but not linked. */
const maxDeliveries = 32;
/** Tenants with deliveries that nobody rang for yet, as while they are paused; the oldest are forgotten first. */
const maxTenants = 1_000;
/** What the platform asks every few seconds. */
const unwatched = new Set(['/healthz', '/readyz', '/metrics']);

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nobody traces. */
    span: Span | null;
  }
}

/** Import this module only where tracing is switched on. */
export function createApiTraces(config: TracingConfig, logger: Logger): ApiTraces {
  const tracing = startTracing('factorial-workmeter-api', config, logger);
  const { tracer } = tracing;
  /** Places of deliveries that wait for a ring, by workflow. In memory: what a crash loses is a line in a picture. */
  const waiting = new Map<string, SpanContext[]>();

  /** A span around a message to a workflow. Of several causes the first is the parent, the others are linked. */
  async function tell<T>(
    name: string,
    workflowId: string,
    causes: readonly SpanContext[],
    send: (trace: TraceParent) => Promise<T>,
  ): Promise<T> {
    const [first, ...others] = causes;
    const parent = first === undefined ? context.active() : trace.setSpanContext(ROOT_CONTEXT, first);
    const span = tracer.startSpan(
      name,
      {
        kind: SpanKind.PRODUCER,
        attributes: { 'temporal.workflow_id': workflowId },
        links: others.map((cause) => ({ context: cause })),
      },
      parent,
    );
    try {
      return await send(toTraceParent(span));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    watch(app) {
      app.decorateRequest('span', null);
      app.addHook('onRequest', (request, _reply, done) => {
        const { method } = request;
        const route = request.routeOptions.url ?? 'unknown';
        if (!unwatched.has(route)) {
          const attributes = { 'http.request.method': method, 'http.route': route };
          // A stranger's trace is not gone on with: who calls must not decide what is kept.
          request.span = tracer.startSpan(
            `${method} ${route}`,
            { kind: SpanKind.SERVER, attributes },
            ROOT_CONTEXT,
          );
        }
        done();
      });
      app.addHook('preHandler', (request, _reply, done) => {
        if (request.span === null) done();
        else context.with(trace.setSpan(ROOT_CONTEXT, request.span), done);
      });
      app.addHook('onResponse', (request, { statusCode }, done) => {
        request.span?.setAttribute('http.response.status_code', statusCode);
        if (statusCode >= 500) request.span?.setStatus({ code: SpanStatusCode.ERROR });
        request.span?.end();
        done();
      });
    },

    delivered(tenantId) {
      const span = trace.getActiveSpan();
      if (span === undefined || !span.isRecording()) return;
      const workflowId = connectionWorkflowId(tenantId);
      const places = waiting.get(workflowId) ?? [];
      if (places.length < maxDeliveries) places.push(span.spanContext());
      waiting.set(workflowId, places);
      if (waiting.size > maxTenants) waiting.delete(waiting.keys().next().value ?? '');
    },

    interceptor: {
      signalWithStart(input, next) {
        const { signalName } = input;
        const { workflowId } = input.options;
        const causes = signalName === 'webhooksReceived' ? (waiting.get(workflowId) ?? []) : [];
        if (causes.length > 0) waiting.delete(workflowId);
        return tell(`signal ${signalName}`, workflowId, causes, (place) =>
          next({ ...input, headers: withTrace(input.headers, place) }),
        );
      },
      start: (input, next) =>
        tell(`start ${input.workflowType}`, input.options.workflowId, [], (place) =>
          next({ ...input, headers: withTrace(input.headers, place) }),
        ),
    },
    stop: () => tracing.stop(),
  };
}
