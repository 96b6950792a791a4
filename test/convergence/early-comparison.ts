import { eachDay } from '../../domain/civil-date.ts';
import { expectedDay } from '../../domain/day.ts';
import { toCivil } from '../../repositories/civil.ts';
import { loadFacts, loadTenantFacts } from '../../repositories/facts.ts';
import type { Player } from './player.ts';

/**
 * What must hold already before a reconciliation looks: days follow from the facts that are stored, and what Factorial told of
 * in time has been read. A reconciliation computes and reads everything anew, and would hide that something was forgotten.
 */
export async function earlyDifferences(player: Player): Promise<string[]> {
  return [
    ...(player.overslept ? [] : await staleDays(player)),
    ...(player.refused ? [] : await unheardOf(player)),
  ];
}

async function staleDays({ db, tenantId, nowMs, horizon: { from, to } }: Player): Promise<string[]> {
  const stored = await db.calendarDay.findMany({
    where: { tenantId, date: { gte: new Date(from), lte: new Date(to) } },
  });
  const lineOf = new Map(
    stored.map((row) => [
      `${row.employeeId}/${toCivil(row.date)}`,
      `${row.dayTypeId} ${row.plannedMinutes} → ${row.expectedMinutes} ${row.source}`,
    ]),
  );
  const found: string[] = [];
  const employees = await db.employee.findMany({ where: { tenantId }, select: { id: true } });
  const ids = employees.map(({ id }) => id);
  const shared = await loadTenantFacts(db, tenantId, nowMs);
  for (const [id, facts] of await loadFacts(db, tenantId, ids, { from, to }, shared)) {
    for (const date of eachDay(from, to)) {
      const day = expectedDay(facts, date);
      const follows =
        day === null
          ? undefined
          : `${day.dayTypeId} ${day.plannedMinutes} → ${day.expectedMinutes} ${day.source}`;
      const is = lineOf.get(`${id}/${date}`);
      if (is !== follows)
        found.push(
          `early day ${id}/${date}: is ${is ?? 'missing'}, follows ${follows ?? 'nothing'} from the facts`,
        );
    }
  }
  return found;
}

async function unheardOf({ db, tenantId, company, told }: Player): Promise<string[]> {
  const absences = new Map((await db.absence.findMany({ where: { tenantId } })).map((row) => [row.id, row]));
  const profiles = new Map((await db.profile.findMany({ where: { tenantId } })).map((row) => [row.id, row]));
  return [...told].filter((name) => {
    const [topic, id = ''] = name.split(' ');
    if (topic === 'timeoff/leave') {
      const [leave, stored] = [company.leaves.get(id), absences.get(id)];
      if (leave === undefined) return false; // it vanished since, in silence
      if (stored === undefined) return true;
      if (leave.deleted_at !== null) return stored.deletedAt === null;
      return (
        stored.approved !== leave.approved ||
        stored.absenceTypeId !== leave.leave_type_id ||
        toCivil(stored.startOn) !== leave.start_on ||
        toCivil(stored.finishOn) !== leave.finish_on
      );
    }
    if (topic === 'employees/employee') {
      const [person, stored] = [company.employees.get(id), profiles.get(id)];
      if (person === undefined) return false;
      return (
        stored?.locationId !== person.location_id || toCivil(stored.terminatedOn) !== person.terminated_on
      );
    }
    return false;
  });
}

/** What counts as deleted and is there in Factorial: wrong at any time, also where the next reconciliation brings it back. */
export async function wrongTombstones({ db, tenantId, company }: Player): Promise<string[]> {
  const gone = await db.$queryRaw<{ kind: 'profile' | 'absence' | 'holiday'; id: string }[]>`
    SELECT 'profile' AS kind, id FROM profiles WHERE tenant_id = ${tenantId} AND deleted_at IS NOT NULL
    UNION ALL SELECT 'absence', id FROM absences WHERE tenant_id = ${tenantId} AND deleted_at IS NOT NULL
    UNION ALL SELECT 'holiday', id FROM holidays WHERE tenant_id = ${tenantId} AND deleted_at IS NOT NULL`;
  const isThere = {
    profile: (id: string) => company.employees.get(id) !== undefined,
    absence: (id: string) => company.leaves.get(id)?.deleted_at === null,
    holiday: (id: string) => company.holidays.get(id) !== undefined,
  };
  return gone
    .filter(({ kind, id }) => isThere[kind](id))
    .map(({ kind, id }) => `${kind} ${id} was deleted and is there`);
}

/** What `reconcile` removes with a person's token although Factorial does not call it deleted: that token proves nothing. */
export async function wronglyDeleted(
  { db, tenantId, company }: Player,
  reconcile: () => Promise<unknown>,
): Promise<string[]> {
  const alive = { where: { tenantId, deletedAt: null }, select: { id: true } };
  const known = async () => [
    ...(await db.profile.findMany(alive)).map(({ id }) => `profile ${id}`),
    ...(await db.holiday.findMany(alive)).map(({ id }) => `holiday ${id}`),
    ...(await db.absence.findMany(alive))
      .filter(({ id }) => company.leaves.get(id)?.deleted_at == null)
      .map(({ id }) => `absence ${id}`),
  ];
  const before = await known();
  await reconcile();
  const after = new Set(await known());
  const held = await db.pendingDeletion.count({ where: { tenantId, carriedOutAt: null } });
  return [
    ...before.filter((name) => !after.has(name)).map((name) => `${name} was removed in the name of a person`),
    ...(held > 0 ? [`${held} deletions wait in the name of a person`] : []),
  ];
}
