import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { auditId, supervisorId } from '../../contracts/temporal/names.ts';
import type { ClockReading } from './clocks.ts';
import { ok, warning, wrong, type Finding } from './finding.ts';

interface Watched {
  readonly check: string;
  readonly scheduleId: string;
  /** Several rounds long: none has begun meanwhile, and something is wrong. */
  readonly silentMs: number;
  /** Fires often enough to tell the server's time by it. */
  readonly tellsTime: boolean;
  readonly does: string;
}

const schedules: readonly Watched[] = [
  {
    check: 'supervisor',
    scheduleId: supervisorId,
    silentMs: 180_000,
    tellsTime: true,
    does: 'looks after all tenants every half minute',
  },
  {
    check: 'audit',
    scheduleId: auditId,
    silentMs: 3 * 3_600_000,
    tellsTime: false,
    does: 'checks the rules on live data every hour',
  },
];

/** Whether the Schedules that belong to no tenant are there and fire. Their firings tell the server's time between two of them. */
export async function examineSchedules(
  client: Client,
  nowMs: () => number,
): Promise<{ findings: Finding[]; clocks: (ClockReading | null)[] }> {
  const examined = [];
  for (const schedule of schedules) examined.push(await examineSchedule(client, schedule, nowMs));
  return { findings: examined.map(({ finding }) => finding), clocks: examined.map(({ clock }) => clock) };
}

async function examineSchedule(
  client: Client,
  { check, scheduleId, silentMs, tellsTime, does }: Watched,
  nowMs: () => number,
): Promise<{ finding: Finding; clock: ClockReading | null }> {
  const from = nowMs();
  try {
    const { state, info } = await client.schedule.getHandle(scheduleId).describe();
    const last = info.recentActions.at(-1)?.takenAt.getTime() ?? info.createdAt.getTime();
    const next = info.nextActionTimes.at(0)?.getTime();
    const to = nowMs();
    const clock =
      state.paused || next === undefined || !tellsTime
        ? null
        : { of: 'Temporal', shownMs: { earliest: last, latest: next }, oursMs: { from, to } };
    if (state.paused)
      return {
        clock,
        finding: warning(
          check,
          `is paused: ${state.note ?? 'without a note'}`,
          `If nobody needs the pause any more: temporal schedule toggle --schedule-id ${scheduleId} --unpause --reason …`,
        ),
      };
    if (to - last > silentMs)
      return {
        clock,
        finding: wrong(
          check,
          `has not started a round for ${Math.round((to - last) / 60_000)} min`,
          `See Schedules → ${scheduleId} in the Web UI: is a round stuck, or the server's scheduler down?`,
        ),
      };
    return { clock, finding: ok(check, does) };
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const todo = 'Start or restart a worker: it makes the Schedule.';
    return { clock: null, finding: wrong(check, `there is no Schedule «${scheduleId}»`, todo) };
  }
}
