import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problems } from '../../contracts/http/common.ts';
import { Settings } from '../../contracts/http/settings.ts';
import { putSettings, readSettings, type IntegrationSettings } from '../../repositories/settings.ts';
import type { AppDeps } from '../app-deps.ts';

const path = '/api/integrations/factorial/settings';

/** How the integration behaves for one tenant. */
export function settingsRoutes(
  deps: Pick<AppDeps, 'db' | 'doorbell' | 'config' | 'now'>,
): FastifyPluginAsyncZod {
  const { db, doorbell } = deps;
  const usualHour = deps.config.nightlyHour;
  return async (app) => {
    const config = { access: ['admin', 'operator'] } as const;

    app.get(path, { config, schema: { response: { 200: Settings, ...problems() } } }, async (request) =>
      toSettings(await readSettings(db, request.auth.tenantId), usualHour),
    );

    app.put(
      path,
      { config, schema: { body: Settings, response: { 200: Settings, ...problems() } } },
      async (request) => {
        const { tenantId } = request.auth;
        const settings = toRow(request.body);
        const { changed, marked } = await putSettings(db, tenantId, settings, usualHour, deps.now());
        if (changed) void doorbell.ring(tenantId, 'factsChanged', { marked, settings: true });
        return request.body;
      },
    );
  };
}

function toSettings(row: IntegrationSettings, usualHour: number): Settings {
  const { onboarding, nightlyHour, horizonDaysBack, horizonDaysAhead, brakePercent, brakeCount } = row;
  return {
    onboarding,
    nightlyHour: nightlyHour ?? usualHour,
    horizonDaysBack,
    horizonDaysAhead,
    deletionBrake: { percent: brakePercent, count: brakeCount },
    defaultWeekMinutes: [...row.defaultWeekMinutes],
  };
}

function toRow({ deletionBrake, ...rest }: Settings): IntegrationSettings {
  return { ...rest, brakePercent: deletionBrake.percent, brakeCount: deletionBrake.count };
}
