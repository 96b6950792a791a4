/**
 * Bugs to plant, one text in the place of another. Each breaks a rule of design.md; the convergence property must see every one of
 * them, or it is too weak.
 */
export interface Mutation {
  readonly name: string;
  /** Where the broken sentence stands in design.md. */
  readonly rule: string;
  readonly file: string;
  /** What stands once in the file, and what is put in its place. */
  readonly edits: readonly (readonly [find: string, replace: string])[];
}

const day = 'domain/day.ts';
const sync = 'repositories/sync.ts';
const reconciliation = 'activities/reconciliation.ts';

export const mutations: readonly Mutation[] = [
  {
    name: 'two claims take the same half',
    rule: '5.2, a claim takes its own half or nothing',
    file: day,
    edits: [['this.halfTaken[wish.half] || this.left', 'this.left']],
  },
  {
    name: 'workable types come first',
    rule: '5.2, last, in the same order, absences of workable types',
    file: day,
    edits: [['(candidate.workable ? 10 : 0)', '(candidate.workable ? -10 : 0)']],
  },
  {
    name: 'later ids come first',
    rule: '5.2, within a kind by Factorial id',
    file: day,
    edits: [['(a.id < b.id ? -1 : a.id > b.id ? 1 : 0)', '(a.id < b.id ? 1 : a.id > b.id ? -1 : 0)']],
  },
  {
    name: 'an open-ended absence keeps its half day',
    rule: '5.2, an open-ended absence has no end, its half_day is ignored',
    file: day,
    edits: [['halfDay !== null && finishOn !== null', 'halfDay !== null']],
  },
  {
    name: 'the half of several days is at the other end',
    rule: '5.2, end_of_day means the second half of the first day',
    file: day,
    edits: [
      [
        'wish.half === 1 ? date === startOn : date === finishOn',
        'wish.half === 1 ? date === finishOn : date === startOn',
      ],
    ],
  },
  {
    name: 'no hours are hours',
    rule: '5.2, hours null or ≤ 0: not hourly',
    file: day,
    edits: [['hoursInCents !== null && hoursInCents > 0', 'hoursInCents !== null']],
  },
  {
    name: 'minutes are cut instead of rounded',
    rule: '5.3, rounded half up once at the end',
    file: day,
    edits: [['(2n * numerator + denominator) / (2n * denominator)', 'numerator / denominator']],
  },
  {
    name: 'on a tie the later claim names the day',
    rule: '5.4, the earlier claim on a tie',
    file: day,
    edits: [['amount > largest', 'amount >= largest']],
  },
  {
    name: 'the last day of employment is no day',
    rule: '5.6, both inclusive',
    file: day,
    edits: [['last === null || date <= last', 'last === null || date < last']],
  },
  {
    name: 'a change of location holds for all days',
    rule: '5.7, a change of location holds from the day it was observed',
    file: day,
    edits: [['if (one.fromOn <= date) found', 'found']],
  },
  {
    name: 'nobody has the default week',
    rule: '5.1, the default week if no day of this employee is known in the horizon',
    file: day,
    edits: [['facts.profile !== null && facts.planKnown', 'facts.profile !== null']],
  },
  {
    name: 'a sync overwrites an edit',
    rule: '4.7, manual edits win',
    file: day,
    edits: [['if (edit === undefined) {', 'if (edit === undefined || outcome.claims.length > 0) {']],
  },
  {
    name: 'an older read overwrites a newer one',
    rule: '4.5, older never overwrites newer',
    file: 'repositories/fact-table.ts',
    edits: [
      ['stored.read_number >= input."$readNumber" AS "$stale"', 'false AS "$stale"'],
      [' AND stored.read_number < input."$readNumber"`;', '`;'],
    ],
  },
  {
    name: 'an absence that moves leaves its old days behind',
    rule: '5, days follow from facts',
    file: sync,
    edits: [
      [
        'outcome.updated.flatMap(({ before, after }) => [before, after]),\n  ]);\n  const deleted',
        'outcome.updated.flatMap(({ after }) => [after]),\n  ]);\n  const deleted',
      ],
    ],
  },
  {
    name: 'a mapping applies nothing that is parked',
    rule: '4.8, mapping or linking applies exactly those',
    file: 'repositories/mappings.ts',
    edits: [['  await markAbsenceType(tx, tenantId, absenceTypeId);\n', '']],
  },
  {
    name: 'a link applies nothing that is parked',
    rule: '4.8, mapping or linking applies exactly those',
    file: 'repositories/links.ts',
    edits: [['employeeIds.map((employeeId) => ({ employeeId, fromOn: null, toOn: null })),', '[],']],
  },
  {
    name: 'the feed does not tell of other minutes',
    rule: '4.17, the feed is complete',
    file: 'repositories/recompute.ts',
    edits: [['    before.expectedMinutes !== after.expectedMinutes ||\n', '']],
  },
  {
    name: 'a sweep ends with its first page',
    rule: '4.6, distinct ids = meta.total',
    file: reconciliation,
    edits: [
      ['pages > 0 && cursor === null', 'pages > 0'],
      ['done: page.nextCursor === null,', 'done: true,'],
    ],
  },
  {
    name: 'what is not listed is deleted without asking',
    rule: '4.6, asked for by ids[] together with an id known to be there',
    file: reconciliation,
    edits: [
      [
        'const gone = await askAgain(step, kind, missing, provenRead);',
        'const gone = missing;\n    void askAgain;',
      ],
    ],
  },
  {
    name: 'a vanished employee is deleted without a person',
    rule: '4.6, a vanished employee always waits for approval',
    file: reconciliation,
    edits: [["kind === 'employees' || isBraked", 'isBraked']],
  },
  {
    name: 'the horizon does not move on',
    rule: '5, stored for the horizon',
    file: reconciliation,
    edits: [['        await markEveryone(tx, tenantId);\n', '']],
  },
  {
    name: 'people of the beginning are taken in',
    rule: '5, onboarding of profiles that appear after the connection was made',
    file: 'repositories/onboarding.ts',
    edits: [[' AND NOT profile.baseline', '']],
  },
];
