import { z } from 'zod';
import { CivilDate, ListQuery, listOf } from './common.ts';
import { SearchText } from './text.ts';

/** Factorial's employee, terminated ones included. */
export const Profile = z
  .object({
    profileId: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    active: z.boolean(),
    terminatedOn: CivilDate.nullable(),
    linkedTo: z.object({ employeeId: z.string(), name: z.string() }).nullable(),
  })
  .meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

export const ProfileList = listOf(Profile);

export const ProfileQuery = ListQuery.extend({ query: SearchText.optional() });
