import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createSimulator, type Simulator } from './server.ts';
import { createPeer } from './support/testing.ts';
import { switchesSchema } from './switches.ts';

describe('paging', () => {
  let simulator: Simulator;
  let peer: ReturnType<typeof createPeer>;
  let token: string;

  beforeAll(async () => {
    simulator = createSimulator({ seed: { people: 250, absences: 0 } });
    peer = createPeer(simulator);
    token = (await peer.connect()).access_token;
  });
  afterEach(() => {
    Object.assign(simulator.world.switches, switchesSchema.parse({}));
  });
  afterAll(() => simulator.close());

  const page = async (query: string) => (await peer.get(token, `employees/employees?${query}`)).json();

  it('walks through all rows in id order, no row twice', async () => {
    const ids: string[] = [];
    let cursor = '';
    let pages = 0;
    for (;;) {
      const { data, meta } = await page(cursor === '' ? '' : `after_id=${encodeURIComponent(cursor)}`);
      ids.push(...data.map((row: { id: string }) => row.id));
      pages += 1;
      if (!meta.has_next_page) break;
      cursor = meta.end_cursor;
    }

    expect(pages).toBe(3);
    expect(ids).toEqual(
      simulator.world.companies
        .values()
        .next()
        .value?.employees.all()
        .map((row) => row.id),
    );
  });

  it.each([
    ['', 100],
    ['limit=7', 7],
    ['limit=500', 100],
    ['limit=0', 100],
  ])('clamps the page size: "%s" gives %i rows', async (query, size) => {
    const { data, meta } = await page(query);

    expect(data).toHaveLength(size);
    expect(meta).toMatchObject({ total: 250, limit: size, has_next_page: true, has_previous_page: false });
  });

  it('goes backward from a cursor', async () => {
    const first = await page('limit=10');
    const second = await page(`limit=10&after_id=${first.meta.end_cursor}`);

    const back = await page(`limit=10&before_id=${second.meta.start_cursor}`);

    expect(back.data).toEqual(first.data);
    expect(second.meta.has_previous_page).toBe(true);
  });

  it('goes by page number as well, as older versions did, and then has no cursors', async () => {
    const { data, meta } = await page('limit=10&page=25');

    expect(data).toEqual((await page('limit=100&page=3')).data.slice(-10));
    expect(meta).toEqual({ has_next_page: false, has_previous_page: true, total: 250, limit: 10 });
  });

  it('takes a cursor without a value for none', async () => {
    expect((await page('after_id=')).meta).toEqual((await page('')).meta);
  });

  it('neither skips nor repeats a row when the row of the cursor has vanished', async () => {
    const first = await page('limit=5');
    const expected = (await page('limit=10')).data[5].id;

    await peer.control('DELETE', `employees/${first.data[4].id}`);

    expect((await page(`limit=5&after_id=${first.meta.end_cursor}`)).data[0].id).toBe(expected);
  });

  it('shows a change to the next page of the same query', async () => {
    const before = await page('limit=5&only_active=true');

    await peer.control('POST', 'employees', { first_name: 'New' });

    expect((await page(`limit=5&only_active=true&after_id=${before.meta.end_cursor}`)).meta.total).toBe(
      before.meta.total + 1,
    );
  });

  it('refuses or ignores a broken cursor', async () => {
    const refused = await peer.get(token, 'employees/employees?after_id=nonsense!');
    await peer.control('PUT', 'switches', { badCursor: 'ignore' });
    const ignored = await peer.get(token, 'employees/employees?after_id=nonsense!');

    expect(refused.statusCode).toBe(400);
    expect(ignored.json().meta.has_previous_page).toBe(false);
  });

  it('leaves the last end cursor out where the switch says so', async () => {
    await peer.control('PUT', 'switches', { lastCursor: 'absent' });

    expect((await page('emails[]=nobody')).meta).toEqual({
      has_next_page: false,
      has_previous_page: false,
      total: 0,
      limit: 100,
      start_cursor: null,
    });
  });

  it('pages computed rows by employee and day', async () => {
    const [one, two] = (await page('limit=2')).data.map((row: { id: string }) => row.id);
    const query = `attendance/estimated_times?start_on=2026-01-01&end_on=2026-03-31&employee_ids[]=${one}&employee_ids[]=${two}`;

    const first = (await peer.get(token, query)).json();
    const second = (await peer.get(token, `${query}&after_id=${first.meta.end_cursor}`)).json();

    expect(first.meta).toMatchObject({ total: 180, has_next_page: true });
    expect(second.data).toHaveLength(80);
    expect(new Set([...first.data, ...second.data].map((row) => row.id)).size).toBe(180);
    expect(second.data.at(-1)).toMatchObject({ employee_id: two, date: '2026-03-31' });
  });
});

describe('a large company', () => {
  it('pages through 20,000 leaves without filtering them for each page', async () => {
    const simulator = createSimulator({ seed: { people: 1_000, absences: 20_000 } });
    const peer = createPeer(simulator);
    const token = (await peer.connect()).access_token;
    const first = (
      await peer.get(token, 'timeoff/leaves?from=2020-01-01&include_deleted_leaves=false')
    ).json();

    let filtered = 0;
    const { filterCache } = simulator.world;
    const { rows } = filterCache;
    filterCache.rows = (key, stamp, compute) =>
      rows(key, stamp, () => {
        filtered += 1;
        return compute();
      });
    let cursor = first.meta.end_cursor;
    for (let count = 0; count < 50; count += 1) {
      const response = await peer.get(
        token,
        `timeoff/leaves?from=2020-01-01&include_deleted_leaves=false&after_id=${cursor}`,
      );
      cursor = response.json().meta.end_cursor;
    }

    expect(first.meta.total).toBeGreaterThan(15_000);
    expect(filtered).toBe(0);
    await simulator.close();
  });
});
