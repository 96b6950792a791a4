import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answerOf, api } from './api.ts';
import { useCard } from './card.ts';
import type { AbsenceType, DayType, MappingPreview } from './types.ts';
import { pageSize, patchWholeList, useWholeList, type WholeList } from './whole-list.ts';

const absenceTypesKey = ['absence-types'] as const;
const dayTypesKey = ['day-types'] as const;

/** What an absence type is to mean. Null: it is to be mapped again. */
export type Meaning =
  | { readonly dayTypeId: string }
  | {
      readonly create: { readonly name: string; readonly color: string; readonly expectedMinutes: number };
    }
  | { readonly ignored: true };

/** All absence types of Factorial, by name; read again when the card tells that more or less waits than before. */
export function useAbsenceTypes(): WholeList<AbsenceType> {
  const client = useQueryClient();
  const { data: card } = useCard();
  const waiting = card === undefined ? null : `${card.parked.absences} ${card.parked.types}`;
  const known = useRef(waiting);
  useEffect(() => {
    if (known.current !== null && known.current !== waiting)
      void client.invalidateQueries({ queryKey: absenceTypesKey });
    known.current = waiting;
  }, [client, waiting]);
  return useWholeList<AbsenceType>(absenceTypesKey, (cursor, signal) =>
    answerOf(api.GET('/api/integrations/factorial/day-types', { params: { query: pageOf(cursor) }, signal })),
  );
}

/** All day types of WorkMeter, by name. */
export function useDayTypes(): WholeList<DayType> {
  return useWholeList<DayType>(dayTypesKey, (cursor, signal) =>
    answerOf(api.GET('/api/day-types', { params: { query: pageOf(cursor) }, signal })),
  );
}

/** What a meaning would change, without changing it. */
export async function previewMeaning(
  absenceTypeId: string,
  body: Meaning,
  signal: AbortSignal,
): Promise<MappingPreview> {
  return await answerOf(
    api.POST('/api/integrations/factorial/day-types/{absenceTypeId}/preview', {
      params: { path: { absenceTypeId } },
      body,
      signal,
    }),
  );
}

export interface Decision {
  readonly absenceTypeId: string;
  /** Null: it is to be mapped again. */
  readonly meaning: Meaning | null;
}

/** Gives an absence type a meaning, or takes it away. */
export function useDecision(): UseMutationResult<void, unknown, Decision> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ absenceTypeId, meaning }) => {
      const params = { path: { absenceTypeId } };
      const path = '/api/integrations/factorial/day-types/{absenceTypeId}';
      if (meaning === null) {
        await answerOf(api.DELETE(path, { params }));
        await client.invalidateQueries({ queryKey: absenceTypesKey });
        return;
      }
      const decided = await answerOf(api.PUT(path, { params, body: meaning }));
      patchWholeList<AbsenceType>(client, absenceTypesKey, (type) =>
        type.absenceTypeId === absenceTypeId ? decided : type,
      );
    },
    onSuccess: () => {
      for (const queryKey of [dayTypesKey, ['card'], ['employees'], ['calendar'], ['activity']])
        void client.invalidateQueries({ queryKey });
    },
  });
}

function pageOf(cursor: string | undefined): { limit: string; cursor?: string } {
  return { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
}
