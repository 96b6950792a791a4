import { useTranslation } from 'react-i18next';
import { isProblem } from '../client/problem.ts';
import { linkedToName, wrongFields } from '../client/problem-detail.ts';
import type { common } from '../texts/en/common.ts';

interface ProblemText {
  readonly text: string;
  /** For support, where the fault may be ours. */
  readonly reference: string | null;
}

type FieldKey = `fields.${keyof typeof common.fields}`;

/** Answers the sentence for an error of a call, in the language of the screen. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { t, i18n } = useTranslation('problems');
  const { t: common } = useTranslation();
  const { t: employees } = useTranslation('employees');
  const isFieldKey = (key: string): key is FieldKey => i18n.exists(key, { ns: 'common' });

  /** Names the fields as the screen does; what is wrong with them only where the screen speaks the API's language. */
  function textOfFields(detail: string): string | null {
    const named = wrongFields(detail).flatMap(({ path, why }) => {
      const key = path.map((part) => `fields.${part}`).find(isFieldKey);
      if (key === undefined) return [];
      return i18n.language === 'en' ? `${common(key)} ${why}` : common(key);
    });
    return named.length === 0 ? null : common('wrongFields', { fields: [...new Set(named)].join(', ') });
  }

  /** What the API's sentence says beyond ours. */
  function textOfDetail(code: string, detail: string): string | null {
    if (code === 'invalid_request') return textOfFields(detail);
    const name = code === 'already_linked' ? linkedToName(detail) : null;
    return name === null ? null : employees('picker.taken', { name });
  }

  return (error) => {
    if (!isProblem(error)) return { text: t('internal_error'), reference: null };
    const { code, message, status, requestId } = error;
    return { text: textOfDetail(code, message) ?? t(code), reference: status >= 500 ? requestId : null };
  };
}
