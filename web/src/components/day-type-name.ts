import { useTranslation } from 'react-i18next';
import type { DayType } from '../client/types.ts';

/** Names of day types: ours for those that every account has, in the language of the screen; people's own for theirs. */
export function useDayTypeName(): (dayType: Pick<DayType, 'key' | 'name'>) => string {
  const { t } = useTranslation();
  return ({ key, name }) => (key === null ? name : t(`builtInDayTypes.${key}`));
}
