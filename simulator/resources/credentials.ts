import type { FastifyInstance } from 'fastify';
import { ID, PLAIN, present, type FieldTable, type Presented } from '../fields.ts';
import { fullName } from '../shapes/employee.ts';
import type { World } from '../world.ts';
import type { Call } from './call.ts';
import { addList } from './routes.ts';

export const credentialFields: FieldTable = {
  id: PLAIN,
  company_id: ID,
  employee_id: ID,
  email: PLAIN,
  login_email: PLAIN,
  full_name: PLAIN,
  first_name: PLAIN,
  last_name: PLAIN,
  role: PLAIN,
  name: PLAIN,
  legal_name: PLAIN,
  tin: PLAIN,
  locale: PLAIN,
  logo: PLAIN,
  onboarded_on: PLAIN,
  subscription_plan: PLAIN,
  to_be_deleted: PLAIN,
  tos: PLAIN,
  gdpr_tos: PLAIN,
};

/** The owner of the token, as a list of one. */
export function addCredentials(app: FastifyInstance, world: World): void {
  addList<{ id: string }>(app, world, {
    path: 'api_public/credentials',
    scope: null,
    params: [],
    filter: (call) => [{ id: toCredentials(call).id as string }],
    present: (call) => present(toCredentials(call), credentialFields, call.version),
  });
}

function toCredentials({ company, token }: Call): Presented {
  const employee =
    token.owner.employeeId === null ? undefined : company.employees.get(token.owner.employeeId);
  if (employee === undefined) {
    return {
      id: `company-${company.id}`,
      company_id: company.id,
      name: company.name,
      legal_name: `${company.name} S.L.`,
      tin: 'B00000000',
      locale: 'es',
      onboarded_on: '2020-01-01',
      subscription_plan: 'enterprise',
      to_be_deleted: 'false',
      tos: true,
      gdpr_tos: true,
    };
  }
  return {
    id: `access-${employee.access_id}`,
    company_id: company.id,
    employee_id: employee.id,
    email: employee.email,
    login_email: employee.login_email,
    full_name: fullName(employee),
    first_name: employee.first_name,
    last_name: employee.last_name,
    role: 'admin',
  };
}
