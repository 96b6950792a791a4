import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { InjectedSinks, WorkerInterceptors } from '@temporalio/worker';
import type { Observer } from '../activities/observer.ts';
import { readTrace, type TraceSinks } from '../contracts/temporal/traces.ts';
import type { TracingConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { fromTraceParent, startTracing } from '../platform/tracing.ts';

/** The traces of a worker: from a workflow's duty through its activities to each request that they send to Factorial. */
export interface WorkerTraces {
  readonly interceptors: WorkerInterceptors;
  readonly sinks: InjectedSinks<TraceSinks>;
  /** An observer that also gives each request of Factorial a span. */
  watch(observer: Observer): Observer;
  stop(): Promise<void>;
}

/** Import this module only where tracing is switched on. */
export function createWorkerTraces(config: TracingConfig, logger: Logger): WorkerTraces {
  const tracing = startTracing('factorial-workmeter-worker', config, logger);
  const { tracer } = tracing;
  return {
    interceptors: { activity: [activityInterceptor(tracer)] },
    sinks: { traces: { ended: { fn: (_workflow, span) => tracing.tell(span) } } },
    watch: (observer) => ({
      ...observer,
      factorialAnswered(answer) {
        observer.factorialAnswered(answer);
        tellRequest(tracer, answer);
      },
    }),
    stop: () => tracing.stop(),
  };
}

function activityInterceptor(tracer: Tracer): NonNullable<WorkerInterceptors['activity']>[number] {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const attributes = {
          'temporal.workflow_id': info.workflowExecution?.workflowId ?? '',
          'temporal.run_id': info.workflowExecution?.runId ?? '',
          'temporal.activity_id': info.activityId,
          'temporal.attempt': info.attempt,
        };
        const span = tracer.startSpan(
          info.activityType,
          { kind: SpanKind.CONSUMER, attributes },
          fromTraceParent(readTrace(input.headers)),
        );
        try {
          return await context.with(trace.setSpan(ROOT_CONTEXT, span), () => next(input));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
          throw error;
        } finally {
          span.end();
        }
      },
    },
  });
}

/** Told when it is over, inside the activity that asked. Nothing of the address is kept but what was asked for. */
function tellRequest(
  tracer: Tracer,
  { kind, method, page, status, durationMs }: Parameters<Observer['factorialAnswered']>[0],
): void {
  const endTime = Date.now();
  const span = tracer.startSpan(`${method} ${kind}`, {
    kind: SpanKind.CLIENT,
    startTime: endTime - durationMs,
    attributes: {
      'http.request.method': method,
      'factorial.resource': kind,
      ...(page === null ? {} : { 'factorial.page': page }),
      ...(status === null ? {} : { 'http.response.status_code': status }),
    },
  });
  if (status === null || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}

/** Codes only: what an error says is for the log. */
function codeOf(error: unknown): string {
  const { type, name } = error as { type?: unknown; name?: unknown };
  return typeof type === 'string' ? type : String(name);
}
