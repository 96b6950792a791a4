import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { Sinks } from '@temporalio/workflow';

/** The header in which a trace crosses Temporal, by the convention of Temporal's SDKs: `{traceparent}`. */
export const traceHeader = '_tracer-data';

/** A place in a trace, as W3C Trace Context writes it: `00-<trace>-<span>-<flags>`. */
export type TraceParent = string;

export const traceParentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A span of a workflow: sandboxed code holds no exporter, and hands it to the worker. Times in ms since the epoch. */
export interface WorkflowSpan {
  readonly name: string;
  readonly own: TraceParent;
  /** Of the same trace. */
  readonly parent: TraceParent;
  /** Other traces that come together in this span. */
  readonly links: readonly TraceParent[];
  readonly startMs: number;
  readonly endMs: number;
}

export interface TraceSinks extends Sinks {
  traces: { ended(span: WorkflowSpan): void };
}

/** Headers that carry a trace. */
export function withTrace(headers: Headers, traceparent: TraceParent): Headers {
  return { ...headers, [traceHeader]: defaultPayloadConverter.toPayload({ traceparent }) };
}

/** A header that cannot be read is none: nothing must ever stop for the sake of a trace. */
export function readTrace(headers: Headers): TraceParent | undefined {
  const payload = headers[traceHeader];
  if (payload === undefined) return undefined;
  try {
    const { traceparent } = defaultPayloadConverter.fromPayload<{ traceparent?: unknown }>(payload);
    return typeof traceparent === 'string' && traceParentPattern.test(traceparent) ? traceparent : undefined;
  } catch {
    return undefined;
  }
}
