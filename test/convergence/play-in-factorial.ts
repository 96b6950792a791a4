import { pick } from './cast.ts';
import type { Player } from './player.ts';
import type { FactorialStep } from './steps.ts';

/** Nobody is told by the simulator itself: the history decides about each delivery. */
const silent = true;
/** People of the beginning, who never vanish: an empty list proves nothing (rule 6). */
export const settlers = 3;

/** Does something in Factorial and sends the webhook about it on its way. What the numbers do not point at is left out. */
export async function playInFactorial(player: Player, step: FactorialStep): Promise<void> {
  const { company } = player;
  const people = company.employees.all();
  const places = company.locations.all();
  switch (step.do) {
    case 'hire': {
      const row = await player.factorial('POST', 'employees', {
        first_name: 'New',
        last_name: 'Person',
        email: step.hasEmail ? `new-${player.hired.size}@acme.example` : null,
        location_id: pick(places, step.place)?.id,
        schedule_id: step.schedule === null ? null : pick(company.schedules.all(), step.schedule)?.id,
        silent,
      });
      if (step.hasEmail) player.hired.add(row.id);
      return player.deliver('employees/employee/create_with_contract', row.id, step.fate);
    }
    case 'move': {
      const person = pick(people, step.person);
      const place = step.place === null ? null : pick(places, step.place);
      if (person === undefined || place === undefined) return;
      const change = { location_id: place?.id ?? null, silent };
      await player.factorial('PUT', `employees/${person.id}`, change);
      return player.deliver('employees/employee/update', person.id, step.fate);
    }
    case 'rename': {
      const person = pick(people, step.person);
      if (person === undefined) return;
      await player.factorial('PUT', `employees/${person.id}`, { last_name: `${person.last_name}!`, silent });
      return player.deliver('employees/employee/update', person.id, step.fate);
    }
    case 'terminate':
    case 'unterminate': {
      const person = pick(people, step.person);
      if (person === undefined || (step.do === 'unterminate') === (person.terminated_on === null)) return;
      const body = step.do === 'terminate' ? { terminated_on: player.date(step.day) } : {};
      await player.factorial('POST', `employees/${person.id}/${step.do}`, { ...body, silent });
      return player.deliver(`employees/employee/${step.do}`, person.id, step.fate);
    }
    case 'person vanishes': {
      const person = pick(people.slice(settlers), step.person);
      if (person === undefined) return;
      await player.factorial('DELETE', `employees/${person.id}`);
      return;
    }
    case 'add holiday': {
      const place = pick(places, step.place);
      if (place === undefined) return;
      const holiday = { date: player.date(step.day), summary: 'Feast', half_day: step.half };
      await player.factorial('POST', 'holidays', { location_id: place.id, ...holiday });
      return;
    }
    case 'move holiday': {
      const [holiday, place] = [pick(company.holidays.all(), step.holiday), pick(places, step.place)];
      if (holiday === undefined || place === undefined) return;
      const change = { location_id: place.id, date: player.date(step.day) };
      await player.factorial('PUT', `holidays/${holiday.id}`, change);
      return;
    }
    case 'remove holiday': {
      const holidays = company.holidays.all();
      if (holidays.length > 1)
        await player.factorial('DELETE', `holidays/${pick(holidays, step.holiday)?.id ?? ''}`);
      return;
    }
    case 'plan a day': {
      const person = pick(people, step.person);
      if (person === undefined) return;
      const plan = { date: player.date(step.day), expected_minutes: step.minutes };
      await player.factorial('PUT', 'estimated_times', { employee_id: person.id, ...plan });
      return;
    }
    case 'change schedule': {
      const schedule = pick(company.schedules.all(), step.schedule);
      if (schedule === undefined) return;
      const week = [...Array<number>(5).fill(step.minutes), 0, 120];
      await player.factorial('PUT', `schedules/${schedule.id}`, { weekly_minutes: week, silent });
      return player.deliver('work_schedule/schedule/update', schedule.id, step.fate);
    }
    case 'add type': {
      const name = `Type ${company.leaveTypes.size}`;
      const type = { name, identifier: name, workable: step.isWorkable, silent };
      const row = await player.factorial('POST', 'leave_types', type);
      return player.deliver('timeoff/leave_type/create', row.id, step.fate);
    }
    case 'toggle workable':
    case 'retire type': {
      const type = pick(company.leaveTypes.all(), step.type);
      if (type === undefined) return;
      const change = step.do === 'retire type' ? { active: false } : { workable: !type.workable };
      await player.factorial('PUT', `leave_types/${type.id}`, { ...change, silent });
      return player.deliver('timeoff/leave_type/update', type.id, step.fate);
    }
    default:
      return playWithLeaves(player, step);
  }
}

type LeaveStep = Extract<FactorialStep, { do: `${string}leave${string}` | 'approve' | 'reject' }>;

async function playWithLeaves(player: Player, step: LeaveStep): Promise<void> {
  const { company } = player;
  // The latest first: those of the history itself, and of a long list those that are not on its first page.
  const alive = company.leaves
    .all()
    .filter(({ id, deleted_at: gone }) => gone === null && id !== player.anchorId)
    .toReversed();
  const types = company.leaveTypes.all();
  switch (step.do) {
    case 'take leave': {
      const [person, type] = [pick(company.employees.all(), step.person), pick(types, step.type)];
      if (person === undefined || type === undefined) return;
      const { length, half, hours, approved } = step;
      const row = await player.factorial('POST', 'leaves', {
        employee_id: person.id,
        leave_type_id: type.id,
        start_on: player.date(step.day),
        finish_on: length === null ? null : player.date(step.day + length),
        half_day: half,
        hours_amount_in_cents: hours,
        approved,
        silent,
      });
      return player.deliver('timeoff/leave/create', row.id, step.fate);
    }
    case 'change leave': {
      const [leave, type] = [pick(alive, step.leave), pick(types, step.type)];
      if (leave === undefined || type === undefined) return;
      const change = {
        start_on: player.date(step.day),
        finish_on: step.length === null ? null : player.date(step.day + step.length),
        half_day: step.half,
        leave_type_id: type.id,
      };
      await player.factorial('PUT', `leaves/${leave.id}`, { ...change, silent });
      return player.deliver('timeoff/leave/update', leave.id, step.fate);
    }
    case 'approve':
    case 'reject': {
      const leave = pick(alive, step.leave);
      if (leave === undefined) return;
      await player.factorial('POST', `leaves/${leave.id}/${step.do}`, { silent });
      return player.deliver(`timeoff/leave/${step.do}`, leave.id, step.fate);
    }
    case 'delete leave': {
      const leave = pick(alive, step.leave);
      if (leave === undefined) return;
      await player.factorial('DELETE', `leaves/${leave.id}?silent=true`);
      return player.deliver('timeoff/leave/delete', leave.id, step.fate);
    }
    case 'leave vanishes': {
      const leave = pick(alive, step.leave);
      if (leave !== undefined) await player.factorial('DELETE', `leaves/${leave.id}?vanish=true`);
      return;
    }
  }
}
