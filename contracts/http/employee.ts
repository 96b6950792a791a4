import { z } from 'zod';
import { CivilDate, ListQuery, OwnId, listOf } from './common.ts';
import { FactorialId, SearchText, plainText } from './text.ts';

const ProfileName = z.object({ profileId: z.string(), name: z.string() });

/** An employee of WorkMeter; the same in the wizard's list, at time@work's routes and in the change feed. */
export const Employee = z
  .object({
    employeeId: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    active: z.boolean(),
    startsOn: CivilDate.nullable(),
    endsOn: CivilDate.nullable(),
    link: ProfileName.nullable(),
    suggestion: ProfileName.nullable(),
    parked: z.int(),
  })
  .meta({ id: 'Employee' });
export type Employee = z.infer<typeof Employee>;

export const EmployeeList = listOf(Employee);

export const EmployeeParams = z.object({ employeeId: OwnId });

/** The wizard's list: also by what people look for. */
export const EmployeeQuery = ListQuery.extend({
  status: z.enum(['linked', 'unlinked'], 'must be linked or unlinked').optional(),
  query: SearchText.optional(),
});

// Deliberately wide: time@work decides what an address is, we only compare it.
const Email = plainText(320).regex(/^\s*[^\s@]+@[^\s@]+\s*$/, 'must be an e-mail address or null');

// PostgreSQL knows no year 0.
const EmploymentDate = CivilDate.refine((date) => date >= '0001-01-01', 'must be a date like 2026-11-22');

/** Body of PUT /api/employees/{id}: a whole employee; what is left out is null. */
export const EmployeeInput = z
  .object({
    name: plainText(200),
    email: Email.nullable().default(null),
    startsOn: EmploymentDate.nullable().default(null),
    endsOn: EmploymentDate.nullable().default(null),
  })
  .refine(({ startsOn, endsOn }) => startsOn === null || endsOn === null || startsOn <= endsOn, {
    path: ['endsOn'],
    error: 'must not be before startsOn',
  });

/** Body of PUT …/link. */
export const LinkInput = z.object({ profileId: FactorialId });

/** Body of POST …/employees/links. */
export const LinksInput = z.object({
  links: z
    .array(
      z.object({ employeeId: OwnId, profileId: FactorialId }),
      'must be a list of employeeId and profileId',
    )
    .max(1_000, 'must have at most 1000 entries'),
});

/** What came of each of many links. */
export const LinksResult = z
  .object({
    linked: z.int(),
    refused: z.array(
      z.object({
        employeeId: z.string(),
        profileId: z.string(),
        code: z.enum(['not_found', 'unknown_profile', 'already_linked']),
        detail: z.string(),
      }),
    ),
  })
  .meta({ id: 'LinksResult' });
