import type { FastifyInstance } from 'fastify';
import { notFound } from '../api-error.ts';
import { sequenceOf, toPage } from '../paging.ts';
import { scopeOfDomain } from '../webhook-types.ts';
import type { World } from '../world.ts';
import { openCall, sendJson } from './call.ts';
import { addHolidays, addLeaveTypes, addLegalEntities, addLocations, addSchedules } from './catalogue.ts';
import { addCredentials } from './credentials.ts';
import { addEmployees } from './employees.ts';
import { addEmployment } from './employment.ts';
import { addEstimatedTimes } from './estimated-times.ts';
import { addLeaves } from './leaves.ts';
import { addPlans } from './plans.ts';
import { API_PREFIX } from './routes.ts';
import { addTeams } from './teams.ts';
import { addWebhookSubscriptions } from './webhook-subscriptions.ts';

/** All resources of the public API. */
export function addResources(app: FastifyInstance, world: World): void {
  addCredentials(app, world);
  addEmployees(app, world);
  addLeaves(app, world);
  addLeaveTypes(app, world);
  addHolidays(app, world);
  addLocations(app, world);
  addLegalEntities(app, world);
  addSchedules(app, world);
  addEstimatedTimes(app, world);
  addPlans(app, world);
  addTeams(app, world);
  addEmployment(app, world);
  addWebhookSubscriptions(app, world);
  addUnmodelled(app, world);
}

/** Resources that exist and are not modelled: refused without their scope, empty with it. */
function addUnmodelled(app: FastifyInstance, world: World): void {
  app.get(`${API_PREFIX}/:domain/:resource`, (request, reply) => {
    const { domain } = request.params as { domain: string };
    const scope = scopeOfDomain[domain];
    if (scope === undefined) throw notFound();
    const call = openCall(world, request, scope);
    const page = toPage(
      sequenceOf([]),
      { limit: call.query.text('limit'), afterId: undefined, beforeId: undefined, page: undefined },
      world.switches,
    );
    return sendJson(reply, { data: [], meta: page.meta }, call);
  });
}
