import { parseArgs } from 'node:util';
import { startTestServers } from '../support/servers.ts';
import { mutations } from './mutations.ts';
import { playWith } from './plant.ts';

/**
 * `npm run test:mutations -- [--only TEXT] [--runs 600]`: plants each bug of `mutations.ts`, one after the other, and plays
 * histories until one ends wrong. Ends with 1 where a bug stays unseen: the property is too weak then.
 */

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, runs: { type: 'string', default: '600' } },
});

const servers = await startTestServers();
try {
  for (const mutation of mutations.filter(({ name }) => name.includes(values.only))) {
    const settings = { runs: Number(values.runs), seed: 1, serversUrl: servers.url };
    const { caught, played, differs } = await playWith(mutation, settings);
    const verdict = caught
      ? `caught by history ${played}: ${differs.split('\n')[0]}`
      : `NOT caught by ${played} histories`;
    process.stdout.write(`${mutation.name} (${mutation.rule}): ${verdict}\n`);
    if (!caught) process.exitCode = 1;
  }
} finally {
  await servers.stop();
}
