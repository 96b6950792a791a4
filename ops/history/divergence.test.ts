import { describe, expect, it } from '@jest/globals';
import { describeDivergence } from './divergence.ts';

const wrapped = (reason: string): string =>
  `Replay failed with a nondeterminism error. Details: Workflow activation completion failed: Failure { failure: Some(Failure { message: "[TMPRL1100] Nondeterminism error: ${reason}", source: "", stack_trace: "" }) }`;
const batch = [
  { id: 17, type: 'UpsertWorkflowSearchAttributes', name: null },
  { id: 18, type: 'ActivityTaskScheduled', name: 'readConnection' },
  { id: 19, type: 'StartChildWorkflowExecutionInitiated', name: 'child/1' },
];

describe('describeDivergence', () => {
  it.each([
    [
      "Activity type of scheduled event 'readConnection' does not match activity type of activity command 'drainInbox'",
      { id: 18, historyHas: 'ActivityTaskScheduled readConnection', codeWants: 'drainInbox' },
    ],
    [
      "Child workflow id of scheduled event 'child/1' does not match child workflow id of command 'child/2'",
      { id: 19, historyHas: 'StartChildWorkflowExecutionInitiated child/1', codeWants: 'child/2' },
    ],
    [
      'UpsertWorkflowSearchAttributesMachine does not handle HistoryEvent(id: 18, ActivityTaskScheduled)',
      {
        id: 18,
        historyHas: 'ActivityTaskScheduled readConnection',
        codeWants: 'an update of search attributes',
      },
    ],
    [
      'Timer machine does not handle this event: HistoryEvent(id: 17, UpsertWorkflowSearchAttributes)',
      { id: 17, historyHas: 'UpsertWorkflowSearchAttributes', codeWants: 'a timer' },
    ],
    [
      'No command scheduled for event HistoryEvent(id: 18, ActivityTaskScheduled)',
      { id: 18, historyHas: 'ActivityTaskScheduled readConnection', codeWants: 'nothing' },
    ],
  ])('%s', (reason, { id, ...expected }) => {
    const divergence = describeDivergence(wrapped(reason), batch);

    expect(divergence).toMatchObject({ ...expected, message: reason });
    expect(divergence.event?.id).toBe(id);
  });

  it('says so where the code wants more than the history has', () => {
    expect(describeDivergence(wrapped('Something new'), [])).toEqual({
      event: null,
      historyHas: 'nothing more',
      codeWants: 'something else',
      message: 'Something new',
    });
  });
});
