import { describe, expect, it } from '@jest/globals';
import { operatorVerbs, readRequest, type OperatorVerb } from './operator-verbs.ts';

const id = '0b6c1b1e-53a5-4f0c-8a57-3f3f7f8f0c11';

describe('what an operator typed', () => {
  it.each<[OperatorVerb, unknown]>([
    ['pause', undefined],
    ['pause', {}],
    ['resume', { dryRun: true, actor: 'ada', reason: 'ticket 12' }],
    ['reconcile', { dryRun: false }],
    ['syncResource', { resource: 'absences', factorialId: '90071992547409931' }],
    ['resyncStream', { resource: 'planned_minutes' }],
    ['replay', { code: 'schema_drift' }],
    ['replay', { failureIds: [id], resource: 'absences', since: '2026-11-26T00:00:00Z' }],
    ['decideDeletions', { reconciliationId: id, decision: 'approve' }],
    ['decideDeletions', { reconciliationId: id, decision: 'reject', kinds: ['employees'] }],
  ])('is taken: %s %j', (verb, ask) => {
    expect(readRequest(verb, ask)).toEqual({ verb, ask: ask ?? {} });
  });

  it.each<[OperatorVerb, unknown, string]>([
    ['pause', { dryrun: true }, 'pause: dryrun is not known; it takes dryRun, actor, reason'],
    ['pause', { dryRun: 'yes' }, 'pause: dryRun must be true or false'],
    ['pause', 'now', 'pause: its input must be a JSON object'],
    ['pause', [], 'pause: its input must be a JSON object'],
    ['pause', null, 'pause: its input must be a JSON object'],
    ['resume', { reason: 'x'.repeat(501) }, 'resume: reason must be text of at most 500 characters'],
    ['resume', { actor: ' ' }, 'resume: actor must be text of at most 500 characters'],
    ['syncResource', {}, 'syncResource: resource must be one of employees, absences, absence_types'],
    [
      'syncResource',
      { resource: 'absences', factorialId: 12 },
      'syncResource: factorialId must be the id that Factorial gave it, as text',
    ],
    [
      'resyncStream',
      { resource: 'salaries' },
      'resyncStream: resource must be one of employees, absence_types, holidays, absences, planned_minutes',
    ],
    ['replay', {}, 'replay: say which failures, by failureIds, code, resource, since'],
    ['replay', { dryRun: true }, 'replay: say which failures, by failureIds, code, resource, since'],
    ['replay', { failureIds: [] }, 'replay: failureIds must be 1 to 1000 ids of failures'],
    ['replay', { failureIds: ['all'] }, 'replay: failureIds must be 1 to 1000 ids of failures'],
    ['replay', { since: 'yesterday' }, 'replay: since must be an instant as ISO 8601'],
    [
      'decideDeletions',
      { reconciliationId: 'last', decision: 'approve' },
      'decideDeletions: reconciliationId must be the id of a reconciliation',
    ],
    [
      'decideDeletions',
      { reconciliationId: id, decision: 'maybe' },
      'decideDeletions: decision must be one of approve, reject',
    ],
    [
      'decideDeletions',
      { reconciliationId: id, decision: 'approve', kinds: ['salaries'] },
      'decideDeletions: kinds must be a list of employees, absence_types, holidays, absences, planned_minutes',
    ],
  ])('is refused with a sentence: %s %j', (verb, ask, sentence) => {
    expect(readRequest(verb, ask)).toBe(sentence);
  });

  it.each(operatorVerbs)('%s never takes a field that is not known', (verb) => {
    expect(readRequest(verb, { surprise: 1 })).toContain(`${verb}: surprise is not known`);
  });
});
