import { ID, PLAIN, since, type FieldTable } from '../fields.ts';

export const locationFields: FieldTable = {
  id: ID,
  company_id: ID,
  name: PLAIN,
  main: PLAIN,
  timezone: PLAIN,
  country: PLAIN,
  state: PLAIN,
  city: PLAIN,
  address_line_1: PLAIN,
  address_line_2: PLAIN,
  postal_code: PLAIN,
  phone_number: PLAIN,
  latitude: PLAIN,
  longitude: PLAIN,
  radius: PLAIN,
  siret: PLAIN,
};

export const legalEntityFields: FieldTable = {
  id: ID,
  company_id: ID,
  country: PLAIN,
  legal_name: PLAIN,
  currency: PLAIN,
  tin: PLAIN,
  siret: since('2026-10-01', PLAIN),
  city: PLAIN,
  state: PLAIN,
  postal_code: PLAIN,
  address_line_1: PLAIN,
  address_line_2: PLAIN,
};
