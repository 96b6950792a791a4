import type { FastifyInstance } from 'fastify';
import type { World } from '../world.ts';
import { addCatalogueControl } from './catalogue.ts';
import { addEmployeeControl } from './employees.ts';
import { addLeaveControl } from './leaves.ts';
import { addOAuthControl } from './oauth.ts';
import { addScriptControl } from './script.ts';
import { addStateControl } from './state.ts';
import { addTeamControl } from './teams.ts';
import { addWorldControl } from './world.ts';

/** The control interface: JSON, no authentication, no part of the public API. README.md lists it. */
export function addControl(app: FastifyInstance, world: World): void {
  addStateControl(app, world);
  addOAuthControl(app, world);
  addEmployeeControl(app, world);
  addLeaveControl(app, world);
  addCatalogueControl(app, world);
  addTeamControl(app, world);
  addWorldControl(app, world);
  addScriptControl(app, world);
}
