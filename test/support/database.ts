import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { askServer } from './ask-server.ts';

export interface TestDatabase {
  url: string;
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>;
}

/** A database of its own with all migrations applied: cloned from the template, once per test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, template } = await askServer('/template');
  return await createDatabase(adminUrl, `TEMPLATE ${template}`);
}

/** An empty database, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const { adminUrl } = await askServer('/postgres');
  return await createDatabase(adminUrl, '');
}

async function createDatabase(adminUrl: string, source: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await run(adminUrl, `CREATE DATABASE ${name} ${source}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
