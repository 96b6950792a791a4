import pg from 'pg';
import type { BenchStack } from './bench-stack.ts';

/** Tells when a calendar day of some tenants was committed, at the moment of the commit. */
export interface DayWatch {
  /** Resolves with `performance.now()` of the next commit of this day. Rejects after `timeoutMs`. */
  next(day: DayKey, timeoutMs: number): Promise<number>;
  stop(): Promise<void>;
}

export interface DayKey {
  readonly tenantId: string;
  readonly employeeId: string;
  readonly date: string;
}

const toKey = ({ tenantId, employeeId, date }: DayKey): string => `${tenantId}/${employeeId}/${date}`;

/** PostgreSQL itself tells, by a trigger that only a benchmark's database has. Polling would disturb what is measured. */
export async function watchDays({ db, databaseUrl }: BenchStack, tenantPrefix: string): Promise<DayWatch> {
  await db.query(`
    CREATE OR REPLACE FUNCTION bench_day() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_notify('bench_days', NEW.tenant_id || '/' || NEW.employee_id || '/' || NEW.date); RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER bench_day AFTER INSERT OR UPDATE ON calendar_days FOR EACH ROW
      WHEN (starts_with(NEW.tenant_id, ${pg.escapeLiteral(tenantPrefix)})) EXECUTE FUNCTION bench_day()`);
  const waiting = new Map<string, (at: number) => void>();
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // the stack stops
  client.on('notification', ({ payload = '' }) => {
    waiting.get(payload)?.(performance.now());
    waiting.delete(payload);
  });
  await client.connect();
  await client.query('LISTEN bench_days');
  return {
    next: async (day, timeoutMs) =>
      await new Promise((resolve, reject) => {
        const key = toKey(day);
        const timer = setTimeout(() => {
          waiting.delete(key);
          reject(new Error(`the day ${key} was not written within ${timeoutMs / 1_000} s`));
        }, timeoutMs);
        waiting.set(key, (at) => {
          clearTimeout(timer);
          resolve(at);
        });
      }),
    stop: () => client.end(),
  };
}
