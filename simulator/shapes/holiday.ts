import { ID, PLAIN, type FieldTable } from '../fields.ts';

export const holidayFields: FieldTable = {
  id: ID,
  location_id: ID,
  date: PLAIN,
  summary: PLAIN,
  description: PLAIN,
  half_day: PLAIN,
};
