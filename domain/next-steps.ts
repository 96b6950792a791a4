/** What comes next for a failure without anybody doing anything, as its row says it. The web has each in its languages. */
export const nextSteps = {
  nextReconciliation: 'It is read again by the next reconciliation.',
  nextAnswer:
    'It is asked for again by itself; the delivery that tells of it is kept until Factorial answers.',
  nextNight: 'It is read again by the nightly reconciliation and by every further webhook about it.',
  replay: 'It is being tried again.',
  nextAudit:
    'It is looked at again within the hour. An engineer finds out why: docs/runbook.md, invariant_broken.',
} as const;
