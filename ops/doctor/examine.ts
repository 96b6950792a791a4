import { factsChangedSignal, reconcileNowSignal } from '../../contracts/temporal/connection.ts';
import { requestReconciliation } from '../../repositories/reconciliation-requests.ts';
import { readServer } from '../../repositories/migrations-read.ts';
import type { Session } from '../session.ts';
import { judgeClock, type ClockReading } from './clocks.ts';
import { examineConfiguration } from './configuration.ts';
import { examineDatabase } from './database.ts';
import type { Finding } from './finding.ts';
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
  const temporal = await examineTemporal(place, io.now);
  const clocks = [...(database.reachable ? [await readDatabaseClock(session)] : []), ...temporal.clocks];
  // Without its tables nothing can be said of tenants.
  const canReadTenants = database.reachable && database.findings.every(({ status }) => status !== 'error');
  return [
    ...configuration,
    ...database.findings,
    ...temporal.findings,
    ...clocks.map(judgeClock),
    ...(canReadTenants
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
