import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { tenantQuery } from './client/tenant.ts';
import { formatOf, type Format } from './format-of.ts';

/** Dates and numbers in the language of the screen; instants in the time zone of the account, as soon as that is known. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  // It is changed here, or hardly ever. Asking again after an error is for whoever can say so.
  const { data } = useQuery({ ...tenantQuery, staleTime: Infinity, retryOnMount: false });
  return formatOf(i18n.language, data?.timeZone);
}
