import type { ActivityDependencies } from '../../activities/dependencies.ts';

/** Where the browser comes back to. */
export const publicUrl = 'https://timework.test';

/** What activities are told of their surroundings. */
export const activitySettings: ActivityDependencies['settings'] = {
  publicUrl,
  previousPublicUrls: [],
  apiVersion: '2026-10-01',
  requestsPerMinute: 1_000_000,
  planRequestsPerNight: 10_000,
  nightlyHour: 2,
  holidayPollMinutes: 60,
};
