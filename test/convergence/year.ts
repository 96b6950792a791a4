import fc from 'fast-check';
import { parseArgs } from 'node:util';
import { addDays } from '../../domain/civil-date.ts';
import { installQuietRuntime } from '../support/quiet-runtime.ts';
import { startTestServers } from '../support/servers.ts';
import { differences } from './comparison.ts';
import { withStage } from './histories.ts';
import { Player } from './player.ts';
import { anyStep } from './steps.ts';

/**
 * `npm run test:year -- [--seed 1] [--nights 366]`: one tenant for a year, with changes every day and a reconciliation every night,
 * over both changes of clocks, the end of the year and a 29 February. Compares every thirty nights and at the end.
 */

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, nights: { type: 'string', default: '366' } },
});
const seed = Number(values.seed);
const nights = Number(values.nights);
const startsOn = '2027-09-20';
const longestDay = 4;

const servers = await startTestServers();
process.env['TEST_SERVERS_URL'] = servers.url; // oxlint-disable-line node/no-process-env -- what jest's set-up does
installQuietRuntime();
try {
  const days = fc.sample(fc.array(anyStep, { maxLength: longestDay, size: 'max' }), {
    numRuns: nights,
    seed,
  });
  await withStage(async (stage) => {
    const player = new Player(stage);
    await player.begin(seed, Date.parse(`${startsOn}T01:00:00Z`));
    for (const [night, steps] of days.entries()) {
      for (const step of steps) if (step.do !== 'sleep') await player.play(step);
      await player.play({ do: 'sleep', nights: 1 });
      await player.play({ do: 'reconcile', crashAt: null, committed: false });
      const isLast = night === nights - 1;
      if (night % 30 !== 29 && !isLast) continue;
      await player.settle();
      const found = await differences(player);
      process.stdout.write(`${addDays(startsOn, night + 1)}: ${found.length} differences\n`);
      if (found.length === 0) continue;
      process.stdout.write(`${found.slice(0, 20).join('\n')}\n`);
      process.exitCode = 1;
      return;
    }
  });
} finally {
  await servers.stop();
}
