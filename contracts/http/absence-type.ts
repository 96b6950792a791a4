import { z } from 'zod';
import { CivilDate, OwnId, listOf } from './common.ts';
import { DayType, DayTypeInput } from './day-type.ts';
import { FactorialId } from './text.ts';

/** Factorial's leave type, and what it means in WorkMeter. */
export const AbsenceType = z
  .object({
    absenceTypeId: z.string(),
    name: z.string(),
    color: z.string().nullable(),
    active: z.boolean(),
    workable: z.boolean(),
    status: z.enum(['mapped', 'to_be_mapped', 'ignored']),
    dayType: DayType.nullable(),
    parked: z.object({ absences: z.int(), employees: z.int() }),
  })
  .meta({ id: 'AbsenceType' });
export type AbsenceType = z.infer<typeof AbsenceType>;

export const AbsenceTypeList = listOf(AbsenceType);

export const AbsenceTypeParams = z.object({ absenceTypeId: FactorialId });

const exactlyOne = 'must have exactly one of dayTypeId, create and ignored';

/** Body of PUT …/day-types/{absenceTypeId} and of its preview: an existing day type, a new one, or none at all. */
export const MappingInput = z
  .object({
    dayTypeId: OwnId.optional(),
    create: DayTypeInput.optional(),
    ignored: z.literal(true, 'must be true').optional(),
  })
  .superRefine((body, context) => {
    const given = (['dayTypeId', 'create', 'ignored'] as const).filter((key) => body[key] !== undefined);
    if (given.length !== 1)
      context.addIssue({ code: 'custom', path: [given[1] ?? 'dayTypeId'], message: exactlyOne });
  });

/** What a mapping would change. */
export const MappingPreview = z
  .object({
    absences: z.int(),
    employees: z.int(),
    days: z.int(),
    sample: z.array(z.object({ employeeId: z.string(), date: CivilDate, before: z.int(), after: z.int() })),
  })
  .meta({ id: 'MappingPreview' });
