import { expect, it } from '@jest/globals';
import { playHistories, withStage } from './histories.ts';
import { Player } from './player.ts';
import { brokenListings, longestListings } from './steps.ts';

it('whatever is broken in a listing, nothing that is there is removed', async () => {
  const arbitrary = brokenListings(longestListings);

  const { failure } = await playHistories({ runs: 20, seed: 1, arbitrary });

  expect(failure).toBeNull();
}, 900_000);

const vanishings = [
  ['nothing', 0, 40, { deleted: 0, held: 0 }],
  ['one', 1, 40, { deleted: 1, held: 0 }],
  ['as many as may go unasked', 4, 40, { deleted: 4, held: 0 }],
  ['one more than that', 5, 40, { deleted: 0, held: 5 }],
  ['three, which is most of few', 3, 4, { deleted: 3, held: 0 }],
  ['everything that was known', 40, 40, { deleted: 0, held: 40 }],
] as const;

it('what vanishes goes unasked up to the bound, and waits for a person beyond it', async () => {
  const outcomes = await withStage(async (stage) => {
    const found: [string, object][] = [];
    for (const [what, vanishing, known] of vanishings)
      found.push([what, await whatBecomesOf(new Player(stage), vanishing, known)]);
    return found;
  });

  expect(outcomes).toEqual(vanishings.map(([what, , , expected]) => [what, expected]));
}, 300_000);

/** Lets some of the known absences vanish in silence, and reconciles. */
async function whatBecomesOf(player: Player, vanishing: number, known: number) {
  await player.begin(1);
  const { db, tenantId, company } = player;
  const alive = { where: { tenantId, deletedAt: null } };
  for (const { id } of company.leaves.all()) await player.factorial('DELETE', `leaves/${id}?silent=true`);
  const [person] = company.employees.all();
  const leave = { employee_id: person?.id, start_on: player.date(0), finish_on: player.date(0) };
  for (let count = 0; count < known; count += 1)
    await player.factorial('POST', 'leaves', { ...leave, approved: true, silent: true });
  await player.reconcile('manual');

  const there = company.leaves.all().filter(({ deleted_at: at }) => at === null);
  for (const { id } of there.slice(0, vanishing))
    await player.factorial('DELETE', `leaves/${id}?vanish=true`);
  await player.reconcile('manual');

  const held = await db.pendingDeletion.count({ where: { tenantId, kind: 'absences', carriedOutAt: null } });
  return { deleted: known - (await db.absence.count(alive)), held };
}
