import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError, badRequest } from '../api-error.ts';
import { controlCallSchema } from '../faults.ts';
import { parseScript, toLine, type RecordedLine } from '../script.ts';
import { firstCompany, type World } from '../world.ts';
import { companyOf, namesCompany, parse } from './body.ts';
import { callControl } from './call.ts';

/** Lines beyond this are forgotten, oldest first. */
const KEPT_LINES = 20_000;
/** Not written down: what only looks, what cannot be repeated, and playing itself. */
const UNRECORDED = ['play', 'consent', 'requests'];

/** Plays scripts, and writes down what is done by hand or by a test, so that it can be played again. */
export function addScriptControl(app: FastifyInstance, world: World): void {
  recordCalls(app, world);

  app.post('/control/play', async (request) => {
    const { script } =
      typeof request.body === 'string'
        ? { script: request.body }
        : parse(z.strictObject({ script: z.string() }), request.body);
    const { company_id: companyId } = request.query as { company_id?: string };
    try {
      return await playScript(app, world, script, companyId);
    } catch (err) {
      throw err instanceof Error && !(err instanceof ApiError) ? badRequest(err.message) : err;
    }
  });

  app.get('/control/script', (request, reply) => {
    const { id } = companyOf(world, request);
    const lines = world.record.filter(({ companyId }) => companyId === null || companyId === id);
    return reply.type('application/x-ndjson').send(lines.map(({ line }) => `${line}\n`).join(''));
  });
}

/**
 * Makes the calls of a script one after the other, on the company given, on one that the script creates, or on the first.
 * Stops at the first call that is refused and throws with the number of its line.
 */
export async function playScript(
  app: FastifyInstance,
  world: World,
  script: string,
  companyId?: string,
): Promise<{ played: number; company_id: string }> {
  let company = companyId;
  const lines = parseScript(script);
  for (const { number, call } of lines) {
    if (call.path.startsWith('play')) throw new Error(`line ${number}: a script plays no script`);
    try {
      const answer = await callControl(app, world, call, company);
      if (call.path === 'companies') company = companyIn(answer);
    } catch (err) {
      throw new Error(`line ${number}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
    }
  }
  return { played: lines.length, company_id: company ?? firstCompany(world).id };
}

function recordCalls(app: FastifyInstance, world: World): void {
  const pending = new WeakMap<FastifyRequest, RecordedLine>();

  // Ids are given their names before the call: it may remove what they name.
  app.addHook('preHandler', (request, _reply, done) => {
    const line = isRecorded(request) ? describe(world, request) : undefined;
    if (line !== undefined) pending.set(request, line);
    done();
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const entry = pending.get(request);
    if (entry !== undefined && reply.statusCode < 400) {
      const isCompany = request.routeOptions.url === '/control/companies';
      const companyId = isCompany ? companyIn(JSON.parse(String(payload))) : entry.companyId;
      world.record.push({ ...entry, companyId });
      if (world.record.length > KEPT_LINES) world.record.shift();
    }
    done(null, payload);
  });
}

function isRecorded(request: FastifyRequest): boolean {
  const [, root, route = ''] = request.url.split(/[/?]/);
  return root === 'control' && request.method !== 'GET' && !UNRECORDED.includes(route);
}

function describe(world: World, request: FastifyRequest): RecordedLine | undefined {
  const company = namesCompany(request) ? companyOf(world, request) : firstCompany(world);
  const url = new URL(request.url, 'http://simulator');
  url.searchParams.delete('company_id');
  const { company_id: _snake, companyId: _camel, ...body } = (request.body ?? {}) as Record<string, unknown>;
  const call = controlCallSchema.safeParse({
    method: request.method,
    path: url.pathname.slice('/control/'.length) + url.search,
    ...(request.body === undefined || request.body === null ? {} : { body }),
  });
  if (!call.success) return undefined;
  const isOfWorld = /^\/control\/(clock|switches|faults|applications|tokens)\b/.test(url.pathname);
  const companyId = isOfWorld && !namesCompany(request) ? null : company.id;
  return { companyId, line: toLine(call.data, company, world.clock.today()) };
}

function companyIn(answer: unknown): string {
  return z.object({ company: z.object({ id: z.string() }) }).parse(answer).company.id;
}
