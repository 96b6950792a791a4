import { factsChangedSignal, reconcileNowSignal } from '../../contracts/temporal/connection.ts';
import { readBuildId } from '../../platform/build-id.ts';
import { loadConfig } from '../../platform/config.ts';
import { requestReconciliation } from '../../repositories/reconciliation-requests.ts';
import { readServer } from '../../repositories/migrations-read.ts';
import type { Session } from '../session.ts';
import { judgeClock, type ClockReading } from './clocks.ts';
import { examineConfiguration } from './configuration.ts';
import { examineDatabase } from './database.ts';
import type { Finding } from './finding.ts';
import { examineKeys } from './keys.ts';
import { examineTemporal } from './temporal.ts';
import { examineTenants, type TenantRepairs } from './tenants.ts';
import { wake } from '../verbs.ts';

/** Every check of `doctor`, in the order in which one rests on another. Changes nothing. */
export async function examine(session: Session): Promise<Finding[]> {
  const { io } = session;
  const configuration = examineConfiguration(io);
  if (configuration.some(({ status }) => status === 'error')) return configuration;
  const db = session.db();
  const place = session.temporal();
  const database = await examineDatabase(db);
  const { deployment, buildId = readBuildId() } = loadConfig('ops', io.env);
  const temporal = await examineTemporal(place, { deployment, buildId }, io.now);
  const clocks = [...(database.reachable ? [await readDatabaseClock(session)] : []), ...temporal.clocks];
  // Without its tables nothing can be said of tenants and their secrets.
  const hasTables = database.reachable && database.findings.every(({ status }) => status !== 'error');
  return [
    ...configuration,
    ...database.findings,
    ...(hasTables ? await examineKeys(db, io) : []),
    ...temporal.findings,
    ...clocks.map(judgeClock),
    ...(hasTables
      ? await examineTenants(db, temporal.reachable ? place.client : null, repairsOf(session), io.now())
      : []),
  ];
}

async function readDatabaseClock(session: Session): Promise<ClockReading> {
  const from = session.io.now();
  const shown = (await readServer(session.db())).at.getTime();
  return {
    of: 'the database',
    shownMs: { earliest: shown, latest: shown },
    oursMs: { from, to: session.io.now() },
  };
}

function repairsOf(session: Session): TenantRepairs {
  const { client } = session.temporal();
  return {
    wake: (tenantId) => wake(client, tenantId, factsChangedSignal.name, { marked: 0 }),
    reconcile: async (tenantId) => {
      const { id } = await requestReconciliation(session.db(), tenantId, session.io.now());
      await wake(client, tenantId, reconcileNowSignal.name, { reconciliationId: id });
    },
  };
}
