import { calendar } from './calendar.ts';
import { common } from './common.ts';
import { dayTypes } from './day-types.ts';
import { employees } from './employees.ts';
import { problems } from './problems.ts';

export const en = { common, problems, employees, dayTypes, calendar } as const;
