import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Tenant } from './types.ts';

/** The account: its name, time zone and language. */
export const tenantQuery = queryOptions({
  queryKey: ['tenant'],
  queryFn: async ({ signal }): Promise<Tenant> => await answerOf(api.GET('/api/tenant', { signal })),
});
