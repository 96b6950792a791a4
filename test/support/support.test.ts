import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';
import { startProcess } from './process.ts';
import { connectTestTemporal, createTimeSkippingEnvironment } from './temporal.ts';
import type { TestTemporal } from './temporal.ts';
import { searchAttributes } from '../../contracts/temporal/names.ts';

describe('a test database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('has every migration applied', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();

    const { rows } = await client.query('SELECT count(*)::int AS applied FROM _prisma_migrations');

    await client.end();
    expect(rows[0].applied).toBeGreaterThan(0);
  });
});

describe('the shared Temporal server', () => {
  let temporal: TestTemporal;
  beforeAll(async () => {
    temporal = await connectTestTemporal();
  });
  afterAll(() => temporal.close());

  it('knows our search attributes', async () => {
    const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({
      namespace: temporal.namespace,
    });

    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
  });
});

describe('the time-skipping server', () => {
  it('starts with our search attributes', async () => {
    const environment = await createTimeSkippingEnvironment();

    expect(await environment.currentTimeMs()).toBeGreaterThan(0);

    await environment.teardown();
  });
});

describe('startProcess', () => {
  it('collects output and reports the end', async () => {
    const child = startProcess('prisma/main.ts');

    const { code } = await child.exited();

    expect(code).toBe(1);
    expect(child.output()).toMatch(/^ {2}DATABASE_URL is not set/m);
  });
});
