import { randomUUID } from 'node:crypto';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AppDeps } from './app-deps.ts';
import { registerAuth } from './plugins/auth.ts';
import { answerError, registerErrorHandler } from './plugins/error-handler.ts';
import { registerOpenApi } from './plugins/openapi.ts';
import { registerRequestLog } from './plugins/request-log.ts';
import { absenceTypeRoutes } from './routes/absence-types.ts';
import { activityRoutes } from './routes/activity.ts';
import { calendarRoutes } from './routes/calendar.ts';
import { callbackRoutes } from './routes/callback.ts';
import { changeRoutes } from './routes/changes.ts';
import { connectionRoutes } from './routes/connection.ts';
import { dayTypeRoutes } from './routes/day-types.ts';
import { employeeRoutes } from './routes/employees.ts';
import { failureRoutes } from './routes/failures.ts';
import { healthRoutes } from './routes/health.ts';
import { linkRoutes } from './routes/links.ts';
import { profileRoutes } from './routes/profiles.ts';
import { reconciliationRoutes } from './routes/reconciliations.ts';
import { replayRoutes } from './routes/replays.ts';
import { settingsRoutes } from './routes/settings.ts';
import { tenantRoutes } from './routes/tenant.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export type { AppDeps } from './app-deps.ts';

/** Bodies of the wizard are small; the webhook route has a limit of its own. */
const bodyLimitBytes = 256 * 1024;

const routes = [
  healthRoutes,
  webhookRoutes,
  callbackRoutes,
  connectionRoutes,
  reconciliationRoutes,
  failureRoutes,
  replayRoutes,
  activityRoutes,
  employeeRoutes,
  linkRoutes,
  profileRoutes,
  absenceTypeRoutes,
  dayTypeRoutes,
  calendarRoutes,
  changeRoutes,
  settingsRoutes,
  tenantRoutes,
];

/** Builds the API and never listens. Routes see the world through `deps` only. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = deps.logger;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }), // one line of ours instead
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    genReqId: () => randomUUID(),
    bodyLimit: bodyLimitBytes,
    // What still comes in over open connections is carried out before we go: a deployment refuses nobody.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 500 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  // Many clients name a content type on a DELETE or an empty POST: no body is no body, whatever its type.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
  app.removeContentTypeParser('text/plain'); // not JSON: 415, like everything else
  deps.traces?.watch(app);
  registerRequestLog(app, deps.metrics);
  registerErrorHandler(app);
  registerAuth(app, deps.auth);
  await registerOpenApi(app);
  for (const route of routes) await app.register(route(deps));
  return app;
}
