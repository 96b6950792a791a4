import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { badRequest } from '../api-error.ts';
import { publish } from '../events.ts';
import { faultSchema } from '../faults.ts';
import { addCompany, defaultSeed, fillCompany } from '../seed/seed.ts';
import { seedPeople } from '../seed/people.ts';
import { switchesSchema } from '../switches.ts';
import type { World } from '../world.ts';
import { WEBHOOK_TYPES } from '../webhook-types.ts';
import { FATES, type Fate } from '../webhooks.ts';
import { companyOf, id, namesCompany, parse, read, tellingOf } from './body.ts';
import { describeWorld } from './state.ts';

const size = {
  people: z.number().int().min(0).default(defaultSeed.people),
  absences: z.number().int().min(0).default(defaultSeed.absences),
  locations: z.number().int().min(0).default(defaultSeed.locations),
  seed: z.number().int().default(defaultSeed.seed),
};

const whichDeliveries = { count: z.number().int().positive().default(1), type: z.string().optional() };

function idsIn(payload: unknown): string[] {
  const { id: found } = z.object({ id }).catch({ id: '' }).parse(payload);
  return found === '' ? [] : [found];
}

/** Clock, switches, faults, deliveries, the request log and seeding. */
export function addWorldControl(app: FastifyInstance, world: World): void {
  app.get('/control/seed-people', () => seedPeople);

  app.post('/control/seed', (request) => {
    fillCompany(world, companyOf(world, request), read(size, request));
    return describeWorld(world, companyOf(world, request));
  });

  app.post('/control/companies', (request, reply) => {
    const { name, ...options } = read({ ...size, name: z.string() }, request);
    const company = addCompany(world, name);
    fillCompany(world, company, options);
    return reply.code(201).send(describeWorld(world, company));
  });

  const readClock = () => ({
    now: new Date(world.clock.now()).toISOString(),
    today: world.clock.today(),
    frozen: world.clock.isFrozen(),
  });
  app.get('/control/clock', readClock);

  app.post('/control/clock', (request) => {
    const shape = {
      frozen: z.boolean().optional(),
      advance_ms: z.number().min(0).optional(),
      to: z.iso.datetime().optional(),
    };
    const { frozen, advance_ms, to } = read(shape, request);
    const toMs = to === undefined ? null : Date.parse(to);
    if (toMs !== null && toMs < world.clock.now()) throw badRequest('the clock never goes back');
    if (frozen !== undefined) world.clock.freeze(frozen);
    // A clock that is stopped here must stand at `to` to the millisecond.
    world.clock.advance(toMs === null ? (advance_ms ?? 0) : Math.max(0, toMs - world.clock.now()));
    return readClock();
  });

  app.get('/control/switches', () => world.switches);

  app.put('/control/switches', (request) =>
    Object.assign(
      world.switches,
      parse(switchesSchema, { ...world.switches, ...(request.body as object | undefined) }),
    ),
  );

  app.get('/control/faults', () => world.faults.all());

  app.post('/control/faults', (request, reply) => {
    const fault = parse(faultSchema, request.body);
    world.faults.add(fault);
    return reply.code(201).send(fault);
  });

  app.delete('/control/faults', () => {
    world.faults.clear();
    return {};
  });

  app.post('/control/deliveries/next', (request) => {
    const order = read({ fate: z.enum(FATES), ...whichDeliveries }, request);
    return decide(request, order.fate, order);
  });

  app.post('/control/deliveries/lose', (request) => decide(request, 'lost', read(whichDeliveries, request)));

  function decide(
    request: FastifyRequest,
    fate: Fate,
    { count, type }: z.infer<z.ZodObject<typeof whichDeliveries>>,
  ): object {
    const companyId = namesCompany(request) ? companyOf(world, request).id : null;
    world.deliveries.decide({ fate, count, type: type ?? null, companyId });
    return { fate, count, type: type ?? null };
  }

  app.post('/control/deliveries/release', (request) => {
    const { order } = read(
      { order: z.enum(['newest_first', 'oldest_first']).default('newest_first') },
      request,
    );
    const companyId = namesCompany(request) ? companyOf(world, request).id : null;
    return { released: world.deliveries.release({ companyId, newestFirst: order === 'newest_first' }) };
  });

  app.post('/control/events', (request, reply) => {
    const company = companyOf(world, request);
    const { type, ids, payload } = read(
      { type: z.string(), ids: z.array(id).optional(), payload: z.unknown() },
      request,
    );
    if (!WEBHOOK_TYPES.has(type)) throw badRequest(`there is no subscription type ${type}`);
    publish(world, company, { type, ids: ids ?? idsIn(payload), payload: () => payload }, tellingOf(request));
    return reply.code(202).send({ type, ids: ids ?? idsIn(payload) });
  });

  app.post('/control/deliveries/settle', async (request) => {
    const { timeout_ms } = read({ timeout_ms: z.number().int().positive().default(10_000) }, request);
    return { settled: await world.deliveries.settle(timeout_ms) };
  });

  app.get('/control/requests', () => ({ counts: world.requests.counts(), last: world.requests.last() }));

  app.post('/control/requests/reset', () => {
    world.requests.reset();
    return {};
  });
}
