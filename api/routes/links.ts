import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import {
  Employee,
  EmployeeParams,
  LinkInput,
  LinksInput,
  LinksResult,
} from '../../contracts/http/employee.ts';
import { NoContent } from '../../contracts/http/text.ts';
import { DomainError } from '../../domain/errors.ts';
import { findEmployee } from '../../repositories/employee-rows.ts';
import { unknownEmployee } from '../../repositories/employees.ts';
import { linkEmployees, unlinkEmployee } from '../../repositories/links.ts';
import type { AppDeps } from '../app-deps.ts';

const base = '/api/integrations/factorial/employees';

/** Which profile an employee is. */
export function linkRoutes({
  db,
  doorbell,
  now,
}: Pick<AppDeps, 'db' | 'doorbell' | 'now'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { access: ['admin', 'operator'] } as const;

    app.put(
      `${base}/:employeeId/link`,
      {
        config,
        schema: {
          params: EmployeeParams,
          body: LinkInput,
          response: { 200: Employee, ...problems(409, 422) },
        },
      },
      async ({ auth: { tenantId, subject }, params: { employeeId }, body }) => {
        const wish = { employeeId, profileId: body.profileId };
        const { changed, refused } = await linkEmployees(db, tenantId, [wish], subject, now());
        if (refused[0] !== undefined) throw new DomainError(refused[0].code, refused[0].detail);
        ring(tenantId, changed);
        const employee = await findEmployee(db, tenantId, employeeId, now());
        if (employee === null) throw unknownEmployee(employeeId);
        return employee;
      },
    );

    app.delete(
      `${base}/:employeeId/link`,
      { config, schema: { params: EmployeeParams, response: { 204: NoContent, ...problems() } } },
      async ({ auth: { tenantId }, params: { employeeId } }, reply) => {
        const result = await unlinkEmployee(db, tenantId, employeeId, now());
        if (result === null) throw unknownEmployee(employeeId);
        ring(tenantId, result.changed ? 1 : 0);
        return reply.code(204).send(null);
      },
    );

    app.post(
      `${base}/links`,
      { config, schema: { body: LinksInput, response: { 200: LinksResult, ...problems() } } },
      async ({ auth: { tenantId, subject }, body }) => {
        const { linked, changed, refused } = await linkEmployees(db, tenantId, body.links, subject, now());
        ring(tenantId, changed);
        return { linked, refused: [...refused] };
      },
    );
  };

  function ring(tenantId: string, marked: number): void {
    if (marked > 0) void doorbell.ring(tenantId, 'linksChanged', { marked });
  }
}
