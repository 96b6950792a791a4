import type { FastifyInstance } from 'fastify';
import { badRequest, notFound } from '../api-error.ts';
import type { Presented } from '../fields.ts';
import { sequenceOf, toPage, type Sequence } from '../paging.ts';
import type { World } from '../world.ts';
import { openCall, PAGING_PARAMS, sendJson, stampOf, withoutHiddenFields, type Call } from './call.ts';

export const API_PREFIX = '/api/:version/resources';

export interface ListResource<Row extends { id: string }> {
  /** domain/resource */
  path: string;
  scope: string | null;
  /** Known query parameters; others are ignored, or refused where the switch says so. */
  params: readonly string[];
  /** Those that the specification marks as required; demanded only where the switch says so. */
  required?: readonly string[];
  /** The rows that match, in id order. What it returns is kept for the next page of the same query. */
  filter?: (call: Call) => readonly Row[];
  /** Instead of `filter`: rows that are computed as they are asked for. */
  sequence?: (call: Call) => Sequence<Row>;
  present: (call: Call, row: Row) => Presented;
}

/** GET of a collection, page by page. */
export function addList<Row extends { id: string }>(
  app: FastifyInstance,
  world: World,
  resource: ListResource<Row>,
): void {
  app.get(`${API_PREFIX}/${resource.path}`, (request, reply) => {
    const call = openCall(world, request, resource.scope);
    checkParams(call, resource);
    const { query } = call;
    const sequence = call.permitted ? toSequence(call, resource) : sequenceOf<Row>([]);
    const page = toPage(
      sequence,
      {
        limit: query.text('limit'),
        // A cursor without a value is none.
        afterId: query.text('after_id') || undefined,
        beforeId: query.text('before_id') || undefined,
        page: query.text('page'),
      },
      world.switches,
    );
    if (page.rows.length === 0 && world.switches.emptyList === 'errorsNull')
      return sendJson(reply, { errors: null }, call);
    if (world.switches.filteredMetaLimit === 'null' && query.has('employee_ids[]')) page.meta.limit = null;
    return sendJson(
      reply,
      {
        data: page.rows.map((row) => withoutHiddenFields(call, resource.path, resource.present(call, row))),
        meta: page.meta,
      },
      call,
    );
  });
}

/** GET of one resource by id. */
export function addRead<Row>(
  app: FastifyInstance,
  world: World,
  resource: {
    path: string;
    scope: string | null;
    find: (call: Call, id: string) => Row | undefined;
    present: (call: Call, row: Row) => Presented;
  },
): void {
  app.get(`${API_PREFIX}/${resource.path}/:id`, (request, reply) => {
    const call = openCall(world, request, resource.scope);
    const { id } = request.params as { id: string };
    const row = call.permitted ? resource.find(call, id) : undefined;
    if (row === undefined) throw notFound();
    return sendJson(reply, withoutHiddenFields(call, resource.path, resource.present(call, row)), call);
  });
}

function toSequence<Row extends { id: string }>(
  call: Call,
  { path, filter, sequence }: ListResource<Row>,
): Sequence<Row> {
  if (sequence !== undefined) return sequence(call);
  const key = `${call.company.id} ${path} ${call.requestedVersion} ${call.token.owner.employeeId === null ? 'company' : 'user'} ${call.query.filterKey()}`;
  return sequenceOf(call.world.filterCache.rows<Row>(key, stampOf(call), () => filter?.(call) ?? []));
}

function checkParams(
  { world, query }: Call,
  { params, required = [] }: { params: readonly string[]; required?: readonly string[] },
): void {
  const { unknownParam, requiredParams } = world.switches;
  const unknown = query.names().find((name) => !params.includes(name) && !PAGING_PARAMS.includes(name));
  if (unknownParam === 400 && unknown !== undefined) throw badRequest(`unknown parameter ${unknown}`);
  const missing = required.find((name) => !query.has(name));
  if (requiredParams === 'strict' && missing !== undefined) throw badRequest(`${missing} is missing`);
}
