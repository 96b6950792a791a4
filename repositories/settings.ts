import { horizonAt, type DateRange } from '../domain/horizon.ts';
import type { CivilDate } from '../domain/civil-date.ts';
import { logActivity } from './activity-log.ts';
import { readConnectionRow } from './connections.ts';
import { inTransaction, type Database, type Executor, type Transaction } from './database.ts';
import { markEveryone } from './marks.ts';
import { queueManually } from './reconciliation-requests.ts';
import { ensureTenant } from './tenants.ts';

export interface TenantIdentity {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly locale: string;
}

/** Settings of the integration; `nightlyHour` null = the service's own hour. */
export interface IntegrationSettings {
  readonly onboarding: 'create' | 'suggest';
  readonly nightlyHour: number | null;
  readonly horizonDaysBack: number;
  readonly horizonDaysAhead: number;
  readonly brakePercent: number;
  readonly brakeCount: number;
  readonly defaultWeekMinutes: readonly number[];
}

/** What a change of a tenant or its settings set off. */
export interface ChangeEffect {
  /** Something changed that the sync goes by. */
  readonly changed: boolean;
  /** Employees that were marked for recomputing. */
  readonly marked: number;
}

/** What a tenant is before its first write: the column defaults of `prisma/schema.prisma`. */
const defaults = {
  timeZone: 'Europe/Madrid',
  locale: 'es',
  onboarding: 'create',
  nightlyHour: null,
  horizonDaysBack: 31,
  horizonDaysAhead: 92,
  brakePercent: 10,
  brakeCount: 3,
  defaultWeekMinutes: [480, 480, 480, 480, 480, 0, 0],
} as const;

/** A tenant as it is, or as its first write would make it. */
export async function readTenant(db: Executor, tenantId: string): Promise<TenantIdentity> {
  const row = await db.tenant.findUnique({ where: { id: tenantId } });
  const { timeZone, locale } = row ?? defaults;
  return { id: tenantId, name: row?.name ?? tenantId, timeZone, locale };
}

/** A tenant's settings as they are, or as its first write would make them. */
export async function readSettings(db: Executor, tenantId: string): Promise<IntegrationSettings> {
  const row = (await db.tenant.findUnique({ where: { id: tenantId } })) ?? defaults;
  const { nightlyHour, horizonDaysBack, horizonDaysAhead, brakePercent, brakeCount, defaultWeekMinutes } =
    row;
  const onboarding = row.onboarding === 'suggest' ? 'suggest' : 'create';
  return {
    onboarding,
    nightlyHour,
    horizonDaysBack,
    horizonDaysAhead,
    brakePercent,
    brakeCount,
    defaultWeekMinutes,
  };
}

/** Today and the stored days of a tenant, as seen at the instant `nowMs`. */
export async function readHorizon(
  db: Executor,
  tenantId: string,
  nowMs: number,
): Promise<DateRange & { readonly today: CivilDate }> {
  return horizonAt(nowMs, (await db.tenant.findUnique({ where: { id: tenantId } })) ?? defaults);
}

/**
 * Names a tenant and sets its zone and language; the first write creates it. What is left out stays.
 * Another zone moves "today", so that every employee is marked. Safe to repeat.
 */
export async function putTenant(
  db: Database,
  tenantId: string,
  wanted: { name: string; timeZone?: string | undefined; locale?: string | undefined },
): Promise<ChangeEffect & { tenant: TenantIdentity }> {
  return await inTransaction(db, async (tx) => {
    const before = await lockTenant(tx, tenantId);
    const { name, timeZone = before.timeZone, locale = before.locale } = wanted;
    if (name === before.name && timeZone === before.timeZone && locale === before.locale) {
      return { tenant: { id: tenantId, name, timeZone, locale }, changed: false, marked: 0 };
    }
    await tx.tenant.update({ where: { id: tenantId }, data: { name, timeZone, locale } });
    const changed = timeZone !== before.timeZone;
    if (changed) await noteUntold(tx, tenantId);
    const marked = changed ? await markAll(tx, tenantId) : 0;
    return { tenant: { id: tenantId, name, timeZone, locale }, changed, marked };
  });
}

/**
 * Replaces a tenant's settings. The horizon and the default week decide what days are, so that a change of either
 * marks every employee. Of the new days of a wider horizon nothing was read yet: while Factorial is connected, a reconciliation
 * is queued, which computes them once it has. An hour that was never chosen and is put back as `usualHour` goes on following
 * the service. Safe to repeat.
 */
export async function putSettings(
  db: Database,
  tenantId: string,
  chosen: IntegrationSettings,
  usualHour: number,
  nowMs: number,
): Promise<ChangeEffect> {
  return await inTransaction(db, async (tx) => {
    await lockTenant(tx, tenantId);
    const before = await readSettings(tx, tenantId);
    const isUsual = before.nightlyHour === null && chosen.nightlyHour === usualHour;
    const wanted = { ...chosen, nightlyHour: isUsual ? null : chosen.nightlyHour };
    if (contentOf(before) === contentOf(wanted)) return { changed: false, marked: 0 };
    await tx.tenant.update({
      where: { id: tenantId },
      data: { ...wanted, defaultWeekMinutes: [...wanted.defaultWeekMinutes] },
    });
    await noteUntold(tx, tenantId);
    await logActivity(tx, tenantId, {
      kind: 'person',
      outcome: 'changed',
    });
    const waits = isWider(wanted, before) && (await queueReading(tx, tenantId, nowMs));
    const isNews = waits ? weekOf(before) !== weekOf(wanted) : daysOf(before) !== daysOf(wanted);
    return { changed: true, marked: isNews ? await markAll(tx, tenantId) : 0 };
  });
}

/** Queues the reconciliation that reads new days. False where nothing can be read: without a connection, or an expired one. */
async function queueReading(tx: Transaction, tenantId: string, nowMs: number): Promise<boolean> {
  const { status, generation } = await readConnectionRow(tx, tenantId);
  if (status !== 'connected') return false;
  await queueManually(tx, tenantId, generation, nowMs, 'gap');
  return true;
}

/** The connection workflow must look at what was changed: the relay rings until it has. */
async function noteUntold(tx: Transaction, tenantId: string): Promise<void> {
  await tx.$executeRaw`UPDATE tenants SET settings_changed_at = clock_timestamp() WHERE id = ${tenantId}`;
}

/** The connection workflow is about to look at its settings: only what is changed from now on is still to be told. */
export async function noteTold(db: Executor, tenantId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE tenants SET settings_changed_at = NULL WHERE id = ${tenantId} AND settings_changed_at IS NOT NULL`;
}

/** The settings in one fixed order, to compare them. */
function contentOf(settings: IntegrationSettings): string {
  const { onboarding, nightlyHour, brakePercent, brakeCount } = settings;
  return JSON.stringify([onboarding, nightlyHour, brakePercent, brakeCount, daysOf(settings)]);
}

/** The part of the settings that days follow from. */
function daysOf(settings: IntegrationSettings): string {
  return JSON.stringify([settings.horizonDaysBack, settings.horizonDaysAhead, weekOf(settings)]);
}

const weekOf = ({ defaultWeekMinutes }: IntegrationSettings): string => JSON.stringify(defaultWeekMinutes);

function isWider(wanted: IntegrationSettings, before: IntegrationSettings): boolean {
  return wanted.horizonDaysBack > before.horizonDaysBack || wanted.horizonDaysAhead > before.horizonDaysAhead;
}

async function lockTenant(tx: Transaction, tenantId: string): Promise<TenantIdentity> {
  await ensureTenant(tx, tenantId);
  await tx.$queryRaw`SELECT id FROM tenants WHERE id = ${tenantId} FOR UPDATE`;
  return await readTenant(tx, tenantId);
}

async function markAll(tx: Transaction, tenantId: string): Promise<number> {
  await markEveryone(tx, tenantId);
  return await tx.employee.count({ where: { tenantId } });
}
