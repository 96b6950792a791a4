import { setTimeout as sleep } from 'node:timers/promises';
import { addDays, type CivilDate } from '../../../domain/civil-date.ts';
import type { Random } from '../../../simulator/random.ts';
import { readAbsenceTypes, readEmployees, F } from '../../support/story.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { World } from '../../support/world.ts';

/** What goes on in a company while machines die: in Factorial, which tells of it, and in WorkMeter, where people insist. */

interface Leave {
  readonly id: string;
  readonly approved: boolean | null;
  readonly deleted_at: string | null;
}
interface Person {
  readonly id: string;
  readonly last_name: string;
  readonly terminated_on: CivilDate | null;
}

const halves = [null, null, 'beginning_of_day', 'end_of_day'] as const;
/** Longer than everybody is away on a slow machine. */
const insistMs = 180_000;

/** Changes something in Factorial every few moments, until told to stop. Answers how often. */
export async function changeFactorial(
  world: World,
  random: Random,
  { today, isOver }: { today: CivilDate; isOver: () => boolean },
): Promise<number> {
  let changes = 0;
  for (; !isOver(); changes += 1) {
    await random.pick(factorialChanges)(world, random, today);
    await sleep(random.between(10, 120));
  }
  return changes;
}

type Change = (world: World, random: Random, today: CivilDate) => Promise<unknown>;

const takeLeave: Change = async ({ factorial }, random, today) => {
  const person = random.pick(await factorial<Person[]>('GET', 'employees'));
  const type = random.pick(await factorial<{ id: string }[]>('GET', 'leave_types'));
  return await factorial('POST', 'leaves', {
    employee_id: person.id,
    leave_type_id: type.id,
    ...datesOf(random, today),
    approved: random.pick([true, true, null]),
  });
};
const changeLeave: Change = async (world, random, today) => {
  const leave = await anyLeave(world, random);
  return leave && (await world.factorial('PUT', `leaves/${leave.id}`, datesOf(random, today)));
};
const decideLeave: Change = async (world, random) => {
  const leave = await anyLeave(world, random);
  return (
    leave && (await world.factorial('POST', `leaves/${leave.id}/${random.pick(['approve', 'reject'])}`, {}))
  );
};
const deleteLeave: Change = async (world, random) => {
  const leave = await anyLeave(world, random);
  return leave && (await world.factorial('DELETE', `leaves/${leave.id}`));
};
const rename: Change = async ({ factorial }, random) => {
  const person = random.pick(await factorial<Person[]>('GET', 'employees'));
  return await factorial('PUT', `employees/${person.id}`, { last_name: `Name ${random.between(1, 1_000)}` });
};
const leaveOrReturn: Change = async ({ factorial }, random, today) => {
  const person = random.pick(await factorial<Person[]>('GET', 'employees'));
  return person.terminated_on === null
    ? await factorial('POST', `employees/${person.id}/terminate`, {
        terminated_on: addDays(today, random.between(-10, 40)),
      })
    : await factorial('POST', `employees/${person.id}/unterminate`, {});
};
const changeWeek: Change = async ({ factorial }, random) => {
  const schedule = random.pick(await factorial<{ id: string }[]>('GET', 'schedules'));
  const minutes = random.between(300, 500);
  return await factorial('PUT', `schedules/${schedule.id}`, {
    weekly_minutes: [...Array<number>(5).fill(minutes), 0, 0],
  });
};
const toggleType: Change = async ({ factorial }, random) => {
  const type = random.pick(await factorial<{ id: string; workable: boolean }[]>('GET', 'leave_types'));
  return await factorial('PUT', `leave_types/${type.id}`, { workable: !type.workable });
};

/** Leaves above all, as in life. */
const factorialChanges: readonly Change[] = [
  takeLeave,
  takeLeave,
  takeLeave,
  changeLeave,
  changeLeave,
  decideLeave,
  decideLeave,
  deleteLeave,
  rename,
  leaveOrReturn,
  changeWeek,
  toggleType,
];

async function anyLeave({ factorial }: World, random: Random): Promise<Leave | undefined> {
  const leaves = (await factorial<Leave[]>('GET', 'leaves')).filter((leave) => leave.deleted_at === null);
  return leaves.length === 0 ? undefined : random.pick(leaves);
}

function datesOf(random: Random, today: CivilDate) {
  const start = addDays(today, random.between(-20, 60));
  const length = random.pick([0, 0, 0, 1, 4]);
  return { start_on: start, finish_on: addDays(start, length), half_day: random.pick(halves) };
}

/** Edits days, changes what absence types mean, and asks for reconciliations, until told to stop. */
export async function changeWorkMeter(
  world: World,
  random: Random,
  { today, isOver }: { today: CivilDate; isOver: () => boolean },
): Promise<number> {
  const { admin } = world;
  const [employees, types] = [await readEmployees(world), await readAbsenceTypes(world)];
  let changes = 0;
  for (; !isOver(); changes += 1) {
    const day = `/api/employees/${random.pick(employees).employeeId}/calendar/${addDays(today, random.between(-10, 40))}`;
    const type = `${F}/day-types/${random.pick(types).absenceTypeId}`;
    const meaning = random.pick([{ dayTypeId: 'vacation' }, { dayTypeId: 'remote' }, { ignored: true }]);
    const minutes = random.between(0, 480);
    await insist(
      random.pick([
        () => admin('PUT', day, { dayTypeId: 'vacation', expectedMinutes: minutes }),
        () => admin('DELETE', day),
        () => admin('PUT', type, meaning),
        () => admin('DELETE', type),
        () => admin('POST', `${F}/reconciliations`, {}),
      ]),
    );
    await sleep(random.between(50, 300));
  }
  return changes;
}

/** Until somebody answers. That it is not possible as asked is an answer too. */
async function insist(call: () => Promise<unknown>): Promise<void> {
  await waitFor(
    'an answer of the API',
    () =>
      call().then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && /answered (?:404|409|422)/.test(error.message)) return true;
          throw error;
        },
      ),
    insistMs,
  );
}
