import { readWindow } from '../../../domain/horizon.ts';
import { toCivil } from '../../../repositories/civil.ts';
import { horizonOf } from '../../support/oracle.ts';
import type { World } from '../../support/world.ts';

interface LeaveRow {
  readonly id: string;
  readonly employee_id: string;
  readonly leave_type_id: string | null;
  readonly start_on: string;
  readonly finish_on: string | null;
  readonly half_day: string | null;
  readonly approved: boolean | null;
  readonly deleted_at: string | null;
}
interface PersonRow {
  readonly id: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly terminated_on: string | null;
}
interface TypeRow {
  readonly id: string;
  readonly name: string;
  readonly workable: boolean;
}

/** Absences, profiles and absence types that are not stored as Factorial has them: a sentence each. */
export async function differentFacts(world: World): Promise<string[]> {
  const [expected, actual] = await Promise.all([factorialFacts(world), storedFacts(world)]);
  return [
    ...[...expected].filter((line) => !actual.has(line)).map((line) => `must be ${line}`),
    ...[...actual].filter((line) => !expected.has(line)).map((line) => `is ${line}`),
  ];
}

/** One line each. */
type Facts = ReadonlySet<string>;

async function factorialFacts(world: World): Promise<Facts> {
  const { factorial } = world;
  const isInWindow = await windowOf(world);
  const leaves = await factorial<LeaveRow[]>('GET', 'leaves');
  const people = await factorial<PersonRow[]>('GET', 'employees');
  const types = await factorial<TypeRow[]>('GET', 'leave_types');
  return new Set([
    ...leaves
      .filter((row) => row.deleted_at === null && isInWindow(row.start_on, row.finish_on))
      .map((row) =>
        say(
          `absence ${row.id}`,
          [row.employee_id, row.leave_type_id],
          [row.start_on, row.finish_on],
          [row.half_day, row.approved],
        ),
      ),
    ...people.map((row) =>
      say(`profile ${row.id}`, [`${row.first_name} ${row.last_name}`, row.terminated_on]),
    ),
    ...types.map((row) => say(`type ${row.id}`, [row.name, row.workable])),
  ]);
}

async function storedFacts(world: World): Promise<Facts> {
  const { tenantId, db } = world;
  const isInWindow = await windowOf(world);
  const alive = { where: { tenantId, deletedAt: null } };
  const absences = await db.absence.findMany(alive);
  const profiles = await db.profile.findMany(alive);
  const types = await db.absenceType.findMany({ where: { tenantId } });
  return new Set([
    ...absences
      .filter((row) => isInWindow(toCivil(row.startOn), toCivil(row.finishOn)))
      .map((row) =>
        say(
          `absence ${row.id}`,
          [row.profileId, row.absenceTypeId],
          [toCivil(row.startOn), toCivil(row.finishOn)],
          [row.halfDay, row.approved],
        ),
      ),
    ...profiles.map((row) => say(`profile ${row.id}`, [row.name, toCivil(row.terminatedOn)])),
    ...types.map((row) => say(`type ${row.id}`, [row.name, row.workable])),
  ]);
}

/** Whether an absence touches the days whose facts are kept. */
async function windowOf(world: World): Promise<(startOn: string, finishOn: string | null) => boolean> {
  const { from, to } = readWindow(await horizonOf(world));
  return (startOn, finishOn) => startOn <= to && (finishOn ?? from) >= from;
}

const say = (what: string, ...values: unknown[][]): string => [what, ...values.flat().map(String)].join(', ');
