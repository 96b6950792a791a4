import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { ListQuery, problems } from '../../contracts/http/common.ts';
import {
  Employee,
  EmployeeInput,
  EmployeeList,
  EmployeeParams,
  EmployeeQuery,
} from '../../contracts/http/employee.ts';
import { findEmployee, listEmployees, type EmployeeRow } from '../../repositories/employee-rows.ts';
import { putEmployee, unknownEmployee } from '../../repositories/employees.ts';
import type { AppDeps } from '../app-deps.ts';
import { toList, toPageRequest } from '../name-page.ts';

/** WorkMeter's employees: time@work keeps them here, the wizard looks at the same rows. */
export function employeeRoutes({
  db,
  doorbell,
  now,
}: Pick<AppDeps, 'db' | 'doorbell' | 'now'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { access: ['admin', 'operator', 'service'] } as const;
    const wizard = { access: ['admin', 'operator'] } as const;

    app.get(
      '/api/integrations/factorial/employees',
      {
        config: wizard,
        schema: { querystring: EmployeeQuery, response: { 200: EmployeeList, ...problems() } },
      },
      async ({ auth, query }) =>
        toList(await listEmployees(db, auth.tenantId, query, toPageRequest(query), now())),
    );

    app.get(
      '/api/employees',
      { config, schema: { querystring: ListQuery, response: { 200: EmployeeList, ...problems() } } },
      async ({ auth, query }) =>
        toList(await listEmployees(db, auth.tenantId, {}, toPageRequest(query), now())),
    );

    app.get(
      '/api/employees/:employeeId',
      { config, schema: { params: EmployeeParams, response: { 200: Employee, ...problems() } } },
      ({ auth, params }) => requireEmployee(auth.tenantId, params.employeeId),
    );

    app.put(
      '/api/employees/:employeeId',
      {
        config,
        schema: {
          params: EmployeeParams,
          body: EmployeeInput,
          response: { 200: Employee, 201: Employee, ...problems() },
        },
      },
      async ({ auth: { tenantId }, params: { employeeId }, body }, reply) => {
        const { outcome, marked } = await putEmployee(db, tenantId, employeeId, body, now());
        if (marked) void doorbell.ring(tenantId, 'factsChanged', { marked: 1 });
        const employee = await requireEmployee(tenantId, employeeId);
        return reply.code(outcome === 'created' ? 201 : 200).send(employee);
      },
    );
  };

  async function requireEmployee(tenantId: string, employeeId: string): Promise<EmployeeRow> {
    const employee = await findEmployee(db, tenantId, employeeId, now());
    if (employee === null) throw unknownEmployee(employeeId);
    return employee;
  }
}
