import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Day, Explanation } from './types.ts';

const calendarKey = (employeeId: string) => ['calendar', employeeId] as const;

/** An employee's days of a year, by date. Days outside the employment are not among them. */
export function useYear(employeeId: string, year: number): UseQueryResult<ReadonlyMap<string, Day>> {
  return useQuery({
    queryKey: [...calendarKey(employeeId), year],
    queryFn: async ({ signal }) =>
      await answerOf(
        api.GET('/api/employees/{employeeId}/calendar', {
          params: { path: { employeeId }, query: { from: `${year}-01-01`, to: `${year}-12-31` } },
          signal,
        }),
      ),
    select: byDate,
    placeholderData: keepPreviousData, // the way from one year to the next keeps the grid, and the focus in it
  });
}

/** Why a day is as it is. */
export function useExplanation(employeeId: string, date: string): UseQueryResult<Explanation> {
  return useQuery({
    queryKey: [...calendarKey(employeeId), 'why', date],
    queryFn: async ({ signal }) =>
      await answerOf(
        api.GET('/api/employees/{employeeId}/calendar/{date}/explanation', {
          params: { path: { employeeId, date } },
          signal,
        }),
      ),
  });
}

export interface DayEdit {
  readonly dayTypeId: string;
  /** Null: those of the day type. */
  readonly expectedMinutes: number | null;
  readonly note: string | null;
}

/** Sets a day by hand; null takes the edit back. */
export function useEditDay(
  employeeId: string,
  date: string,
): UseMutationResult<void, unknown, DayEdit | null> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (edit) => {
      const params = { path: { employeeId, date } };
      const path = '/api/employees/{employeeId}/calendar/{date}';
      if (edit === null) await answerOf(api.DELETE(path, { params }));
      else await answerOf(api.PUT(path, { params, body: edit }));
      await client.invalidateQueries({ queryKey: calendarKey(employeeId) });
    },
  });
}

function byDate({ items }: { readonly items: readonly Day[] }): ReadonlyMap<string, Day> {
  return new Map(items.map((day) => [day.date, day]));
}
