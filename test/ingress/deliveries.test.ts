import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectionWorkflowId } from '../../contracts/temporal/names.ts';
import { openFailuresKey, troubleCodesKey } from '../../contracts/temporal/search-attributes.ts';
import { F, readEmployees, settleIn, waitForStatus, waitUntilComputed } from '../support/story.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, type World } from '../support/world.ts';
import { post } from './support/tenant.ts';

/** One world, one connected tenant; the last test disconnects it. */
let world: World;
let subscriptions: { type: string; target_url: string; challenge: string }[];

beforeAll(async () => {
  world = await createWorld({ seed: { people: 6, absences: 0 } });
  await settleIn(world);
  subscriptions = await waitFor('all subscriptions', async () => {
    const rows = await world.factorial<typeof subscriptions>('GET', 'subscriptions');
    return rows.length > 15 ? rows : null;
  });
}, 60_000);
afterAll(async () => {
  await world.close();
});

const deliver = async (type: string, body: object): Promise<number> => {
  const subscription = subscriptions.find((one) => one.type === type);
  const { status } = await post(subscription?.target_url ?? '', subscription?.challenge ?? '', body);
  return status;
};

interface Leave {
  readonly id: string;
  readonly updated_at: string;
}

/** A day off happens in Factorial, without a word. */
async function takeDayOff(daysAhead: number): Promise<{ leave: Leave; employeeId: string; date: string }> {
  const [employee] = (await readEmployees(world)).filter(({ link, active }) => link !== null && active);
  if (employee?.link == null) throw new Error('nobody is linked');
  const { rows } = await nextWorkingDays(employee.employeeId);
  const date = rows[daysAhead] ?? '';
  const leave = await world.factorial<Leave>('POST', 'leaves', {
    employee_id: employee.link.profileId,
    start_on: date,
    leave_type: 'holiday',
    approved: true,
    silent: true,
  });
  return { leave, employeeId: employee.employeeId, date };
}

async function nextWorkingDays(employeeId: string): Promise<{ rows: string[] }> {
  const days = await world.db.calendarDay.findMany({
    where: { tenantId: world.tenantId, employeeId, date: { gt: new Date() }, dayTypeId: 'working_day' },
    orderBy: { date: 'asc' },
    take: 10,
  });
  return { rows: days.map(({ date }) => date.toISOString().slice(0, 10)) };
}

const inboxOf = (resourceId: string) =>
  world.db.inboxRow.findMany({ where: { tenantId: world.tenantId, resourceId }, orderBy: { id: 'asc' } });

async function outcomesOf(resourceId: string, count: number): Promise<string[]> {
  return await waitFor(`${count} outcomes of ${resourceId}`, async () => {
    const outcomes = (await inboxOf(resourceId)).map(({ outcome }) => outcome);
    if (outcomes.length === count && !outcomes.includes(null)) return outcomes as string[];
    throw new Error(`there are ${JSON.stringify(outcomes)}`);
  });
}

/** How often the feed has told of a day so far. */
async function changesOf(day: string): Promise<number> {
  let count = 0;
  for (let after = ''; ;) {
    const path = `/api/changes?limit=200${after}`;
    const { items, next } = (await world.service<{ items: { id: string }[]; next: string }>('GET', path))
      .body;
    if (items.length === 0) return count;
    count += items.filter(({ id }) => id === day).length;
    after = `&after=${next}`;
  }
}

/** Waits until so many reads brought an answer that was too old; answers when the next is due. */
async function postponed(resourceId: string, reads: number): Promise<number> {
  return await waitFor(`read ${reads} to be too old`, async () => {
    const [row] = await inboxOf(resourceId);
    const isNext = row?.tries === reads && row.outcome === null && (row.dueAt?.getTime() ?? 0) > 0;
    return isNext ? row.dueAt?.getTime() : null;
  });
}

/** Has the next read begin at once. */
async function readNow(resourceId: string, data: object = {}): Promise<void> {
  const where = { tenantId: world.tenantId, resourceId };
  await world.db.inboxRow.updateMany({ where, data: { dueAt: new Date(0), ...data } });
  const workflow = world.temporal.client.workflow.getHandle(connectionWorkflowId(world.tenantId));
  await workflow.signal('webhooksReceived', { counts: {} });
}

describe('copies of a delivery', () => {
  it('that come together are one row with one effect; the same body after it was read is a new row', async () => {
    const { leave, employeeId, date } = await takeDayOff(0);
    const changesBefore = await changesOf(`${employeeId}/${date}`);

    await world.stop('worker');
    const statuses = await Promise.all(
      Array.from({ length: 64 }, () => deliver('timeoff/leave/create', leave)),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await inboxOf(leave.id)).toMatchObject([{ copies: 64, outcome: null }]);
    await world.start('worker');
    expect(await outcomesOf(leave.id, 1)).toEqual(['applied']);

    expect(await deliver('timeoff/leave/create', leave)).toBe(200);
    expect(await outcomesOf(leave.id, 2)).toEqual(['applied', 'unchanged']);
    expect((await inboxOf(leave.id)).map(({ copies }) => copies)).toEqual([64, 1]);
    await waitUntilComputed(world);
    expect((await changesOf(`${employeeId}/${date}`)) - changesBefore).toBe(1);
  }, 30_000);
});

describe('an answer that is older than its delivery', () => {
  it('is asked for again, and written when it is new enough', async () => {
    const { leave } = await takeDayOff(1);
    const soon = new Date(Date.parse(leave.updated_at) + 3_600_000).toISOString();
    expect(await deliver('timeoff/leave/update', { ...leave, updated_at: soon })).toBe(200);
    const dueAt = await postponed(leave.id, 1);
    expect(dueAt - Date.now()).toBeLessThan(5_000);

    await readNow(leave.id, { updatedAtFloor: new Date(leave.updated_at) });

    expect(await outcomesOf(leave.id, 1)).toEqual(['unchanged']); // the older answer was written, as it was newer than what we had
    expect((await inboxOf(leave.id))[0]?.tries).toBe(2);
  }, 20_000);

  it('is taken after five reads', async () => {
    const { leave } = await takeDayOff(2);
    expect(await deliver('timeoff/leave/update', { ...leave, updated_at: '2036-01-01T00:00:00Z' })).toBe(200);

    for (let reads = 1; reads < 5; reads += 1) {
      await postponed(leave.id, reads);
      await readNow(leave.id);
    }

    expect(await outcomesOf(leave.id, 1)).toHaveLength(1);
    expect((await inboxOf(leave.id))[0]?.tries).toBe(5);
  }, 30_000);
});

describe('an answer without what its delivery tells of', () => {
  it('is asked for again, and written when it is there', async () => {
    const { leave } = await takeDayOff(4);
    await world.factorial('POST', 'faults', {
      kind: 'page',
      path: 'timeoff/leaves',
      shape: 'empty',
      times: 1,
    });
    expect(await deliver('timeoff/leave/create', leave)).toBe(200);
    await postponed(leave.id, 1);

    await readNow(leave.id);

    expect(await outcomesOf(leave.id, 1)).toEqual(['applied']);
  }, 20_000);

  it('is believed after five reads', async () => {
    expect(await deliver('timeoff/leave/update', { id: 'nowhere' })).toBe(200);

    for (let reads = 1; reads < 5; reads += 1) {
      await postponed('nowhere', reads);
      await readNow('nowhere');
    }

    expect(await outcomesOf('nowhere', 1)).toEqual(['gone']);
  }, 30_000);

  it('is believed at once where it was told that this is deleted', async () => {
    expect(await deliver('timeoff/leave/delete', { id: 'deleted' })).toBe(200);

    expect(await outcomesOf('deleted', 1)).toEqual(['gone']);
    expect((await inboxOf('deleted'))[0]?.tries).toBe(1);
  }, 20_000);
});

describe('what could not be read', () => {
  it('is no trouble any more when a delivery brings it in step', async () => {
    const { leave } = await takeDayOff(5);
    const troubles = async () => {
      const { warnings } = (await world.admin<{ warnings: { code: string }[] }>('GET', F)).body;
      const workflow = world.temporal.client.workflow.getHandle(connectionWorkflowId(world.tenantId));
      const { typedSearchAttributes } = await workflow.describe();
      return {
        warnings: warnings.map(({ code }) => code),
        codes: typedSearchAttributes.get(troubleCodesKey) ?? [],
        open: typedSearchAttributes.get(openFailuresKey),
      };
    };
    const body = { data: [{ ...leave, start_on: 'x' }], meta: { has_next_page: false, total: 1 } };
    await world.factorial('POST', 'faults', {
      kind: 'status',
      path: 'timeoff/leaves',
      status: 200,
      body,
      times: 1,
    });
    await deliver('timeoff/leave/create', leave);
    await waitFor('the trouble', async () => {
      const { warnings, codes, open } = await troubles();
      return warnings.includes('schema_drift') && codes.includes('schema_drift') && open === 1;
    });

    await deliver('timeoff/leave/update', leave);

    const end = await waitFor('the end of the trouble', async () => {
      const { warnings, codes, open } = await troubles();
      return warnings.length === 0 && codes.length === 0 ? { open } : null;
    });
    expect(end).toEqual({ open: 0 });
  }, 30_000);
});

describe('a delivery that comes after the disconnect', () => {
  it('is not stored: its key is nothing any more', async () => {
    const { leave } = await takeDayOff(3);
    await world.admin('POST', `${F}/disconnect`, {}, 202);
    await waitForStatus(world, 'disconnected');
    await waitFor('the subscriptions to be retired', async () => {
      return (
        (await world.db.subscription.count({ where: { tenantId: world.tenantId, retiredAt: null } })) === 0
      );
    });

    expect(await deliver('timeoff/leave/create', leave)).toBe(404);

    expect(await inboxOf(leave.id)).toEqual([]);
    expect(await world.db.inboxRow.count({ where: { tenantId: world.tenantId, outcome: null } })).toBe(0);
  }, 30_000);
});
