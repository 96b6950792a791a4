import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Collection } from './collection.ts';
import { compareIds, CLUSTER_OFFSET } from './ids.ts';
import { sequenceOf, toPage } from './paging.ts';
import type { EmployeeRow, LeaveRow } from './rows.ts';
import { createSimulator, type Simulator } from './server.ts';
import { createPeer } from './support/testing.ts';

const switches = { badCursor: 400, lastCursor: 'set' } as const;
/** Ids of all lengths, those above 2^53 and the ones around powers of ten included. */
const id = fc.oneof(
  fc.bigInt({ min: 1n, max: 10n ** 20n }),
  fc.bigInt({ min: CLUSTER_OFFSET, max: CLUSTER_OFFSET + 50n }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
);

describe('a listing by cursor over data that moves', () => {
  const change = fc.oneof(
    fc.record({ add: id }),
    fc.record({ remove: fc.nat({ max: 200 }) }),
    fc.record({ touch: fc.nat({ max: 200 }) }),
  );

  it('shows every row that stays exactly once, in ascending order, and none that was never there', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(id, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 80 }),
        (first, limit, changes) => {
          const rows = new Collection<{ id: string; touched: number }>();
          for (const one of first) rows.add({ id: one.toString(), touched: 0 });
          const staying = new Set(rows.all().map((row) => row.id));
          const ever = new Set(staying);
          const seen: string[] = [];
          let afterId: string | undefined;
          for (let page = 0; ; page += 1) {
            const request = { limit: String(limit), afterId, beforeId: undefined, page: undefined };
            const answer = toPage(sequenceOf(rows.all()), request, switches);
            seen.push(...answer.rows.map((row) => row.id));
            if (!answer.meta.has_next_page) break;
            afterId = answer.meta.end_cursor ?? undefined;
            for (const what of changes[page] ?? []) {
              if ('add' in what) {
                const added = what.add.toString();
                if (rows.get(added) === undefined) rows.add({ id: added, touched: 0 });
                ever.add(added);
                continue;
              }
              const index = 'remove' in what ? what.remove : what.touch;
              const row = rows.all()[index % Math.max(rows.size, 1)];
              if (row === undefined) continue;
              if ('touch' in what) rows.update(row, { touched: row.touched + 1 });
              else {
                rows.remove(row.id);
                staying.delete(row.id);
              }
            }
          }

          expect(seen.toSorted(compareIds)).toEqual(seen);
          expect(new Set(seen).size).toBe(seen.length);
          expect([...staying].filter((one) => !seen.includes(one))).toEqual([]);
          expect(seen.filter((one) => !ever.has(one))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes back over the same pages that it came by', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(id, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (ids, limit) => {
          const rows = ids.map((one) => ({ id: one.toString() })).sort((a, b) => compareIds(a.id, b.id));
          const page = (cursors: { afterId?: string; beforeId?: string }) =>
            toPage(
              sequenceOf(rows),
              { limit: String(limit), afterId: cursors.afterId, beforeId: cursors.beforeId, page: undefined },
              switches,
            );
          let current = page({});
          while (current.meta.has_next_page) {
            const next = page({ afterId: current.meta.end_cursor ?? '' });
            expect(page({ beforeId: next.meta.start_cursor ?? '' }).rows).toEqual(current.rows);
            current = next;
          }
        },
      ),
    );
  });
});

it('orders ids as the whole numbers they are, whatever their size', () => {
  fc.assert(
    fc.property(id, id, (left, right) => {
      const order = Math.sign(compareIds(left.toString(), right.toString()));
      expect(order).toBe(left < right ? -1 : left > right ? 1 : 0);
    }),
  );
});

describe('filters', () => {
  let simulator: Simulator;
  let peer: ReturnType<typeof createPeer>;
  let token: string;
  let leaves: readonly LeaveRow[];
  let employees: readonly EmployeeRow[];

  beforeAll(async () => {
    simulator = createSimulator({ seed: { people: 12, absences: 90 } });
    peer = createPeer(simulator);
    token = (await peer.connect()).access_token;
    [leaves, employees] = await Promise.all([
      peer.control('GET', 'leaves'),
      peer.control('GET', 'employees'),
    ]);
  });
  afterAll(() => simulator.close());

  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  /** Positions of rows; beyond the end they are ids that nobody has. */
  const someOf = (most: number) => fc.array(fc.nat({ max: most }), { minLength: 1, maxLength: 6 });
  const date = fc
    .date({ min: new Date('2024-10-01'), max: new Date('2027-06-01'), noInvalidDate: true })
    .map((instant) => instant.toISOString().slice(0, 10));
  const idsAt = (rows: readonly { id: string }[], positions: readonly number[]) =>
    positions.map((position) => rows[position]?.id ?? String(position + 1));

  const ask = async (path: string, query: [string, string][]): Promise<string[]> => {
    const response = await peer.get(token, `${path}?${new URLSearchParams(query).toString()}`);
    return response.json().data.map((row: { id: string }) => row.id);
  };

  it('of leaves pass what each of them passes', async () => {
    const filters = fc.record({
      ids: maybe(someOf(95)),
      employees: maybe(someOf(14)),
      from: maybe(date),
      to: maybe(date),
      approved: maybe(fc.boolean()),
      pending: maybe(fc.boolean()),
      deleted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(filters, async ({ ids, employees: people, from, to, approved, pending, deleted }) => {
        const wanted = ids === undefined ? undefined : idsAt(leaves, ids);
        const owners = people === undefined ? undefined : idsAt(employees, people);
        const query: [string, string][] = [
          ...(wanted ?? []).map((one): [string, string] => ['ids[]', one]),
          ...(owners ?? []).map((one): [string, string] => ['employee_ids[]', one]),
          ...Object.entries({
            from,
            to,
            approved,
            include_pending: pending,
            include_deleted_leaves: deleted,
          }).flatMap(([name, value]): [string, string][] =>
            value === undefined ? [] : [[name, String(value)]],
          ),
        ];

        const answered = await ask('timeoff/leaves', query);

        const state = (row: LeaveRow) =>
          approved === undefined
            ? pending !== true || row.approved === null
            : row.approved === approved || (pending === true && row.approved === null);
        const expected = leaves.filter(
          (row) =>
            (wanted?.includes(row.id) ?? true) &&
            (owners?.includes(row.employee_id) ?? true) &&
            (from === undefined || row.finish_on === null || row.finish_on >= from) &&
            (to === undefined || row.start_on <= to) &&
            state(row) &&
            (deleted || row.deleted_at === null),
        );
        expect(answered).toEqual(expected.map((row) => row.id));
      }),
      { numRuns: 150 },
    );
  });

  it('of employees pass what each of them passes', async () => {
    const filters = fc.record({ ids: maybe(someOf(14)), updatedFrom: maybe(date), onlyActive: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(filters, async ({ ids, updatedFrom, onlyActive }) => {
        const wanted = ids === undefined ? undefined : idsAt(employees, ids);
        const query: [string, string][] = [
          ...(wanted ?? []).map((one): [string, string] => ['ids[]', one]),
          ...(updatedFrom === undefined
            ? []
            : [['updated_at_gteq', `${updatedFrom}T23:00:00Z`] as [string, string]]),
          ['only_active', String(onlyActive)],
        ];

        const answered = await ask('employees/employees', query);

        const today = simulator.world.clock.today();
        const expected = employees.filter(
          (row) =>
            (wanted?.includes(row.id) ?? true) &&
            (updatedFrom === undefined || row.updated_at.slice(0, 10) >= updatedFrom) &&
            (!onlyActive || row.terminated_on === null || row.terminated_on > today),
        );
        expect(answered).toEqual(expected.map((row) => row.id));
      }),
      { numRuns: 60 },
    );
  });
});
