import { describe, expect, it } from '@jest/globals';
import { activitySentences, operatorOutcomes, operatorSentence } from '../../domain/activity.ts';
import { refusals } from '../../domain/connection-machine.ts';
import { errorCodes } from '../../domain/errors.ts';
import { nextSteps } from '../../domain/next-steps.ts';
import { operatorVerbs } from '../../domain/operator-verbs.ts';
import { permissionNames } from '../../domain/permissions.ts';
import { warningCodes, warningTexts } from '../../domain/warnings.ts';
import {
  nextStepKeys,
  permissionNames as namesInWeb,
  refusalKeys,
  verbOf,
} from '../../web/src/client/known-sentences.ts';
import { ca } from '../../web/src/texts/ca/index.ts';
import { en } from '../../web/src/texts/en/index.ts';
import { es } from '../../web/src/texts/es/index.ts';

/** Whatever the service can say has words in each language; that all languages have the same keys is another suite's. */

const keysOf = (texts: object): string[] => Object.keys(texts).toSorted();
const outcomesOf = (kinds: Readonly<Record<string, object>>): object =>
  Object.fromEntries(Object.entries(kinds).map(([kind, outcomes]) => [kind, keysOf(outcomes)]));

describe.each([
  ['English', en],
  ['Spanish', es],
  ['Catalan', ca],
])('in %s', (_language, { problems, warnings, activity }) => {
  it('every error code, and so every reason of a failure, has a sentence', () => {
    expect(keysOf(problems)).toEqual(expect.arrayContaining(errorCodes.toSorted()));
  });

  it('every warning has a sentence, and every action a name', () => {
    expect(keysOf(warnings.message)).toEqual(warningCodes.toSorted());
    const actions = new Set(Object.values(warningTexts).map(({ action }) => action.code));
    expect(keysOf(warnings.action)).toEqual([...actions].toSorted());
  });

  it('every kind of activity has a sentence for each outcome', () => {
    const { person, ...others } = activitySentences;
    const { person: told, ...othersTold } = activity.told;
    expect(outcomesOf(othersTold)).toEqual(outcomesOf(others));
    expect(keysOf(told)).toEqual([...keysOf(person), ...operatorOutcomes].toSorted());
  });

  it('everything that operators may do has a name', () => {
    expect(keysOf(activity.verbs)).toEqual(operatorVerbs.toSorted());
  });

  it('what comes next for a failure, and why a command was refused, have sentences', () => {
    expect(keysOf(activity.nextSteps)).toEqual(keysOf(nextSteps));
    expect(keysOf(warnings.refusal)).toEqual(keysOf(refusals));
  });
});

it('the sentences that have no code are known by their words', () => {
  expect(Object.fromEntries(nextStepKeys)).toEqual(
    Object.fromEntries(Object.entries(nextSteps).map(([key, sentence]) => [sentence, key])),
  );
  expect(Object.fromEntries(refusalKeys)).toEqual(
    Object.fromEntries(Object.entries(refusals).map(([key, sentence]) => [sentence, key])),
  );
});

it('what an operator did is known from the sentence of the activity', () => {
  const sentences = operatorVerbs.flatMap((verb) =>
    operatorOutcomes.map((outcome) => operatorSentence(verb, outcome, 'So it ended.')),
  );

  expect(sentences.map(verbOf)).toEqual(operatorVerbs.flatMap((verb) => [verb, verb, verb]));
  expect(verbOf('An operator’s new verb: so it ended.')).toBeNull();
});

it('English says them as the service does', () => {
  const list = new Intl.ListFormat('en-GB').format(namesInWeb);
  const told = Object.entries(en.warnings.message).map(([code, text]) => [
    code,
    text.replace('{{permissions}}', list),
  ]);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(Object.entries(warningTexts).map(([code, { message }]) => [code, message])),
  );
  expect(namesInWeb).toEqual(Object.values(permissionNames));
  expect(en.warnings.refusal).toEqual(refusals);
});
