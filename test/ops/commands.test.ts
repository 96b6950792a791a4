import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database } from '../../repositories/database.ts';
import { ensureTenant } from '../../repositories/tenants.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ops } from '../support/ops.ts';
import { beRungFor } from '../support/rung-for.ts';

/** What the commands read, on a real database. Nothing answers at the address of Temporal. */

const now = Date.UTC(2026, 10, 26, 12);
const hoursAgo = (hours: number): Date => new Date(now - hours * 3_600_000);

let database: TestDatabase;
let db: Database;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase(database.url, 3);
  env = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  for (const tenantId of ['acme', 'beta', 'idle']) await ensureTenant(db, tenantId);
  await db.connection.createMany({
    data: [
      {
        tenantId: 'acme',
        status: 'connected',
        generation: 1,
        tokenOwner: 'company',
        connectedAt: hoursAgo(50),
      },
      { tenantId: 'beta', status: 'expired', generation: 1 },
    ],
  });
  await db.tokenPair.create({
    data: {
      tenantId: 'acme',
      generation: 1,
      version: 1,
      credentialVersion: 1,
      accessTokenEnc: 'x',
      obtainedAt: hoursAgo(50),
    },
  });
  await db.connectionWarning.create({
    data: {
      tenantId: 'beta',
      code: 'connection_expired',
      message: 'The connection with Factorial has expired',
      since: hoursAgo(3),
    },
  });
  await db.failure.createMany({
    data: [
      failure(1, 'acme', 5),
      failure(2, 'beta', 1),
      { ...failure(3, 'beta', 2), code: 'unknown_value', status: 'resolved' },
    ],
  });
  await db.inboxRow.createMany({
    data: [
      delivery('acme', { receivedAt: hoursAgo(2), copies: 3 }),
      delivery('acme', {
        resourceId: '9',
        receivedAt: hoursAgo(1),
        outcome: 'applied',
        outcomeAt: hoursAgo(1),
      }),
    ],
  });
  await db.subscription.create({
    data: {
      tenantId: 'acme',
      id: '00000000-0000-4000-8000-000000000001',
      generation: 1,
      type: 'timeoff/leave/create',
      keyHash: 'h',
      keyEnc: 'e',
      challengeEnc: 'e',
      challengeHash: 'h',
      state: 'active',
      factorialId: '77',
      checkedAt: hoursAgo(9),
    },
  });
  await db.employee.create({
    data: {
      tenantId: 'acme',
      id: 'e1',
      name: 'Nadia Secret',
      email: 'nadia@example.com',
      createdBy: 'time@work',
    },
  });
});

afterAll(async () => {
  await db?.$disconnect();
  await database?.drop();
});

const failure = (n: number, tenantId: string, hours: number) => ({
  tenantId,
  id: `00000000-0000-4000-8000-00000000000${n}`,
  resource: 'absences',
  factorialId: `55${n}`,
  code: 'schema_drift',
  message: 'start_on is not a date',
  nextStep: 'Compare the schema.',
  firstAt: hoursAgo(30),
  lastAt: hoursAgo(hours),
});

const delivery = (tenantId: string, data: object) => ({
  tenantId,
  generation: 1,
  topic: 'timeoff/leave/create',
  resourceId: '8',
  bodyHash: 'h',
  lastReceivedAt: hoursAgo(1),
  ...data,
});

const run = (...args: string[]) => ops(env, args, { nowMs: now });
const json = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await run(...args, '--json')).out) as unknown;

describe('tenants', () => {
  it('shows how everybody stands, aligned', async () => {
    const { exitCode, out } = await run('tenants');

    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      'tenant  status         token               troubles                          verified  failures  pending  oldest',
      '──────  ─────────────  ──────────────────  ────────────────────────────────  ────────  ────────  ───────  ──────',
      'acme    connected      correct             schema_drift                             –         1        1  2 h',
      'beta    expired        invalid_or_expired  connection_expired, schema_drift         –         1        0  –',
      'idle    not_connected  –                   –                                        –         0        0  –',
    ]);
  });

  it.each([
    [['--status', 'expired'], ['beta']],
    [['--trouble', 'connection_expired'], ['beta']],
    [['--failing'], ['acme', 'beta']],
  ])('narrows the list with %j', async (options, expected) => {
    const tenants = (await json('tenants', ...options)) as { tenantId: string }[];

    expect(tenants.map(({ tenantId }) => tenantId)).toEqual(expected);
  });
});

describe('failures', () => {
  it('shows those of all tenants, the latest first, with the reason and the next step', async () => {
    const { out } = await run('failures');

    expect(out).toMatch(
      /^tenant +resource +id +code .*\n─.*\nbeta .* 552 .*\nacme .* 551 .*\n\nschema_drift: start_on is not a date → Compare the schema\.$/,
    );
  });

  it.each([
    [['--tenant', 'acme'], ['551']],
    [['--since', '2h'], ['552']],
    [['--code', 'unknown_value', '--resolved'], ['553']],
    [['--resource', 'employees'], []],
  ])('narrows the list with %j', async (options, expected) => {
    const { failures } = (await json('failures', ...options)) as { failures: { factorialId: string }[] };

    expect(failures.map(({ factorialId }) => factorialId)).toEqual(expected);
  });

  it('says how many more there are', async () => {
    expect((await run('failures', '--limit', '1')).out).toContain('The latest 1 of 2; --limit shows more.');
  });
});

describe('inbox', () => {
  it('shows what waits, since when, and what came of the rest', async () => {
    const { exitCode, out } = await run('inbox', 'acme');

    expect(exitCode).toBe(0);
    expect(out).toMatch(/timeoff\/leave\/create +1 +3 +1 +0 +2 h/);
    expect(out).toContain('delivery');
  });

  it('tells of each that waits whether its workflow was rung for it', async () => {
    expect((await run('inbox', 'acme')).out).toMatch(/\d+ +timeoff\/leave\/create +\d+ +2 h +no +0/);

    await beRungFor(db, 'acme', 60);

    const { out } = await run('inbox', 'acme');
    expect(out).toMatch(/timeoff\/leave\/create +1 +3 +0 +0 +2 h/);
    expect(out).toMatch(/\d+ +timeoff\/leave\/create +\d+ +2 h +yes +0/);
    await db.relayState.deleteMany();
  });

  it('says so when nothing waits', async () => {
    expect((await run('inbox', 'idle')).out).toContain('Nothing waits.');
  });
});

describe('subscriptions', () => {
  it('shows each wanted type, says what to do about the missing ones, and exits with 1', async () => {
    const { exitCode, out } = await run('subscriptions', 'acme');

    expect(exitCode).toBe(1);
    expect(out).toMatch(/timeoff\/leave\/create +active +77 +9 h +60 min/);
    expect(out).toMatch(/timeoff\/leave\/update +missing/);
    expect(out).toContain('missing: made by the next check');
  });

  it('has nothing to show where there is no connection', async () => {
    expect(await run('subscriptions', 'idle')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('not_connected'),
    });
  });
});

describe('explain', () => {
  it('tells where a day comes from', async () => {
    const { exitCode, out } = await run('explain', 'acme', 'e1', '2026-11-27');

    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /^date +2026-11-27\nexpected +480 min, Working day \(default\)\nplanned +480 min, from default_week/,
    );
    expect(out).toContain('Nothing claims this day.');
  });

  it('says that there is no such employee', async () => {
    expect(await run('explain', 'acme', 'nobody', '2026-11-27')).toMatchObject({
      exitCode: 1,
      err: 'Tenant «acme» has no employee «nobody».',
    });
  });
});

describe('show', () => {
  it('shows the card also while Temporal is away', async () => {
    const { exitCode, out } = await run('show', 'beta');

    expect(exitCode).toBe(0);
    expect(out).toMatch(/^tenant +beta\nstatus +expired\n/);
    expect(out).toMatch(/connection_expired +3 h .* Reauthorize/);
    expect(out).toContain('Workflow factorial-connection/beta: Temporal does not answer.');
  });
});

describe('every command', () => {
  it.each([['show'], ['inbox'], ['subscriptions']])(
    '%s says where to find a tenant that is not there',
    async (name) => {
      expect(await run(name, 'nobody')).toMatchObject({
        exitCode: 1,
        out: '',
        err: 'There is no tenant «nobody». See: npm run ops -- tenants',
      });
    },
  );

  it.each([
    [['explain', 'acme', 'e1', 'tomorrow'], 'YYYY-MM-DD'],
    [['failures', '--since', 'yesterday'], '36h, 7d, 30m, a date'],
    [['failures', '--limit', '0'], 'from 1 to 10000'],
    [['replay', '--id', 'the-last-one'], 'Give ids as npm run ops -- failures shows them.'],
    [['tenants', '--wrong'], "unknown option '--wrong'"],
    [['nothing'], "unknown command 'nothing'"],
    [['show'], "missing required argument 'tenant'"],
  ])('refuses %j with 2, and says what is wrong', async (args, reason) => {
    const { exitCode, err } = await run(...args);

    expect(exitCode).toBe(2);
    expect(err).toContain(reason);
  });

  it('has help with the exit codes', async () => {
    const { exitCode, out } = await run('--help');

    expect(exitCode).toBe(0);
    for (const name of [
      'tenants',
      'show',
      'failures',
      'explain',
      'inbox',
      'subscriptions',
      'doctor',
      'repair',
      'history',
      'pause',
      'resume',
      'reconcile',
      'sync',
      'resync',
      'decide',
      'replay',
      'keys',
    ])
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    expect(out).toContain('Exit codes');
  });

  it('shows no name and no e-mail', async () => {
    const outputs = [
      await run('tenants', '--json'),
      await run('show', 'acme', '--json'),
      await run('explain', 'acme', 'e1', '2026-11-27', '--json'),
      await run('inbox', 'acme', '--json'),
      await run('failures', '--json'),
    ];

    expect(outputs.map(({ out }) => out).join()).not.toMatch(/nadia/i);
  });

  it('says which settings are missing', async () => {
    expect(await ops({}, ['tenants'])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('DATABASE_URL is not set'),
    });
  });

  it('says that the database does not answer', async () => {
    const away = { ...env, DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:1/nothing' };

    expect(await ops(away, ['tenants'])).toMatchObject({
      exitCode: 1,
      err: 'The database does not answer. Is DATABASE_URL right, and is it running?',
    });
  });
});
