import { common } from './common.ts';
import { employees } from './employees.ts';
import { problems } from './problems.ts';

export const en = { common, problems, employees } as const;
