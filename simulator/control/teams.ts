import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { publish, type Telling } from '../events.ts';
import type { Company } from '../company.ts';
import type { TeamRow } from '../rows.ts';
import { presentTeam } from '../shapes/team.ts';
import type { World } from '../world.ts';
import { checkReference, companyOf, defined, id, read, requireRow, tellingOf } from './body.ts';

const edit = {
  name: z.string().optional(),
  employee_ids: z.array(id).optional(),
  /** Those of them who lead the team. */
  lead_ids: z.array(id).optional(),
};

export function addTeamControl(app: FastifyInstance, world: World): void {
  app.post('/control/teams', (request, reply) => {
    const company = companyOf(world, request);
    const { name, ...people } = read({ ...edit, name: z.string() }, request);
    const row = company.teams.add({ id: world.nextId('team'), company_id: company.id, name, members: [] });
    setMembers(world, company, row, people);
    tell(world, company, row, 'create', tellingOf(request));
    return reply.code(201).send(row);
  });

  app.put('/control/teams/:id', (request) => {
    const company = companyOf(world, request);
    const row = requireRow(company.teams, request);
    const { name, ...people } = read(edit, request);
    company.teams.update(row, defined({ name }));
    setMembers(world, company, row, people);
    tell(world, company, row, 'update', tellingOf(request));
    return row;
  });

  app.delete('/control/teams/:id', (request) => {
    const company = companyOf(world, request);
    const row = requireRow(company.teams, request);
    company.teams.remove(row.id);
    tell(world, company, row, 'delete', tellingOf(request));
    return row;
  });
}

/** Who stays keeps the id of the membership. */
function setMembers(
  world: World,
  company: Company,
  row: TeamRow,
  { employee_ids, lead_ids }: { employee_ids?: string[] | undefined; lead_ids?: string[] | undefined },
): void {
  const employeeIds = employee_ids ?? row.members.map((member) => member.employee_id);
  const leadIds = lead_ids ?? row.members.filter(({ lead }) => lead).map((member) => member.employee_id);
  for (const employeeId of [...employeeIds, ...leadIds])
    checkReference(company.employees, 'employee_id', employeeId);
  const members = [...new Set([...employeeIds, ...leadIds])].map((employeeId) => ({
    id: row.members.find((member) => member.employee_id === employeeId)?.id ?? world.nextId('membership'),
    employee_id: employeeId,
    lead: leadIds.includes(employeeId),
  }));
  company.teams.update(row, { members });
}

function tell(
  world: World,
  company: Company,
  row: TeamRow,
  action: 'create' | 'update' | 'delete',
  telling: Telling,
): void {
  const event = {
    type: `teams/team/${action}`,
    ids: [row.id],
    payload: (version: Parameters<typeof presentTeam>[1]) => presentTeam(row, version),
  };
  publish(world, company, event, telling);
}
