import type { ErrorCode } from '../domain/errors.ts';
import { logActivity } from './activity-log.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { lockEmployee } from './employees.ts';
import { employeeChanges } from './employee-rows.ts';
import { appendChanges } from './feed.ts';
import { markForRecompute, suggestionMarks } from './marks.ts';
import { holdMeanings } from './meanings-lock.ts';

/** "This employee is that profile." */
export interface LinkWish {
  readonly employeeId: string;
  readonly profileId: string;
}

export interface RefusedLink extends LinkWish {
  readonly code: Extract<ErrorCode, 'not_found' | 'unknown_profile' | 'already_linked'>;
  readonly detail: string;
}

export interface LinkResult {
  /** Wishes that hold now, also those that held before. */
  readonly linked: number;
  /** Employees whose link changed; they are marked for recomputing. */
  readonly changed: number;
  readonly refused: readonly RefusedLink[];
}

/** Links in one transaction: bounds how long their rows are locked. */
const batchSize = 100;

/**
 * Links employees to profiles in the order given, each with its own outcome; an employee's former profile is replaced.
 * Whether a profile is taken is decided by the unique key. Marks the employees and tells the feed. Safe to repeat.
 */
export async function linkEmployees(
  db: Database,
  tenantId: string,
  wishes: readonly LinkWish[],
  actor: string,
  nowMs: number,
): Promise<LinkResult> {
  let changed = 0;
  const refused: RefusedLink[] = [];
  for (let start = 0; start < wishes.length; start += batchSize) {
    const batch = wishes.slice(start, start + batchSize);
    const result = await inTransaction(db, (tx) => linkBatch(tx, tenantId, batch, actor, nowMs));
    changed += result.changed;
    refused.push(...result.refused);
  }
  return { linked: wishes.length - refused.length, changed, refused };
}

/** Takes an employee's link away, if there is one. `null`: there is no such employee. Safe to repeat. */
export async function unlinkEmployee(
  db: Database,
  tenantId: string,
  employeeId: string,
  nowMs: number,
): Promise<{ changed: boolean } | null> {
  return await inTransaction(db, async (tx) => {
    if (!(await lockEmployee(tx, tenantId, employeeId))) return null;
    const links = await tx.employeeLink.findMany({ where: { tenantId, employeeId } });
    if (links.length === 0) return { changed: false };
    await tx.employeeLink.deleteMany({ where: { tenantId, employeeId } });
    await logActivity(tx, tenantId, {
      kind: 'person',
      outcome: 'unlinked',
    });
    await announce(tx, tenantId, [employeeId], links, nowMs);
    return { changed: true };
  });
}

async function linkBatch(
  tx: Transaction,
  tenantId: string,
  wishes: readonly LinkWish[],
  actor: string,
  nowMs: number,
): Promise<{ changed: number; refused: RefusedLink[] }> {
  const employees = await lockAll(tx, tenantId, wishes);
  const profiles = await presentProfiles(tx, tenantId, wishes);
  const links = new Map<string, Link>(
    (await tx.employeeLink.findMany({ where: { tenantId, employeeId: { in: [...employees] } } })).map(
      (link) => [link.employeeId, link],
    ),
  );
  const changed = new Set<string>();
  /** Profiles that were given or taken away. */
  const moved: { profileId: string }[] = [];
  const refused: RefusedLink[] = [];
  for (const wish of wishes) {
    const { employeeId, profileId } = wish;
    if (!employees.has(employeeId)) {
      refused.push({ ...wish, code: 'not_found', detail: `There is no employee ${employeeId}.` });
      continue;
    }
    if (!profiles.has(profileId)) {
      refused.push({
        ...wish,
        code: 'unknown_profile',
        detail: `There is no profile ${profileId} in Factorial.`,
      });
      continue;
    }
    const before = links.get(employeeId) ?? null;
    if (before?.profileId === profileId) continue;
    const link = { tenantId, employeeId, profileId, linkedAt: new Date(nowMs), linkedBy: actor };
    if (await replaceLink(tx, before, link)) {
      links.set(employeeId, link);
      changed.add(employeeId);
      moved.push(link, ...(before === null ? [] : [before]));
    } else {
      refused.push({
        ...wish,
        code: 'already_linked',
        detail: `Already linked to ${await holderOf(tx, tenantId, profileId)}`,
      });
    }
  }
  const count = changed.size;
  if (count > 0) {
    await logActivity(tx, tenantId, {
      kind: 'person',
      count,
      outcome: 'linked',
    });
    await announce(tx, tenantId, [...changed], moved, nowMs);
  }
  return { changed: count, refused };
}

interface Link extends LinkWish {
  readonly tenantId: string;
  readonly linkedAt: Date;
  readonly linkedBy: string;
}

/** Puts `link` in the place of `before`, unless the key says that another employee has its profile. */
async function replaceLink(tx: Transaction, before: Link | null, link: Link): Promise<boolean> {
  const { tenantId, employeeId } = link;
  if (before !== null)
    await tx.employeeLink.delete({ where: { tenantId_employeeId: { tenantId, employeeId } } });
  const { count } = await tx.employeeLink.createMany({ data: [link], skipDuplicates: true });
  if (count === 0 && before !== null) await tx.employeeLink.create({ data: before });
  return count > 0;
}

/** Name of the employee that has a profile. Read after the key refused, so it is there unless it was just unlinked. */
async function holderOf(tx: Transaction, tenantId: string, profileId: string): Promise<string> {
  const link = await tx.employeeLink.findUnique({ where: { tenantId_profileId: { tenantId, profileId } } });
  if (link === null) return 'another employee';
  const holder = await tx.employee.findUnique({ where: { tenantId_id: { tenantId, id: link.employeeId } } });
  return holder?.name ?? link.employeeId;
}

async function lockAll(tx: Transaction, tenantId: string, wishes: readonly LinkWish[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM employees WHERE tenant_id = ${tenantId} AND id = ANY(${wishes.map((wish) => wish.employeeId)})
    ORDER BY id FOR UPDATE`;
  return new Set(rows.map((row) => row.id));
}

async function presentProfiles(
  tx: Transaction,
  tenantId: string,
  wishes: readonly LinkWish[],
): Promise<Set<string>> {
  const rows = await tx.profile.findMany({
    where: { tenantId, id: { in: wishes.map((wish) => wish.profileId) }, deletedAt: null },
    select: { id: true },
  });
  return new Set(rows.map((row) => row.id));
}

/** Marks employees whose link changed, and those for whom their profiles are now free, or are not any more. */
async function announce(
  tx: Transaction,
  tenantId: string,
  employeeIds: readonly string[],
  moved: readonly { readonly profileId: string }[],
  nowMs: number,
): Promise<void> {
  await holdMeanings(tx, tenantId);
  const ids = moved.map((link) => link.profileId);
  const profiles = await tx.profile.findMany({
    where: { tenantId, id: { in: ids } },
    select: { emailKey: true },
  });
  const employees = await tx.employee.findMany({
    where: { tenantId, id: { in: [...employeeIds] } },
    select: { emailKey: true },
  });
  await markForRecompute(tx, tenantId, [
    ...employeeIds.map((employeeId) => ({ employeeId, fromOn: null, toOn: null })),
    ...(await suggestionMarks(
      tx,
      tenantId,
      [...profiles, ...employees].map((one) => one.emailKey),
    )),
  ]);
  await appendChanges(tx, tenantId, await employeeChanges(tx, tenantId, employeeIds, nowMs));
}
