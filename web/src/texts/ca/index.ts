import type { Texts } from '../shape.ts';
import { activity } from './activity.ts';
import { calendar } from './calendar.ts';
import { common } from './common.ts';
import { dayTypes } from './day-types.ts';
import { employees } from './employees.ts';
import { integrations } from './integrations.ts';
import { problems } from './problems.ts';
import { settings } from './settings.ts';
import { warnings } from './warnings.ts';
import { wizard } from './wizard.ts';

export const ca: Texts = {
  activity,
  calendar,
  common,
  dayTypes,
  employees,
  integrations,
  problems,
  settings,
  warnings,
  wizard,
};
