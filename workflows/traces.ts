import {
  AsyncLocalStorage,
  getRandomStream,
  inWorkflowContext,
  proxySinks,
  workflowInfo,
  type Headers,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import type { ConnectionState, DutyName } from '../contracts/temporal/connection-state.ts';
import { workflowTypes } from '../contracts/temporal/names.ts';
import {
  readTrace,
  traceParentPattern,
  withTrace,
  type TraceParent,
  type TraceSinks,
} from '../contracts/temporal/traces.ts';

/**
 * Carries traces through workflows, by headers: from a signal to the duties that it makes due, from there to activities
 * and children. Without such a header nothing here does anything, so that histories with and without traces replay alike
 * (docs/decisions/0018-traces-end-with-what-was-rung-for.md).
 */

/** More doorbells than these before a duty begins are not told apart. */
const maxCauses = 8;

/** Outside of a workflow, as in tests of its parts, there is no trace. */
const underWay = inWorkflowContext() ? new AsyncLocalStorage<TraceParent>() : undefined;

/** What the SDK calls at the border of every workflow in the bundle. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        const parent = readTrace(input.headers);
        // A connection lives for years: each of its duties has a span of its own.
        const hasEnd = workflowInfo().workflowType !== workflowTypes.connection;
        return parent === undefined || !hasEnd
          ? await next(input)
          : await inSpan(workflowInfo().workflowType, [parent], () => next(input));
      },
      async handleSignal(input, next) {
        const trace = readTrace(input.headers);
        if (trace === undefined || underWay === undefined) return await next(input);
        return await underWay.run(trace, () => next(input));
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) => await next(goingOn(input)),
      startChildWorkflowExecution: async (input, next) => await next(goingOn(input)),
      signalWorkflow: async (input, next) => await next(goingOn(input)),
      continueAsNew: async (input, next) => await next(goingOn(input)),
    },
  ],
});

/** Called by a signal's handler: the duty that the signal makes due goes on with its trace. */
export function noteTrace({ traces }: ConnectionState, duty: DutyName): void {
  const trace = underWay?.getStore();
  const causes = traces[duty] ?? [];
  if (trace !== undefined && causes.length < maxCauses) traces[duty] = [...causes, trace];
}

/** What made a duty due; asked for once. */
export function takeTraces({ traces }: ConnectionState, duty: DutyName): readonly TraceParent[] {
  const causes = traces[duty] ?? [];
  delete traces[duty];
  return causes;
}

/** Runs `work` in a span of the first cause's trace, linked to the others; without a cause, in none. */
export async function inSpan<T>(
  name: string,
  [parent, ...links]: readonly TraceParent[],
  work: () => Promise<T>,
): Promise<T> {
  if (parent === undefined || underWay === undefined) return await work();
  const own = parent.replace(traceParentPattern, `00-$1-${newSpanId()}-$3`);
  const startMs = Date.now();
  try {
    return await underWay.run(own, work);
  } finally {
    proxySinks<TraceSinks>().traces.ended({ name, own, parent, links, startMs, endMs: Date.now() });
  }
}

/** From a stream of its own: what the workflow's other random numbers are does not depend on traces. */
function newSpanId(): string {
  const bytes = getRandomStream('traces').fill(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function goingOn<Input extends { readonly headers: Headers }>(input: Input): Input {
  const trace = underWay?.getStore();
  return trace === undefined ? input : { ...input, headers: withTrace(input.headers, trace) };
}
