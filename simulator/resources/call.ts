import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, badRequest, notFound } from '../api-error.ts';
import { isInstalled, revisionOf, type Company } from '../company.ts';
import { isDay, type Day } from '../dates.ts';
import { toJsonText, type Presented } from '../fields.ts';
import type { TokenPair } from '../oauth/tokens.ts';
import type { Author, EmployeeRow } from '../rows.ts';
import { resolveVersion, type ApiVersion } from '../versions.ts';
import type { World } from '../world.ts';

/** One authenticated request to the public API. */
export interface Call {
  world: World;
  company: Company;
  token: TokenPair;
  version: ApiVersion;
  /** The version as it stands in the path. */
  requestedVersion: string;
  query: Query;
  /** False: the answer looks as if there were nothing. */
  permitted: boolean;
}

/** Checks version, token and scope, in this order. A scope of null is open to any token. */
export function openCall(world: World, request: FastifyRequest, scope: string | null): Call {
  const { version: requestedVersion } = request.params as { version: string };
  const version = resolveVersion(requestedVersion);
  if (version === null) throw notFound();

  const token = authenticate(world, request.headers.authorization);
  const company = world.companies.get(token.owner.companyId);
  if (company === undefined) throw unauthorized(world);
  if (!isInstalled(company, token.clientId))
    throw new ApiError(404, ['The OAuth application is not installed for this company']);

  const inScope = scope === null || token.scopes.includes(scope);
  const { environment, missingScope } = world.switches;
  if (!inScope && missingScope === 403) throw new ApiError(403, [`The token lacks the scope ${scope}`]);
  if (!inScope && missingScope === 404) throw notFound();
  return {
    world,
    company,
    token,
    version,
    requestedVersion,
    query: new Query(request.query as RawQuery),
    permitted: inScope && environment === 'own',
  };
}

function authenticate(world: World, header: string | undefined): TokenPair {
  const accessToken = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  const token = accessToken === undefined ? null : world.tokens.use(accessToken);
  if (token === null) throw unauthorized(world);
  return token;
}

function unauthorized(world: World): ApiError {
  switch (world.switches.error401Body) {
    case 'errorsNull':
      return new ApiError(401, null);
    case 'oauth':
      return new ApiError(401, undefined, {
        'www-authenticate': 'Bearer realm="Factorial", error="invalid_token"',
      });
    case 'empty':
      return new ApiError(401, '');
  }
}

export function sendJson(
  reply: FastifyReply,
  value: unknown,
  { version, world }: Call,
  status = 200,
): FastifyReply {
  const body =
    status < 300 && world.switches.singleEnvelope === 'data' && !isList(value) ? { data: value } : value;
  return reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(toJsonText(body, version));
}

function isList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'meta' in value;
}

/** Who shall appear as the author of a change that this token makes. */
export function authorOf({ token }: Call): Author {
  const { companyId, employeeId } = token.owner;
  return employeeId === null ? { id: companyId, type: 'company' } : { id: employeeId, type: 'employee' };
}

/** Whether the owner of the token may see this employee. */
export function maySee({ company, token }: Call, employeeId: string): boolean {
  return token.owner.employeeId === null || !company.permissions.hiddenEmployeeIds.has(employeeId);
}

/** Empties what the owner of the token may not see in this resource: fields named as `permissions.nullFields` says. */
export function withoutHiddenFields({ company, token }: Call, path: string, row: Presented): Presented {
  const { nullFields } = company.permissions;
  if (token.owner.employeeId === null || nullFields.length === 0) return row;
  const isHidden = (name: string) =>
    name !== 'id' &&
    (nullFields.includes(`${path}.${name}`) || (path === EMPLOYEES && nullFields.includes(name)));
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, isHidden(name) ? null : value]),
  );
}

const EMPLOYEES = 'employees/employees';

export function visibleEmployees(call: Call, rows: readonly EmployeeRow[]): readonly EmployeeRow[] {
  const { company, token } = call;
  if (token.owner.employeeId === null || company.permissions.hiddenEmployeeIds.size === 0) return rows;
  return rows.filter((row) => maySee(call, row.id));
}

/** Under this stamp a filtered list stays true: the data, and the day for filters that depend on it. */
export function stampOf({ company, world }: Call): string {
  return `${revisionOf(company)} ${world.clock.today()}`;
}

type RawQuery = Record<string, string | string[] | undefined>;

/** Reads query parameters by type; what does not parse is a 400. */
export class Query {
  readonly #raw: RawQuery;

  constructor(raw: RawQuery) {
    this.#raw = raw;
  }

  names(): string[] {
    return Object.keys(this.#raw);
  }

  has(name: string): boolean {
    return this.#raw[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#raw[name];
    return Array.isArray(value) ? value.at(-1) : value;
  }

  /** `ids[]=1&ids[]=2`; undefined when the parameter is absent. */
  list(name: string): string[] | undefined {
    const value = this.#raw[name];
    return value === undefined || Array.isArray(value) ? value : [value];
  }

  set(name: string): ReadonlySet<string> | undefined {
    const values = this.list(name);
    return values === undefined ? undefined : new Set(values);
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined || value === '') return undefined;
    if (value !== 'true' && value !== 'false') throw badRequest(`${name} must be true or false`);
    return value === 'true';
  }

  day(name: string): Day | undefined {
    const value = this.text(name);
    if (value === undefined || value === '') return undefined;
    // Only the date of a timestamp counts.
    const day = value.slice(0, 10);
    if (!isDay(day)) throw badRequest(`${name} must be a date`);
    return day;
  }

  /** A timestamp, to the millisecond. */
  instantMs(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined || value === '') return undefined;
    const ms = Date.parse(value);
    if (Number.isNaN(ms)) throw badRequest(`${name} must be a timestamp`);
    return ms;
  }

  /** Whether a filter by several values lets this one pass; without the parameter everything passes. */
  allows(name: string): (value: string | null) => boolean {
    const values = this.set(name);
    return (value) => values === undefined || (value !== null && values.has(value));
  }

  /** The parameters but those of paging, in a fixed order: equal queries have equal keys. */
  filterKey(): string {
    const filters = Object.entries(this.#raw).filter(([name]) => !PAGING_PARAMS.includes(name));
    return JSON.stringify(filters.sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}

export const PAGING_PARAMS = ['limit', 'after_id', 'before_id', 'page'];
