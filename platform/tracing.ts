import {
  diag,
  DiagLogLevel,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  type IdGenerator,
} from '@opentelemetry/sdk-trace-node';
import type { TracingConfig } from './config.ts';
import type { Logger } from './logger.ts';

/** A collector that does not answer must not hold up the end of a process. */
const exportTimeoutMs = 5_000;

/** A span that happened elsewhere, and had its place before it came here. */
export interface FinishedSpan {
  readonly name: string;
  readonly own: string;
  readonly parent: string;
  readonly links: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

export interface Tracing {
  readonly tracer: Tracer;
  tell(span: FinishedSpan): void;
  /** Sends what is left. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Sends the spans of this process to an OpenTelemetry collector, by OTLP over HTTP. Import this module only where tracing
 * is switched on: the SDK is not small. What cannot be sent is dropped, and the log says so.
 */
export function startTracing(
  serviceName: string,
  { endpoint, headers, sampledShare }: TracingConfig,
  logger: Logger,
): Tracing {
  // The text of such errors may quote what was sent to the collector, headers included.
  const sayLost = (): void => logger.warn('traces could not be sent to the collector');
  diag.setLogger(
    {
      error: sayLost,
      warn: () => undefined,
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  const ids = new AssignedIds();
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    headers,
    timeoutMillis: exportTimeoutMs,
  });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampledShare) }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  const tracer = provider.getTracer('factorial-workmeter');
  return {
    tracer,
    tell({ name, own, parent, links, startMs, endMs }) {
      const place = trace.getSpanContext(fromTraceParent(own));
      if (place === undefined) return;
      const linked = links.flatMap((link) => trace.getSpanContext(fromTraceParent(link)) ?? []);
      const options = { startTime: startMs, links: linked.map((context) => ({ context })) };
      ids.assign(place.spanId, () => tracer.startSpan(name, options, fromTraceParent(parent))).end(endMs);
    },
    stop: () => provider.shutdown().catch(sayLost),
  };
}

/** A span's place, as W3C Trace Context writes it. */
export function toTraceParent(span: Span): string {
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  return carrier.traceparent ?? '';
}

/** The other way round. Without a place a trace begins: that of a refresh, a poll, a step of the night. */
export function fromTraceParent(traceparent: string | undefined): Context {
  return traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

/** Random ids, but for a span that has one already. */
class AssignedIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  private assigned: string | undefined;

  generateTraceId(): string {
    return this.random.generateTraceId();
  }

  generateSpanId(): string {
    return this.assigned ?? this.random.generateSpanId();
  }

  assign<T>(spanId: string, start: () => T): T {
    this.assigned = spanId;
    try {
      return start();
    } finally {
      this.assigned = undefined;
    }
  }
}
