import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantIdKey } from '../../contracts/temporal/search-attributes.ts';
import { addDays } from '../../domain/civil-date.ts';
import { readablePlaces, waitForRuns } from '../support/histories.ts';
import {
  authorize,
  connect,
  F,
  linkEverybody,
  mapAbsenceTypes,
  readCard,
  readEmployees,
  reconcile,
  waitForReconciliation,
  waitUntilComputed,
} from '../support/story.ts';
import {
  databasePlaces,
  findValues,
  secretsInDatabase,
  valuesOfPeople,
  type Place,
  type SecretValue,
} from '../support/values-in-use.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';

const storyTimeoutMs = 120_000;
const note = 'Ask Ramona Quesada why';

let world: World;
/** Everything secret that was in use at some moment of the story. */
const secrets: SecretValue[] = [];
let people: { planted: SecretValue[]; names: SecretValue[] };

beforeAll(async () => {
  world = await createWorld({ processes: true, seed: { absences: 60 }, env: { LOG_LEVEL: 'trace' } });
  await playStory();
  people = await valuesOfPeople(world);
}, storyTimeoutMs);
afterAll(async () => {
  await world?.close();
});

/** Uses every kind of secret and of personal data, with failures that could quote them. */
async function playStory(): Promise<void> {
  const { admin, factorial, application, bearerTokens } = world;
  secrets.push({ what: 'the client secret', value: application.clientSecret });
  for (const value of bearerTokens) secrets.push({ what: 'a bearer token', value });
  await factorial('PUT', 'switches', { companyTokenShape: 'full', accessTokenTtl: 6 });
  keepAuthorization(await connect(world));
  await keepSecrets();
  await factorial('PUT', 'switches', { accessTokenTtl: 3_600 });
  await waitForReconciliation(world);
  await linkEverybody(world);
  await mapAbsenceTypes(world);
  await waitFor('the refresh', async () => {
    const row = await world.db.tokenPair.findUnique({ where: { tenantId: world.tenantId } });
    return (row?.version ?? 0) >= 2;
  });
  await keepSecrets();

  const employee = (await readEmployees(world)).find((one) => one.active && one.link !== null);
  const profileId = employee?.link?.profileId ?? '';
  const date = addDays(new Date().toISOString().slice(0, 10), 3);
  await admin('PUT', `/api/employees/${employee?.employeeId ?? ''}/calendar/${date}`, {
    dayTypeId: 'remote',
    note,
  });
  await factorial('POST', 'employees', {
    first_name: 'Zoraida',
    last_name: 'Quintanilla',
    email: 'zoraida@acme.example',
  });
  await factorial('PUT', `employees/${profileId}`, { email: 'another@acme.example' });
  // Of these two rows the second cannot be read, and an error that quotes it would tell.
  await factorial('POST', 'faults', {
    kind: 'status',
    status: 200,
    method: 'GET',
    path: '/timeoff/leaves',
    body: {
      data: [
        {
          id: '1',
          employee_id: 'PLANTED-WRONG-ID',
          start_on: 'PLANTED-WRONG-DATE',
          description: 'PLANTED-WRONG',
        },
      ],
      meta: { has_next_page: false, total: 1 },
    },
  });
  await factorial('POST', 'leaves', {
    employee_id: profileId,
    start_on: date,
    half_day: 'unheard_of',
    approved: true,
  });
  await factorial('POST', 'faults', {
    kind: 'html',
    status: 502,
    method: 'GET',
    path: '/employees/employees',
  });
  await factorial('POST', 'deliveries/settle', { timeoutMs: 10_000 });
  await waitUntilComputed(world, 60_000);
  await reconcile(world);
  const failures = await world.db.failure.findMany({ select: { code: true } });
  expect(new Set(failures.map((one) => one.code))).toEqual(new Set(['schema_drift', 'unknown_value']));

  // Requests that are refused, with secrets where they do not belong.
  const [subscription] = await factorial<{ target_url: string }[]>('GET', 'subscriptions');
  const challenge = 'PLANTED-WRONG-CHALLENGE';
  secrets.push({ what: 'a wrong challenge', value: challenge });
  await fetch(subscription?.target_url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-factorial-wh-challenge': challenge },
    body: '{"id":',
  });
  await admin('PUT', `${F}/credentials`, { ...application, clientId: 7 }, 400);
  await world.factorial('POST', 'tokens/revoke-all', {});
  await admin('POST', `${F}/reconciliations`, {}, 202);
  await waitFor('the connection to expire', async () => (await readCard(world)).status === 'expired', 30_000);
  const { body } = await admin<{ authorizationUrl: string }>('POST', `${F}/reauthorization`, {}, 201);
  const state = new URL(body.authorizationUrl).searchParams.get('state') ?? '';
  secrets.push({ what: 'the state of a reauthorization', value: state });
  await admin('POST', `${F}/disconnect`, {}, 202);
  await waitFor(
    'the credentials to be deleted',
    async () => (await world.db.credentialVersion.count()) === 0,
    30_000,
  );

  // And again, so that something is connected while it is looked at.
  await admin('PUT', `${F}/credentials`, application, 202);
  keepAuthorization(await authorize(world));
  await waitFor('the second connection', async () => (await readCard(world)).status === 'connected', 30_000);
  await keepSecrets();
  await waitForRuns(world.temporal.client, `factorial-connection/${world.tenantId}`, 1);
}

function keepAuthorization({ state, code }: { state: string; code: string }): void {
  secrets.push(
    { what: 'the state of an authorization', value: state },
    { what: 'an OAuth code', value: code },
  );
}

async function keepSecrets(): Promise<void> {
  secrets.push(...(await secretsInDatabase(world)));
}

describe('an operator of Temporal', () => {
  let places: Place[];
  beforeAll(async () => {
    places = await readablePlaces(world.temporal.client);
  }, 30_000);

  it('reads no secret, no personal datum, and no note of a person', () => {
    // The search is about something.
    expect(places.length).toBeGreaterThan(300);
    expect(secrets.length).toBeGreaterThan(40);
    expect(people.names.length).toBeGreaterThan(100);

    const notes = [note, 'Ramona', 'Quesada'].map((value) => ({ what: 'a note', value }));
    const planted = [...people.planted, { what: 'something planted', value: 'PLANTED' }];
    expect(findValues(places, [...secrets, ...people.names, ...planted, ...notes])).toEqual([]);
  });

  it('would be found out: each planted value is seen where it stands', async () => {
    const [name = { what: '', value: '' }] = people.names;
    const email = people.names.find(({ value }) => value.includes('@'))?.value ?? '';
    const token = secrets.find(({ what }) => what === 'an access token')?.value ?? '';
    const handle = await world.temporal.client.workflow.start('nobody', {
      workflowId: 'planted',
      taskQueue: 'nobody',
      args: [{ employees: [name.value] }],
      memo: { url: `https://x.example/?access_token=${token}` },
      typedSearchAttributes: [{ key: tenantIdKey, value: email.toUpperCase() }],
      staticSummary: `sync of ${note}`,
    });
    await handle.signal('nothing', { challenge: `«${secrets[0]?.value ?? ''}»` });
    await handle.terminate(`because of ${name.value}`);

    const planted = await waitFor('the planted workflow', async () => {
      const all = (await readablePlaces(world.temporal.client)).filter(({ where }) =>
        where.startsWith('nobody '),
      );
      return all.some(({ where }) => where.includes('TERMINATED')) ? all : null;
    });
    const found = (value: string): string[] => findValues(planted, [{ what: 'it', value }]);

    expect(found(name.value)).toContainEqual(expect.stringContaining('EXECUTION_STARTED'));
    expect(found(name.value)).toContainEqual(expect.stringContaining('EXECUTION_TERMINATED'));
    expect(found(token)).toContainEqual(expect.stringContaining('description'));
    expect(found(email)).toContainEqual(expect.stringContaining('description'));
    expect(found(note)).toContainEqual(expect.stringContaining('EXECUTION_STARTED'));
    expect(found(secrets[0]?.value ?? '')).toContainEqual(expect.stringContaining('EXECUTION_SIGNALED'));
  });
});

describe('the database', () => {
  it('keeps nothing of what only Factorial needs to know of a person', async () => {
    const places = await databasePlaces(world);

    const planted = [...people.planted, { what: 'something planted', value: 'PLANTED' }];
    expect(findValues(places, planted)).toEqual([]);
    // It does hold the names: the search looks at the right rows.
    expect(findValues(places, people.names)).toContainEqual(expect.stringContaining('table profiles'));
  });

  it('keeps no secret in clear', async () => {
    expect(findValues(await databasePlaces(world), secrets)).toEqual([]);
  });
});

describe('the logs of API and worker', () => {
  it('hold no secret and no personal datum', () => {
    const places = world
      .logs()
      .split('\n')
      .map((text, index): Place => ({ where: `line ${index + 1}, ${text.slice(0, 300)}`, text }));

    expect(places.length).toBeGreaterThan(50);
    const planted = [...people.planted, { what: 'something planted', value: 'PLANTED' }];
    expect(findValues(places, [...secrets, ...people.names, ...planted])).toEqual([]);
  });
});
