import type { CivilDate } from '../domain/civil-date.ts';
import { isOnboarded, onboardedEmployeeId } from '../domain/onboarding.ts';
import { inTransaction, type Database } from './database.ts';
import { employeeChanges } from './employee-rows.ts';
import { appendChanges } from './feed.ts';
import { requireSyncing } from './fence.ts';
import { logActivity } from './activity-log.ts';
import { markForRecompute } from './marks.ts';
import { holdMeanings } from './meanings-lock.ts';

interface Candidate {
  id: string;
  name: string;
  email: string | null;
  emailKey: string | null;
  startsOn: CivilDate | null;
  terminatedOn: CivilDate | null;
  lived: boolean;
}

/**
 * Creates a linked employee for each profile that appeared in Factorial after the connection was made and matches nobody,
 * where the tenant's setting says so. Safe to repeat: the employee's id follows from the profile's. Fails with `fenced`.
 * Answers how many were created. `startRead`: the first read number of a running reconciliation that has read all profiles: it
 * counts as those that have ended. Who was seen before one and is listed by it, or later, has lived through it.
 */
export async function onboardProfiles(
  db: Database,
  tenantId: string,
  generation: number,
  today: CivilDate,
  nowMs: number,
  startRead: bigint | null = null,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    await requireSyncing(tx, tenantId, generation);
    const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { onboarding: true } });
    if (tenant?.onboarding !== 'create') return 0;
    const candidates = await tx.$queryRaw<Candidate[]>`
      SELECT profile.id, profile.name, profile.email, profile.email_key AS "emailKey",
             coalesce(profile.seniority_on, profile.created_on)::text AS "startsOn", profile.terminated_on::text AS "terminatedOn",
             EXISTS (SELECT 1 FROM reconciliations night, jsonb_to_record(night.sweeps->'kinds'->'employees')
                       AS sweep(verdict text, "startRead" bigint)
                     WHERE night.tenant_id = profile.tenant_id
                       AND (night.status IN ('completed', 'awaiting_approval') OR sweep."startRead" = ${startRead}::bigint)
                       AND sweep.verdict IN ('proves', 'proves_nothing')
                       AND profile.first_read_number < sweep."startRead" AND profile.read_number >= sweep."startRead") AS lived
      FROM profiles profile
      WHERE profile.tenant_id = ${tenantId} AND profile.deleted_at IS NULL AND NOT profile.baseline
        AND NOT EXISTS (SELECT 1 FROM employee_links link WHERE link.tenant_id = profile.tenant_id AND link.profile_id = profile.id)
      ORDER BY profile.id FOR UPDATE OF profile`;
    const keys = candidates.flatMap(({ emailKey }) => emailKey ?? []);
    const taken = await tx.employee.findMany({
      where: { tenantId, emailKey: { in: keys } },
      select: { emailKey: true },
    });
    const takenKeys = new Set(taken.map((employee) => employee.emailKey));
    const created: string[] = [];
    for (const profile of candidates) {
      const facts = { ...profile, linked: false, baseline: false, livedThroughReconciliation: profile.lived };
      if (!isOnboarded(facts, profile.emailKey !== null && takenKeys.has(profile.emailKey), today)) continue;
      const id = onboardedEmployeeId(profile.id);
      const { count: isNew } = await tx.employee.createMany({
        data: [
          {
            tenantId,
            id,
            name: profile.name,
            email: profile.email,
            emailKey: profile.emailKey,
            startsOn: profile.startsOn === null ? null : new Date(`${profile.startsOn}T00:00:00Z`),
            createdBy: 'onboarding',
          },
        ],
        skipDuplicates: true,
      });
      if (isNew === 0) continue; // taken in before, and unlinked by a person since
      const { count: isLinked } = await tx.employeeLink.createMany({
        data: [{ tenantId, employeeId: id, profileId: profile.id, linkedBy: 'onboarding' }],
        skipDuplicates: true,
      });
      if (isLinked === 0) {
        // A person has linked this profile in the meantime.
        await tx.employee.delete({ where: { tenantId_id: { tenantId, id } } });
        continue;
      }
      if (profile.emailKey !== null) takenKeys.add(profile.emailKey);
      created.push(id);
    }
    if (created.length === 0) return 0;
    await holdMeanings(tx, tenantId);
    await markForRecompute(
      tx,
      tenantId,
      created.map((employeeId) => ({ employeeId, fromOn: null, toOn: null })),
    );
    await logActivity(tx, tenantId, {
      kind: 'sync',
      count: created.length,
      outcome: 'created',
    });
    await appendChanges(tx, tenantId, await employeeChanges(tx, tenantId, created, nowMs));
    return created.length;
  });
}
