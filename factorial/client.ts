import { DomainError, isDomainError } from '../domain/errors.ts';
import type { FactorialHttp, QueryParams } from './http.ts';
import { emptyPage, largestPage, maxIdsPerRequest, namedRows, toPage, type Page } from './page.ts';
import type { ResourceKind } from './resource-kinds.ts';
import { absenceSchema } from './resources/absences.ts';
import { absenceTypeSchema } from './resources/absence-types.ts';
import { credentialsSchema, type CredentialsRecord } from './resources/credentials.ts';
import { profileSchema } from './resources/employees.ts';
import { holidaySchema } from './resources/holidays.ts';
import { plannedMinutesSchema } from './resources/planned-minutes.ts';
import { scheduleSchema } from './resources/schedules.ts';
import {
  subscriptionSchema,
  toSubscriptionBody,
  type NewSubscription,
  type SubscriptionChange,
  type SubscriptionRecord,
} from './resources/subscriptions.ts';
import { requireRow } from './rows.ts';
import type { z } from 'zod';

type Ids = readonly string[] | undefined;
type Cursor = { readonly afterId?: string | null | undefined };

export interface EmployeesQuery extends Cursor {
  readonly ids?: Ids;
}
export interface AbsencesQuery extends Cursor {
  readonly ids?: Ids;
  /** First day: absences that end on or after it, or have no end. */
  readonly from?: string | undefined;
  /** Last day: absences that start on or before it. */
  readonly to?: string | undefined;
  readonly includeDeleted: boolean;
}
export interface AbsenceTypesQuery extends Cursor {
  readonly ids?: Ids;
}
export interface HolidaysQuery extends Cursor {
  readonly ids?: Ids;
  /** First day, inclusive. */
  readonly from?: string | undefined;
  /** Last day, inclusive. */
  readonly to?: string | undefined;
}
export interface PlannedMinutesQuery extends Cursor {
  readonly profileIds: readonly string[];
  readonly from: string;
  readonly to: string;
}

export type FactorialClient = ReturnType<typeof createFactorialClient>;

/**
 * Factorial's resources as this product needs them: read-only, but for its own webhook subscriptions. Stateless.
 *
 * Lists answer one page; those filtered by their own ids, from the start, all that there is of these. A filter by ids takes at most 100 (`invalid_request`); an empty one answers an empty page without a
 * request. Ids that the token's owner may not see are missing, not refused. Every method throws what `createFactorialHttp`
 * and `toPage` name.
 *
 * Source: Factorial API 2026-10-01: its OpenAPI document (https://api.factorialhr.com/oas/?version=2026-10-01) for paths, filters
 * and fields; its guides for paging (`limit`, `after_id`), which the document leaves out. Booleans that it marks as required are
 * always sent.
 */
export function createFactorialClient(http: FactorialHttp) {
  const list = async <Row>(
    kind: ResourceKind,
    schema: z.ZodType<Row>,
    query: Cursor,
    filters: QueryParams,
    signal: AbortSignal,
  ): Promise<Page<Row>> => {
    const idFilters = Object.values(filters).filter((value): value is readonly string[] =>
      Array.isArray(value),
    );
    if (idFilters.some((ids) => ids.length === 0)) return emptyPage();
    if (idFilters.some((ids) => ids.length > maxIdsPerRequest)) {
      throw new DomainError('invalid_request', `At most ${maxIdsPerRequest} ids fit into one request.`, {
        resource: kind,
      });
    }
    const afterId = query.afterId ?? null;
    const body = await http.get(kind, { ...filters, limit: largestPage, after_id: afterId }, signal);
    return toPage(kind, schema, body, afterId);
  };

  /** One page, or all of what is asked for by ids. */
  const listNamed = async <Row extends { readonly id: string }>(
    kind: ResourceKind,
    schema: z.ZodType<Row>,
    query: Cursor & { limit?: number | undefined; ids?: Ids },
    filters: QueryParams,
    signal: AbortSignal,
  ): Promise<Page<Row>> => {
    const { ids, afterId } = query;
    if (ids === undefined || (afterId ?? null) !== null)
      return await list(kind, schema, query, { ids, ...filters }, signal);
    return await namedRows(ids, (cursor) =>
      list(kind, schema, { ...query, afterId: cursor }, { ids, ...filters }, signal),
    );
  };

  return {
    /**
     * Whose token this is; null where Factorial accepts it but names nobody, which is how the credentials of one environment
     * show on the other.
     */
    async getCredentials(signal: AbortSignal): Promise<CredentialsRecord | null> {
      const page = toPage('credentials', credentialsSchema, await http.get('credentials', {}, signal), null);
      const [invalid] = page.invalid;
      if (invalid !== undefined) throw invalid;
      return page.rows[0] ?? null;
    },

    /** Employees, terminated ones included. */
    listEmployees(query: EmployeesQuery, signal: AbortSignal) {
      return listNamed(
        'employees',
        profileSchema,
        query,
        { only_active: false, only_managers: false },
        signal,
      );
    },

    /** Absences in every state: approved, rejected, pending. A deleted one has `deletedAt`, where asked for. */
    listAbsences(query: AbsencesQuery, signal: AbortSignal) {
      const filters = {
        from: query.from,
        to: query.to,
        include_deleted_leaves: query.includeDeleted,
      };
      return listNamed('absences', absenceSchema, query, filters, signal);
    },

    /** Absence types, retired ones included. */
    listAbsenceTypes(query: AbsenceTypesQuery, signal: AbortSignal) {
      return listNamed('absence_types', absenceTypeSchema, query, {}, signal);
    },

    listHolidays(query: HolidaysQuery, signal: AbortSignal) {
      const filters = {
        start_at: query.from,
        end_at: query.to,
      };
      return listNamed('holidays', holidaySchema, query, filters, signal);
    },

    /** One row per employee and day, both ends included. */
    listPlannedMinutes(query: PlannedMinutesQuery, signal: AbortSignal) {
      const filters = { employee_ids: query.profileIds, start_on: query.from, end_on: query.to };
      return list('planned_minutes', plannedMinutesSchema, query, filters, signal);
    },

    listSchedules(query: Cursor, signal: AbortSignal) {
      return list(
        'schedules',
        scheduleSchema,
        query,
        { with_employee_ids: true, with_periods: true },
        signal,
      );
    },

    /** Subscriptions of the company, those of other applications included where Factorial shows them. */
    listSubscriptions(query: Cursor, signal: AbortSignal) {
      return list('subscriptions', subscriptionSchema, query, {}, signal);
    },

    /**
     * Creates a subscription. Throws `subscription_taken` where the company already has one of this type: the guides say that the
     * second overwrites the first, live servers refuse it; list and update instead.
     */
    async createSubscription(
      subscription: NewSubscription,
      signal: AbortSignal,
    ): Promise<SubscriptionRecord> {
      const body = toSubscriptionBody(subscription);
      return toSubscription(
        await http.writeSubscription({ method: 'POST', id: null, body, explainRejection }, signal),
      );
    },

    /** Changes the fields given. Safe to repeat. */
    async updateSubscription(
      id: string,
      change: SubscriptionChange,
      signal: AbortSignal,
    ): Promise<SubscriptionRecord> {
      const body = { id, ...toSubscriptionBody(change) };
      return toSubscription(
        await http.writeSubscription({ method: 'PUT', id, body, explainRejection }, signal),
      );
    },

    /** Deletes a subscription; one that is already gone is deleted. Safe to repeat. */
    async deleteSubscription(id: string, signal: AbortSignal): Promise<void> {
      try {
        await http.writeSubscription({ method: 'DELETE', id }, signal);
      } catch (error) {
        if (!isDomainError(error, 'factorial_not_found')) throw error;
      }
    },
  };
}

/** The bare resource by specification; some servers wrap it as `{"data": {…}}`. */
function toSubscription(body: unknown): SubscriptionRecord {
  return requireRow('subscriptions', subscriptionSchema, unwrap(body));
}

function unwrap(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('data' in body)) return body;
  const { data, ...rest } = body;
  const onlyEnvelope = Object.keys(rest).every((key) => key === 'meta');
  return onlyEnvelope && typeof data === 'object' && data !== null && !Array.isArray(data) ? data : body;
}

/** The one place where a text decides: a 422 also means that the token's scopes do not allow this type. */
function explainRejection(status: number, text: string): DomainError | null {
  if (status !== 409 && !/already.{0,20}taken/i.test(text)) return null;
  return new DomainError(
    'subscription_taken',
    'Another webhook subscription of this type exists for this company.',
    {
      resource: 'subscriptions',
    },
  );
}
