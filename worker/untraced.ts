import type { InjectedSinks } from '@temporalio/worker';
import type { TraceSinks } from '../contracts/temporal/traces.ts';

/** Spans of workflows whose signals came with a trace, at a worker that traces nothing: they are dropped in silence. */
export const untraced: InjectedSinks<TraceSinks> = { traces: { ended: { fn: () => undefined } } };
