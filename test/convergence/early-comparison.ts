import { eachDay } from '../../domain/civil-date.ts';
import { expectedDay } from '../../domain/day.ts';
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

async function staleDays({ db, tenantId, horizon }: Player): Promise<string[]> {
  const { from, to } = horizon;
  const stored = await db.calendarDay.findMany({
    where: { tenantId, date: { gte: new Date(from), lte: new Date(to) } },
  });
  const lineOf = new Map(
    stored.map((row) => [
      `${row.employeeId}/${row.date.toISOString().slice(0, 10)}`,
      `${row.dayTypeId} ${row.plannedMinutes} → ${row.expectedMinutes} ${row.source}`,
    ]),
  );
  const found: string[] = [];
  const employees = await db.employee.findMany({ where: { tenantId }, select: { id: true } });
  const ids = employees.map(({ id }) => id);
  const shared = await loadTenantFacts(db, tenantId);
  for (const [id, facts] of await loadFacts(db, tenantId, ids, { from, to }, horizon, shared)) {
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
        stored.approved !== leave.approved || stored.startOn.toISOString().slice(0, 10) !== leave.start_on
      );
    }
    if (topic === 'employees/employee') {
      const [person, stored] = [company.employees.get(id), profiles.get(id)];
      if (person === undefined) return false;
      return stored?.locationId !== person.location_id;
    }
    return false;
  });
}
