import { z } from 'zod';
import { OwnId, listOf } from './common.ts';
import { Color, DayMinutes, plainText } from './text.ts';

/** WorkMeter's kind of a day. */
export const DayType = z
  .object({
    id: z.string(),
    key: z.enum(['working_day', 'day_off', 'holiday']).nullable(),
    name: z.string(),
    color: z.string(),
    expectedMinutes: z.int(),
    builtIn: z.boolean(),
  })
  .meta({ id: 'DayType' });
export type DayType = z.infer<typeof DayType>;

export const DayTypeList = listOf(DayType);

export const DayTypeParams = z.object({ dayTypeId: OwnId });

/** Body of PUT /api/day-types/{id}, and of a day type made together with a mapping. */
export const DayTypeInput = z.object({ name: plainText(100), color: Color, expectedMinutes: DayMinutes });
