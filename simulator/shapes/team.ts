import { ID, IDS, PLAIN, present, type FieldTable, type Presented } from '../fields.ts';
import type { TeamRow } from '../rows.ts';
import type { ApiVersion } from '../versions.ts';

const teamFields: FieldTable = { id: ID, name: PLAIN, company_id: ID, employee_ids: IDS, lead_ids: IDS };

export const membershipFields: FieldTable = {
  id: ID,
  employee_id: ID,
  team_id: ID,
  lead: PLAIN,
  company_id: ID,
};

export function presentTeam(row: TeamRow, version: ApiVersion): Presented {
  const computed = {
    employee_ids: row.members.map((member) => member.employee_id),
    lead_ids: row.members.filter((member) => member.lead).map((member) => member.employee_id),
  };
  return present([computed, row], teamFields, version);
}
