import type { Texts } from '../i18n.ts';
import { calendar } from './calendar.ts';
import { common } from './common.ts';
import { dayTypes } from './day-types.ts';
import { employees } from './employees.ts';
import { problems } from './problems.ts';

export const ca: Texts = { common, problems, employees, dayTypes, calendar };
