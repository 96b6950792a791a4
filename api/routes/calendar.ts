import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  CalendarQuery,
  Day,
  DayInput,
  DayList,
  DayParams,
  Explanation,
} from '../../contracts/http/calendar.ts';
import { problems } from '../../contracts/http/common.ts';
import { EmployeeParams } from '../../contracts/http/employee.ts';
import { NoContent } from '../../contracts/http/text.ts';
import { readCalendar } from '../../repositories/calendar-read.ts';
import { unknownEmployee } from '../../repositories/employees.ts';
import { explainDay, type ExplanationRow } from '../../repositories/explanation-read.ts';
import { putManualEdit, removeManualEdit } from '../../repositories/manual-edits.ts';
import type { AppDeps } from '../app-deps.ts';

const path = '/api/employees/:employeeId/calendar';

/** An employee's days: what is expected, why, and what people set by hand. */
export function calendarRoutes({ db, now }: Pick<AppDeps, 'db' | 'now'>): FastifyPluginAsyncZod {
  return async (app) => {
    const config = { access: ['admin', 'operator', 'service'] } as const;

    app.get(
      path,
      {
        config,
        schema: {
          params: EmployeeParams,
          querystring: CalendarQuery,
          response: { 200: DayList, ...problems() },
        },
      },
      async ({ auth, params: { employeeId }, query: { from, to } }) => {
        const items = await readCalendar(db, auth.tenantId, employeeId, from, to, now());
        if (items === null) throw unknownEmployee(employeeId);
        return { items };
      },
    );

    app.put(
      `${path}/:date`,
      { config, schema: { params: DayParams, body: DayInput, response: { 200: Day, ...problems(422) } } },
      ({ auth: { tenantId, subject }, params: { employeeId, date }, body }) => {
        const { dayTypeId, expectedMinutes = null, note = null } = body;
        return putManualEdit(
          db,
          tenantId,
          employeeId,
          date,
          { dayTypeId, expectedMinutes, note },
          subject,
          now(),
        );
      },
    );

    app.delete(
      `${path}/:date`,
      { config, schema: { params: DayParams, response: { 204: NoContent, ...problems() } } },
      async ({ auth, params: { employeeId, date } }, reply) => {
        await removeManualEdit(db, auth.tenantId, employeeId, date, now());
        return reply.code(204).send(null);
      },
    );

    app.get(
      `${path}/:date/explanation`,
      { config, schema: { params: DayParams, response: { 200: Explanation, ...problems() } } },
      async ({ auth, params: { employeeId, date } }) => {
        const row = await explainDay(db, auth.tenantId, employeeId, date, now());
        if (row === null) throw unknownEmployee(employeeId);
        return toExplanation(row);
      },
    );
  };
}

function toExplanation({ planned, claims, ignored, manualEdit, ...rest }: ExplanationRow): Explanation {
  return {
    ...rest,
    planned: { ...planned, readAt: toInstant(planned.readAt) },
    claims: claims.map((claim) => ({ ...claim, readAt: toInstant(claim.readAt) })),
    ignored: [...ignored],
    manualEdit: manualEdit && { ...manualEdit, at: manualEdit.at.toISOString() },
  };
}

const toInstant = (at: Date | null): string | null => at?.toISOString() ?? null;
