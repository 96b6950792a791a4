import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../repositories/database.ts';
import { isDatabaseReady } from '../../repositories/database-ready.ts';
import { listMigrations, readServer } from '../../repositories/migrations-read.ts';
import { named, ok, warning, wrong, type Finding } from './finding.ts';

/** The build copies the migrations beside the code, so that this holds there too. */
const migrationsFolder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** Whether the database answers and has the tables that this code was written for. */
export async function examineDatabase(db: Database): Promise<{ reachable: boolean; findings: Finding[] }> {
  if (!(await isDatabaseReady(db))) {
    const todo =
      'Is it running, and is DATABASE_URL right? Deliveries get 503 meanwhile, and Factorial sends them again.';
    return { reachable: false, findings: [wrong('database', 'does not answer', todo)] };
  }
  const { version } = await readServer(db);
  return {
    reachable: true,
    findings: [ok('database', `PostgreSQL ${version} answers`), ...(await examineMigrations(db))],
  };
}

async function examineMigrations(db: Database): Promise<Finding[]> {
  const check = 'migrations';
  const wanted = await migrationNames();
  const { applied, failed } = await listMigrations(db);
  const missing = wanted.filter((name) => !applied.includes(name));
  const unknown = applied.filter((name) => !wanted.includes(name));
  const findings: Finding[] = [];
  if (failed.length > 0)
    findings.push(
      wrong(
        check,
        `began and did not end: ${named(failed)}`,
        'Read the error in the log of `npm run migrate`, then run it again.',
      ),
    );
  if (missing.length > 0)
    findings.push(
      wrong(check, `not applied: ${named(missing)}`, 'npm run migrate; it is safe while the service runs.'),
    );
  if (unknown.length > 0)
    findings.push(
      warning(
        check,
        `the database has ${named(unknown)}, which this code does not know`,
        'This code is older than the database: deploy the newer one.',
      ),
    );
  return findings.length > 0 ? findings : [ok(check, `all ${wanted.length} applied`)];
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}
