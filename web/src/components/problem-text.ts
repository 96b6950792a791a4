import { useTranslation } from 'react-i18next';
import { isProblem } from '../client/problem.ts';

/** Sentences of the API that say more than ours can, because they name a field or a person. */
const tellsMore = ['invalid_request', 'already_linked'];

interface ProblemText {
  readonly text: string;
  /** For support, where the fault may be ours. */
  readonly reference: string | null;
}

/** Answers the sentence for an error of a call, in the language of the screen. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { t, i18n } = useTranslation('problems');
  return (error) => {
    if (!isProblem(error)) return { text: t('internal_error'), reference: null };
    const { code, message, status, requestId } = error;
    const own = t(code);
    const text =
      tellsMore.includes(code) && message !== ''
        ? i18n.language === 'en'
          ? message
          : `${own} (${message})`
        : own;
    return { text, reference: status >= 500 ? requestId : null };
  };
}
