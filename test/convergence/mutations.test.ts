import { expect, it } from '@jest/globals';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutations } from './mutations.ts';
import { plant, playWith } from './plant.ts';

/** Those that nearly every history meets; all of them by `npm run test:mutations`. */
const fastShare = ['people of the beginning', 'the horizon does not'];

it.each(mutations)('$name: can be planted', (mutation) => {
  const copy = fileURLToPath(plant(mutation).copy);

  for (const [, replace] of mutation.edits) expect(readFileSync(copy, 'utf8')).toContain(replace);
  rmSync(copy);
});

it.each(mutations.filter(({ name }) => fastShare.some((part) => name.startsWith(part))))(
  '$name: is seen by the convergence property',
  async (mutation) => {
    const serversUrl = process.env['TEST_SERVERS_URL'] ?? ''; // oxlint-disable-line node/no-process-env -- handed on to the process that plays

    const { caught } = await playWith(mutation, { runs: 200, seed: 1, serversUrl });

    expect(caught).toBe(true);
  },
  900_000,
);
