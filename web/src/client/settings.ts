import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Settings } from './types.ts';

/** The settings of the integration. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async ({ signal }): Promise<Settings> =>
    await answerOf(api.GET('/api/integrations/factorial/settings', { signal })),
});
