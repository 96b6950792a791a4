import { z } from 'zod';
import { day, flag, id, instant, requiredId, text } from '../fields.ts';

/** Factorial's employee, reduced to what WorkMeter needs (design.md, rule 16). */
export interface ProfileRecord {
  readonly id: string;
  /** Full name, else first and last name, else the id: a token may lack the permission to see names. */
  readonly name: string;
  readonly email: string | null;
  /** The customer's own number, `company_identifier`. */
  readonly employeeNumber: string | null;
  /** Default workplace: decides the holidays. */
  readonly locationId: string | null;
  /** Nearest thing to a hire date on this resource. */
  readonly seniorityOn: string | null;
  /** Day of `createdAt`, in UTC. */
  readonly createdOn: string | null;
  readonly createdAt: Date | null;
  /** Last day of access; may lie in the future. */
  readonly terminatedOn: string | null;
  readonly active: boolean | null;
  readonly updatedAt: Date | null;
}

/** Source: Factorial API 2026-10-01, GET /employees/employees. */
export const profileSchema = z
  .object({
    id: requiredId,
    full_name: text,
    first_name: text,
    last_name: text,
    email: text,
    company_identifier: text,
    location_id: id,
    seniority_calculation_date: day,
    created_at: instant,
    terminated_on: day,
    active: flag,
    updated_at: instant,
  })
  .transform((row): ProfileRecord => ({
    id: row.id,
    name: row.full_name ?? ([row.first_name, row.last_name].filter(Boolean).join(' ') || row.id),
    email: row.email,
    employeeNumber: row.company_identifier,
    locationId: row.location_id,
    seniorityOn: row.seniority_calculation_date,
    createdOn: row.created_at?.toISOString().slice(0, 10) ?? null,
    createdAt: row.created_at,
    terminatedOn: row.terminated_on,
    active: row.active,
    updatedAt: row.updated_at,
  }));
