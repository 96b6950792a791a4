import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../platform/logger.ts';
import { readCensus, type Census } from '../repositories/census.ts';
import type { Database } from '../repositories/database.ts';

/** Scrapes may come from several places; the database is asked once in this time. */
const freshMs = 10_000;

/**
 * Gauges of how all tenants stand together, read from the database when somebody scrapes. Every API process says the
 * same: take the maximum. While the database is away they are not there, and `/metrics` answers all the same.
 */
export function registerCensus(
  registry: Registry,
  db: Database,
  logger: Logger,
  now: () => number = Date.now,
): void {
  let latest: { atMs: number; census: Promise<Census | null> } | undefined;
  const read = async (): Promise<Census | null> => {
    if (latest === undefined || now() - latest.atMs > freshMs) {
      const census = readCensus(db).catch((err: unknown) => {
        logger.warn({ err }, 'the census could not be read');
        return null;
      });
      latest = { atMs: now(), census };
    }
    return await latest.census;
  };

  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    rowsOf: (census: Census) => readonly [labels: Partial<Record<Label, string>>, value: number][],
  ): void => {
    const registered: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect: async () => {
        const census = await read();
        registered.reset(); // what is no more is not served; a gauge without labels stays as 0
        if (census === null && labelNames.length === 0) registered.remove();
        for (const [labels, value] of census === null ? [] : rowsOf(census)) registered.set(labels, value);
      },
    });
  };
  const one = (value: number): [object, number][] => [[{}, value]];

  gauge('connections', 'Connections by status', ['status', 'paused'], ({ connections }) =>
    connections.map(({ status, paused, count }) => [{ status, paused: String(paused) }, count]),
  );
  gauge('connection_troubles', 'Connections that show a warning, by code', ['code'], ({ troubles }) =>
    troubles.map(({ code, count }) => [{ code }, count]),
  );
  gauge('open_failures', 'Resources that could not be synced, by code', ['code', 'status'], ({ failures }) =>
    failures.map(({ code, status, count }) => [{ code, status }, count]),
  );
  gauge(
    'subscriptions',
    'Webhook subscriptions of connected tenants, by state',
    ['state'],
    ({ subscriptions }) => subscriptions.map(({ state, count }) => [{ state }, count]),
  );
  gauge('pending_deliveries', 'Deliveries of connected tenants without an outcome', [], ({ pending }) =>
    one(pending.count),
  );
  gauge('oldest_pending_delivery_seconds', 'Age of the oldest of them', [], ({ pending }) =>
    one(pending.oldestSeconds),
  );
  gauge('relay_waiting_deliveries', 'Deliveries that nobody was rung for yet', [], ({ unrelayed }) =>
    one(unrelayed.count),
  );
  gauge('relay_lag_seconds', 'Age of the oldest of them', [], ({ unrelayed }) =>
    one(unrelayed.oldestSeconds),
  );
  gauge('undone_commands', 'Wizard actions that were not carried out yet', [], ({ undoneCommands }) =>
    one(undoneCommands.count),
  );
  gauge('oldest_undone_command_seconds', 'Age of the oldest of them', [], ({ undoneCommands }) =>
    one(undoneCommands.oldestSeconds),
  );
  gauge(
    'unverified_connections',
    'Connected tenants that were not verified for 36 hours',
    [],
    ({ unverified }) => one(unverified),
  );
}
