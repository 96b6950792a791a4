import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultSchema } from '../faults.ts';
import { addCompany, defaultSeed, fillCompany } from '../seed/seed.ts';
import { seedPeople } from '../seed/people.ts';
import { switchesSchema } from '../switches.ts';
import type { World } from '../world.ts';
import { companyOf, parse, read } from './body.ts';
import { describeWorld } from './state.ts';

const size = {
  people: z.number().int().min(0).default(defaultSeed.people),
  absences: z.number().int().min(0).default(defaultSeed.absences),
  locations: z.number().int().min(0).default(defaultSeed.locations),
  seed: z.number().int().default(defaultSeed.seed),
};

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

  app.get('/control/clock', () => ({
    now: new Date(world.clock.now()).toISOString(),
    today: world.clock.today(),
  }));

  app.post('/control/clock', (request) => {
    const { advance_ms } = read({ advance_ms: z.number().min(0) }, request);
    world.clock.advance(advance_ms);
    return { now: new Date(world.clock.now()).toISOString(), today: world.clock.today() };
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

  app.post('/control/deliveries/lose', (request) => {
    const { count, type = null } = read(
      { count: z.number().int().positive(), type: z.string().optional() },
      request,
    );
    world.deliveries.lose(count, type);
    return { count, type };
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
