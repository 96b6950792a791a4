import type { FastifyInstance } from 'fastify';
import type { Company } from '../company.ts';
import { present } from '../fields.ts';
import { compareIds } from '../ids.ts';
import type { TeamRow } from '../rows.ts';
import { membershipFields, presentTeam } from '../shapes/team.ts';
import type { World } from '../world.ts';
import { maySee, type Call } from './call.ts';
import { addList, addRead } from './routes.ts';

export function addTeams(app: FastifyInstance, world: World): void {
  const resource = {
    path: 'teams/teams',
    scope: 'employees',
    present: ({ version }: Call, row: TeamRow) => presentTeam(row, version),
  };
  addList<TeamRow>(app, world, {
    ...resource,
    params: ['ids[]'],
    filter: ({ company, query }) => {
      const ids = query.list('ids[]');
      return ids === undefined ? [...company.teams.all()] : company.teams.pick(ids);
    },
  });
  addRead<TeamRow>(app, world, { ...resource, find: ({ company }, id) => company.teams.get(id) });
  addList<Membership>(app, world, {
    path: 'teams/memberships',
    scope: 'employees',
    params: ['ids[]', 'team_ids[]', 'employee_ids[]', 'lead'],
    filter: (call) => {
      const { company, query } = call;
      const [isAskedFor, isOfTeam, isOfEmployee] = [
        query.allows('ids[]'),
        query.allows('team_ids[]'),
        query.allows('employee_ids[]'),
      ];
      const lead = query.flag('lead');
      return membershipsOf(company).filter(
        (row) =>
          isAskedFor(row.id) &&
          isOfTeam(row.team_id) &&
          isOfEmployee(row.employee_id) &&
          (lead === undefined || row.lead === lead) &&
          maySee(call, row.employee_id),
      );
    },
    present: ({ version }, row) => present(row, membershipFields, version),
  });
}

interface Membership {
  id: string;
  employee_id: string;
  team_id: string;
  lead: boolean;
  company_id: string;
}

function membershipsOf(company: Company): Membership[] {
  return company.teams
    .all()
    .flatMap((team) =>
      team.members.map((member) => ({ ...member, team_id: team.id, company_id: company.id })),
    )
    .sort((left, right) => compareIds(left.id, right.id));
}

/** The people of these teams; undefined where no team was asked for. */
export function membersOf(
  company: Company,
  teamIds: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (teamIds === undefined) return undefined;
  const teams = company.teams.pick(teamIds);
  return new Set(teams.flatMap((team) => team.members.map((member) => member.employee_id)));
}
