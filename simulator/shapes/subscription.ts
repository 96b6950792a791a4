import { ID, PLAIN, type FieldTable } from '../fields.ts';

export const subscriptionFields: FieldTable = {
  id: ID,
  type: PLAIN,
  target_url: PLAIN,
  company_id: ID,
  name: PLAIN,
  challenge: PLAIN,
  enabled: PLAIN,
  api_version: PLAIN,
};
