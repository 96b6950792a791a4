import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError, badRequest, notFound } from '../api-error.ts';
import type { Collection } from '../collection.ts';
import type { Company } from '../company.ts';
import { isDay } from '../dates.ts';
import type { Telling } from '../events.ts';
import { firstCompany, type World } from '../world.ts';

export const id = z.union([z.string(), z.number().transform(String)]);
export const day = z.string().refine(isDay, 'must be a date, YYYY-MM-DD');

/** What every change may say: without an event (`silent`), or in whose name. */
const tellingSchema = z.object({
  silent: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).optional(),
  author: z.object({ id, type: z.enum(['employee', 'company']) }).optional(),
});

const OF_EVERY_BODY = ['silent', 'author', 'company_id'];

/** Parses a body; keys may be written in camelCase or snake_case, unknown ones are refused. */
export function read<Shape extends z.ZodRawShape>(
  shape: Shape,
  request: FastifyRequest,
): z.infer<z.ZodObject<Shape>> {
  const body = Object.fromEntries(
    Object.entries(bodyOf(request)).filter(([name]) => !OF_EVERY_BODY.includes(name)),
  );
  return parse(z.strictObject(shape), body) as z.infer<z.ZodObject<Shape>>;
}

export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new ApiError(
      400,
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    );
  return parsed.data;
}

export function tellingOf(request: FastifyRequest): Telling {
  return parse(tellingSchema, { ...(request.query as object), ...bodyOf(request) });
}

/** The company named by `company_id` in query or body; without it, the first one. */
export function companyOf(world: World, request: FastifyRequest): Company {
  const { company_id: companyId } = { ...(request.query as { company_id?: string }), ...bodyOf(request) };
  if (companyId === undefined) return firstCompany(world);
  const company = world.companies.get(String(companyId));
  if (company === undefined) throw notFound();
  return company;
}

/** Whether the request says which company it means. */
export function namesCompany(request: FastifyRequest): boolean {
  return 'company_id' in { ...(request.query as object), ...bodyOf(request) };
}

export function requireRow<Row extends { id: string }>(table: Collection<Row>, request: FastifyRequest): Row {
  const row = table.get((request.params as { id: string }).id);
  if (row === undefined) throw notFound();
  return row;
}

/** Refuses a reference to a row that does not exist. */
export function checkReference(
  table: { get(id: string): unknown },
  name: string,
  value: string | null | undefined,
): void {
  if (value !== null && value !== undefined && table.get(value) === undefined)
    throw badRequest(`${name} ${value} does not exist`);
}

/** With the id of the location that may be named instead. Refuses a location that does not exist. */
export function withLocation<
  Input extends { location_id?: string | null | undefined; location?: string | undefined },
>(company: Company, { location, ...input }: Input): Omit<Input, 'location'> {
  checkReference(company.locations, 'location_id', input.location_id);
  if (location === undefined) return input;
  const found = company.locations.all().find((row) => row.name === location);
  if (found === undefined) throw badRequest(`there is no location ${location}`);
  return { ...input, location_id: found.id };
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) throw badRequest('the body must be an object');
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [toSnakeCase(name), value]));
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

type Defined<Input> = { [Key in keyof Input]: Exclude<Input[Key], undefined> };

/** Without the members that are undefined. */
export function defined<Input extends object>(input: Input): Defined<Input> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as Defined<Input>;
}
