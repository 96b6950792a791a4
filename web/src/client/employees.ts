import {
  queryOptions,
  useMutation,
  useQueries,
  useQueryClient,
  type QueryClient,
  type UseMutationResult,
} from '@tanstack/react-query';
import { answerOf, api } from './api.ts';
import type { Employee, LinksResult, Profile } from './types.ts';
import { pageSize, patchWholeList, useWholeList, type ListPage, type WholeList } from './whole-list.ts';

export const employeesKey = ['employees'] as const;
/** Every search among the profiles begins with it. */
export const profilesKey = ['profiles'] as const;

/** All employees of WorkMeter, by name. */
export function useEmployees(): WholeList<Employee> {
  return useWholeList<Employee>(employeesKey, (cursor, signal) =>
    answerOf(
      api.GET('/api/integrations/factorial/employees', {
        params: { query: { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) } },
        signal,
      }),
    ),
  );
}

/** One employee of WorkMeter. */
export function employeeQuery(employeeId: string) {
  return queryOptions({
    queryKey: ['employee', employeeId],
    queryFn: async ({ signal }): Promise<Employee> =>
      await answerOf(api.GET('/api/employees/{employeeId}', { params: { path: { employeeId } }, signal })),
    staleTime: 60_000,
  });
}

/** Names of a few employees by their ids; the id itself until its name is known. */
export function useEmployeeNames(employeeIds: readonly string[]): (employeeId: string) => string {
  return useQueries({
    queries: [...new Set(employeeIds)].map(employeeQuery),
    combine: (answers) => (employeeId) =>
      answers.find(({ data }) => data?.employeeId === employeeId)?.data?.name ?? employeeId,
  });
}

/** The first profiles of Factorial whose name or e-mail contains `query`. */
export async function searchProfiles(query: string, signal: AbortSignal): Promise<ListPage<Profile>> {
  return await answerOf(
    api.GET('/api/integrations/factorial/profiles', { params: { query: { query } }, signal }),
  );
}

/** The first employees of WorkMeter whose name or e-mail contains `query`. */
export async function searchEmployees(query: string, signal: AbortSignal): Promise<ListPage<Employee>> {
  return await answerOf(
    api.GET('/api/integrations/factorial/employees', { params: { query: { query } }, signal }),
  );
}

export interface Link {
  readonly employeeId: string;
  readonly profileId: string;
}

/** Links one employee, or moves the link to another profile. */
export function useLink(): UseMutationResult<Employee, unknown, Link> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ employeeId, profileId }) =>
      answerOf(
        api.PUT('/api/integrations/factorial/employees/{employeeId}/link', {
          params: { path: { employeeId } },
          body: { profileId },
        }),
      ),
    onSuccess: (linked) => {
      patchWholeList<Employee>(client, employeesKey, (employee) => {
        if (employee.employeeId === linked.employeeId) return linked;
        return employee.suggestion?.profileId === linked.link?.profileId
          ? { ...employee, suggestion: null } // the profile has been taken
          : employee;
      });
      forgetWhatLinksChange(client);
    },
  });
}

/** Takes the link of an employee away. */
export function useUnlink(): UseMutationResult<void, unknown, { readonly employeeId: string }> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ employeeId }) =>
      answerOf(
        api.DELETE('/api/integrations/factorial/employees/{employeeId}/link', {
          params: { path: { employeeId } },
        }),
      ),
    onSuccess: (_, { employeeId }) => {
      patchWholeList<Employee>(client, employeesKey, (employee) =>
        employee.employeeId === employeeId ? { ...employee, link: null, parked: 0 } : employee,
      );
      forgetWhatLinksChange(client);
      void client.invalidateQueries({ queryKey: employeesKey }); // whom it frees may be suggested again
    },
  });
}

/** Links many at once. What was refused is in the answer. */
export async function linkMany(links: readonly Link[]): Promise<LinksResult> {
  return await answerOf(
    api.POST('/api/integrations/factorial/employees/links', { body: { links: [...links] } }),
  );
}

/** After a link has come or gone: counts on the card, who holds a profile, and every calendar are to be read again. */
export function forgetWhatLinksChange(client: QueryClient): void {
  for (const queryKey of [['card'], ['employee'], profilesKey, ['calendar'], ['activity']])
    void client.invalidateQueries({ queryKey });
}
