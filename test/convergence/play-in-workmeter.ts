import { DomainError } from '../../domain/errors.ts';
import { putDayType } from '../../repositories/day-types.ts';
import { putEmployee } from '../../repositories/employees.ts';
import { linkEmployees, unlinkEmployee } from '../../repositories/links.ts';
import { putManualEdit, removeManualEdit } from '../../repositories/manual-edits.ts';
import { clearMapping, setMapping, type MappingWish } from '../../repositories/mappings.ts';
import { putSettings, readSettings } from '../../repositories/settings.ts';
import { actor, dayTypes, employeeIds, pick } from './cast.ts';
import { playInFactorial, settlers } from './play-in-factorial.ts';
import type { Player } from './player.ts';
import type { Disturbance, WorkMeterStep } from './steps.ts';

const nightMs = 86_400_000;
const faults: Record<Disturbance, object> = {
  error: { kind: 'status', status: 503 },
  html: { kind: 'html' },
  cut: { kind: 'cut' },
  half: { kind: 'truncated' },
  'too many requests': { kind: '429', headers: 'retryAfterSeconds', retryAfterSeconds: 0 },
  forbidden: { kind: 'status', status: 403 },
  'page is empty': { kind: 'page', shape: 'empty' },
  'page is empty, and others follow': { kind: 'page', shape: 'emptyWithNext' },
  'page lacks rows': { kind: 'page', shape: 'short' },
  'page has another total': { kind: 'page', shape: 'total' },
  'page comes again': { kind: 'page', shape: 'repeat' },
};

/** Does what people do in WorkMeter, or lets the service work. What the numbers do not point at is left out. */
export async function playInWorkMeter(player: Player, step: WorkMeterStep): Promise<void> {
  const { db, tenantId, nowMs } = player;
  const employeeId = 'employee' in step ? (pick(employeeIds, step.employee) ?? 'e1') : 'e1';
  switch (step.do) {
    case 'link': {
      const profiles = await db.profile.findMany({
        where: { tenantId, deletedAt: null },
        orderBy: { id: 'asc' },
      });
      const profileId = pick(profiles, step.person)?.id;
      if (profileId !== undefined)
        await linkEmployees(db, tenantId, [{ employeeId, profileId }], actor, nowMs);
      return;
    }
    case 'unlink':
      await unlinkEmployee(db, tenantId, employeeId, nowMs);
      return;
    case 'map':
    case 'ignore':
    case 'unmap': {
      const types = await db.absenceType.findMany({ where: { tenantId }, orderBy: { id: 'asc' } });
      const type = pick(types, step.type);
      if (type === undefined) return;
      if (step.do === 'unmap') await clearMapping(db, tenantId, type.id, actor);
      else await setMapping(db, tenantId, type.id, wishOf(step), actor);
      return;
    }
    case 'edit day': {
      const edit = { dayTypeId: 'short', expectedMinutes: step.minutes, note: null };
      try {
        await putManualEdit(db, tenantId, employeeId, player.date(step.day), edit, actor, nowMs);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'not_employed') throw error;
      }
      return;
    }
    case 'undo edit':
      await removeManualEdit(db, tenantId, employeeId, player.date(step.day), nowMs);
      return;
    case 'value day type': {
      const id = pick(dayTypes, step.dayType) ?? 'short';
      await putDayType(db, tenantId, id, { name: id, color: '#112233', expectedMinutes: step.minutes });
      return;
    }
    case 'set default week': {
      const { minutes } = step;
      const settings = await readSettings(db, tenantId);
      await putSettings(
        db,
        tenantId,
        { ...settings, defaultWeekMinutes: [...Array<number>(6).fill(minutes), 0] },
        2,
        nowMs,
      );
      return;
    }
    case 'decide':
      await player.decide(step.decision);
      return;
    case 'employ': {
      const startsOn = step.from === null ? null : player.date(step.from);
      const endsOn = step.to === null ? null : player.date(step.to);
      if (startsOn !== null && endsOn !== null && endsOn < startsOn) return;
      await putEmployee(db, tenantId, employeeId, { name: employeeId, email: null, startsOn, endsOn }, nowMs);
      return;
    }
    case 'sleep':
      player.overslept = true;
      player.nowMs += step.nights * nightMs;
      return;
    case 'refuse token':
      await player.factorial('POST', 'tokens/revoke-all', {});
      return;
    case 'authorize': {
      const people = player.company.employees.all().slice(0, settlers);
      const hidden = step.as === null || step.hidden === null ? undefined : pick(people, step.hidden)?.id;
      player.owner = step.as === null ? null : (pick(people, step.as)?.id ?? null);
      player.refused ||= hidden !== undefined;
      await player.factorial('PUT', 'permissions', {
        hidden_employee_ids: hidden === undefined ? [] : [hidden],
      });
      return player.renewToken();
    }
    case 'change region':
      player.refused ||= step.isOther;
      await player.factorial('PUT', 'switches', { environment: step.isOther ? 'other' : 'own' });
      return;
    case 'disturb': {
      const { how, skip, times } = step;
      player.refused ||= how === 'forbidden' || how.startsWith('page ');
      await player.factorial('POST', 'faults', {
        path: '/resources/',
        ...faults[how],
        skip,
        times,
      });
      return;
    }
    case 'go on reconciling':
      await player.dying(null, () => player.goOnReconciling(step.activities));
      return;
    case 'drain':
    case 'apply facts':
    case 'poll holidays':
    case 'reconcile': {
      const work = {
        drain: () => player.drain(),
        'apply facts': () => player.applyFacts(),
        'poll holidays': () => player.pollHolidays(),
        reconcile: () => player.reconcile('manual'),
      }[step.do];
      const what = step.committed ? 'dies after' : 'dies before';
      await player.dying(step.crashAt === null ? null : { at: step.crashAt, what }, work);
      return;
    }
    case 'overlap': {
      const slow = step.slow === 'drain' ? () => player.drain() : () => player.goOnReconciling(1);
      await player.dying(null, () =>
        player.overlap(step.at, slow, async () => {
          await playInFactorial(player, step.change);
          await player.drainElsewhere();
        }),
      );
      return;
    }
  }
}

function wishOf(step: Extract<WorkMeterStep, { do: 'map' | 'unmap' | 'ignore' }>): MappingWish {
  return step.do === 'map' ? { dayTypeId: pick(dayTypes, step.dayType) ?? 'short' } : { ignored: true };
}
