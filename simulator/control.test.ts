import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seedPeople } from './seed/people.ts';
import { createSimulator, type Simulator } from './server.ts';
import { createPeer } from './support/testing.ts';

let simulator: Simulator;
let peer: ReturnType<typeof createPeer>;

beforeEach(() => {
  simulator = createSimulator();
  peer = createPeer(simulator);
});
afterEach(() => simulator.close());

describe('control', () => {
  it('describes a seeded company that is the same each time', async () => {
    const again = createSimulator();
    const [first, second] = await Promise.all([
      peer.control('GET', 'leaves'),
      createPeer(again).control('GET', 'leaves'),
    ]);
    const state = await peer.control('GET', 'state');

    const shape = (rows: { id: string; start_on: string; finish_on: string }[]) =>
      rows.map((row) => [row.id, row.start_on, row.finish_on]);
    expect(shape(first)).toEqual(shape(second));
    expect(state.company.name).toBe('ACME');
    expect(state.counts).toMatchObject({
      employees: 40,
      leaves: 500,
      leave_types: 8,
      locations: 3,
      schedules: 2,
    });
    await again.close();
  });

  it('tells the same seed people as the file beside it', async () => {
    const file = JSON.parse(readFileSync(new URL('./seed-people.json', import.meta.url), 'utf8'));
    const employees = await peer.control('GET', 'employees');

    expect(file).toEqual(seedPeople);
    expect(await peer.control('GET', 'seed-people')).toEqual(file);
    expect(employees.map(({ email }: { email: string }) => email)).toEqual(
      seedPeople.map(({ email }) => email),
    );
    expect(new Set(seedPeople.map(({ email }) => email)).size).toBe(40);
  });

  it('seeds a company of another size without using an id twice', async () => {
    const before = await peer.control('GET', 'employees');

    const state = await peer.control('POST', 'seed', { people: 120, absences: 50, locations: 5 });
    const after = await peer.control('GET', 'employees');

    expect(state.counts).toMatchObject({ employees: 120, leaves: 50, locations: 5 });
    expect(new Set([...before, ...after].map(({ id }) => id)).size).toBe(160);
    expect(new Set(after.map(({ email }: { email: string }) => email)).size).toBe(120);
  });

  it('holds several companies, each token seeing its own', async () => {
    const { company } = await peer.control('POST', 'companies', { name: 'Other Co', people: 2, absences: 0 });
    const own = await peer.connect();
    const other = await peer.connect({ resource_owner_type: 'company', company_id: company.id });

    const totals = await Promise.all(
      [own, other].map(
        async ({ access_token }) => (await peer.get(access_token, 'employees/employees')).json().meta.total,
      ),
    );

    expect(totals).toEqual([40, 2]);
    expect(await peer.control('GET', `employees?company_id=${company.id}`)).toHaveLength(2);
  });

  it('counts what was asked of the public side, and nothing else', async () => {
    const { access_token } = await peer.connect();
    await peer.control('POST', 'requests/reset');

    await peer.get(access_token, 'timeoff/leaves?ids[]=1&ids[]=2');
    await peer.get(access_token, 'employees/employees/7');

    const { counts, last } = await peer.control('GET', 'requests');
    expect(counts).toEqual({
      'GET /api/:version/resources/timeoff/leaves': 1,
      'GET /api/:version/resources/employees/employees/:id': 1,
    });
    expect(last[0]).toMatchObject({
      path: '/api/2026-10-01/resources/timeoff/leaves',
      query: { 'ids[]': ['1', '2'] },
      status: 200,
    });
    expect(last[1]).toMatchObject({ status: 404 });
  });

  it('refuses what it does not know', async () => {
    await expect(peer.control('PUT', 'switches', { nonsense: 1 })).rejects.toThrow('400');
    await expect(peer.control('POST', 'employees', { salary: 1 })).rejects.toThrow('400');
    await expect(
      peer.control('POST', 'leaves', { employee_id: '1', start_on: '2026-01-01' }),
    ).rejects.toThrow('does not exist');
    await expect(peer.control('POST', 'leaves/bulk_delete', { ids: ['1'] })).rejects.toThrow('404');
  });

  it('edits a holiday in place or under a new id', async () => {
    const [holiday] = await peer.control('GET', 'holidays');

    const same = await peer.control('PUT', `holidays/${holiday.id}`, { date: '2026-02-03' });
    await peer.control('PUT', 'switches', { holidayEdit: 'newId' });
    const other = await peer.control('PUT', `holidays/${holiday.id}`, { date: '2026-02-04' });

    expect(same).toMatchObject({ id: holiday.id, date: '2026-02-03' });
    expect(other.id).not.toBe(holiday.id);
    expect(await peer.control('GET', `holidays?id=${holiday.id}`)).toEqual([]);
  });

  it('stops the clock, so that it moves by order only', async () => {
    const stopped = await peer.control('POST', 'clock', { frozen: true, to: '2099-03-27T22:59:00Z' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const still = await peer.control('GET', 'clock');
    const moved = await peer.control('POST', 'clock', { advanceMs: 60_000 });

    expect(stopped).toEqual({ now: '2099-03-27T22:59:00.000Z', today: '2099-03-27', frozen: true });
    expect(still).toEqual(stopped);
    expect(moved.now).toBe('2099-03-27T23:00:00.000Z');
    await expect(peer.control('POST', 'clock', { to: '2020-01-01T00:00:00Z' })).rejects.toThrow(
      'never goes back',
    );
    expect((await peer.control('POST', 'clock', { frozen: false })).frozen).toBe(false);
  });

  it('ends the tokens of one company only, where it is named', async () => {
    const { company } = await peer.control('POST', 'companies', { name: 'Other Co', people: 1, absences: 0 });
    const own = await peer.connect();
    const other = await peer.exchange(
      await peer.consent({ resource_owner_type: 'company', company_id: company.id }),
    );

    await peer.control('POST', 'tokens/revoke-all', { company_id: company.id });

    expect((await peer.get(own.access_token, 'employees/employees')).statusCode).toBe(200);
    expect((await peer.get(other.json().access_token, 'employees/employees')).statusCode).toBe(401);
  });

  it('seeds invented people only, and planted values in every personal field', async () => {
    const employees: { email: string; personal_email: string; personal: Record<string, unknown> }[] =
      await peer.control('GET', 'employees');

    for (const { email, personal_email, personal } of employees) {
      expect(email).toMatch(/^[a-z]+\.[a-z]+@acme\.example$/);
      expect(personal_email).toMatch(/@personal\.example$/);
      const real = Object.entries(personal).filter(
        ([, value]) => typeof value === 'string' && value.length > 6 && !value.startsWith('PLANTED-'),
      );
      expect(real.map(([name]) => name).toSorted()).toEqual(['birthday_on', 'identifier_expiration_date']);
    }
  });

  it('seeds the same company from the same number, and another one from another', async () => {
    const leaves = async (seed: number) => {
      await peer.control('POST', 'seed', { seed, people: 10, absences: 40 });
      const rows: { start_on: string; half_day: string | null; approved: boolean | null }[] =
        await peer.control('GET', 'leaves');
      return rows.map(({ start_on, half_day, approved }) => [start_on, half_day, approved]);
    };

    const first = await leaves(1);

    expect(await leaves(1)).toEqual(first);
    expect(await leaves(2)).not.toEqual(first);
  });

  it('tells the day after the last day where the switch says so', async () => {
    await peer.control('PUT', 'switches', { terminationDayEvent: 'update' });
    const { access_token } = await peer.connect();
    const { company, today } = await peer.control('GET', 'state');
    const subscription = {
      subscription_type: 'employees/employee/update',
      target_url: 'http://127.0.0.1:9/',
      company_id: company.id,
    };
    await peer.send('POST', access_token, 'api_public/webhook_subscriptions', subscription);
    const [{ id }] = await peer.control('GET', 'employees');
    await peer.control('POST', `employees/${id}/terminate`, { terminated_on: today });
    const quietly = { company_identifier: 'E-9', silent: true };
    await peer.control('PUT', `employees/${id}`, quietly); // changed meanwhile, of which nobody is told

    await peer.control('POST', 'clock', { advanceMs: 86_400_000 });
    await peer.control('POST', 'deliveries/settle');

    expect(await peer.control('GET', 'deliveries')).toMatchObject([
      { type: 'employees/employee/update', resource_ids: [id] },
    ]);
    expect((await peer.get(access_token, `employees/employees/${id}`)).json()).toMatchObject({
      active: false,
      is_terminating: false,
    });
  });
});
