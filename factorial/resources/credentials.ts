import { z } from 'zod';
import { id, requiredId, text } from '../fields.ts';

/** Whose token it is. */
export interface CredentialsRecord {
  readonly companyId: string;
  /** Null for a company token. */
  readonly employeeId: string | null;
  /** Legal name, else name; Factorial tells it to company tokens only. */
  readonly companyName: string | null;
}

/** Source: Factorial API 2026-10-01, GET /api_public/credentials; `employee_id` is null for company tokens although "required". */
export const credentialsSchema = z
  .object({ company_id: requiredId, employee_id: id, legal_name: text, name: text })
  .transform((row): CredentialsRecord => ({
    companyId: row.company_id,
    employeeId: row.employee_id,
    // A user token's `name` would be a person's.
    companyName: row.employee_id === null ? (row.legal_name ?? row.name) : null,
  }));
