import { useTranslation } from 'react-i18next';
import { nextStepKeys } from '../../client/known-sentences.ts';
import type { problems } from '../../texts/en/problems.ts';
import { kinds } from './drift.ts';

type ProblemKey = keyof typeof problems;

export interface FailureText {
  readonly reasonOf: (code: string) => string;
  readonly remedyOf: (nextStep: string) => string;
  readonly resourceOf: (resource: string) => string;
}

/** Words for what a failure says, in the language of the screen; what is not known is shown as it came. */
export function useFailureText(): FailureText {
  const { t } = useTranslation('activity');
  const { t: problem, i18n } = useTranslation('problems');
  const isProblemKey = (code: string): code is ProblemKey => i18n.exists(code, { ns: 'problems' });
  return {
    reasonOf: (code) => (isProblemKey(code) ? problem(code) : code),
    remedyOf: (nextStep) => {
      const key = nextStepKeys.get(nextStep);
      return key === undefined ? nextStep : t(`nextSteps.${key}`);
    },
    resourceOf: (resource) => {
      const kind = [...kinds, 'schedules' as const, 'audit' as const].find((one) => one === resource);
      return kind === undefined ? resource : t(`kindOne.${kind}`);
    },
  };
}
