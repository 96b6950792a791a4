import Sequencer from '@jest/test-sequencer';

/**
 * The longest suites. One that begins when all others have ended leaves the other cores without work. Those that keep a core
 * busy and those that wait for Temporal or a process take turns.
 */
const longest = [
  'test/convergence/convergence.test.ts',
  'test/connection/warnings.test.ts',
  'test/convergence/more-histories.test.ts',
  'test/connection/races.test.ts',
  'test/web/trouble.test.ts',
  'test/connection/kill-refresh.test.ts',
  'test/web/wizard.test.ts',
  'test/connection/connected.test.ts',
  'test/convergence/listings.test.ts',
  'test/operators/supervisor.test.ts',
  'test/web/tabs.test.ts',
  'test/workflows/connection.test.ts',
  'test/convergence/mutations.test.ts',
  'test/end-to-end/crash.test.ts',
  'test/workflows/replay.test.ts',
  'test/connection/wizard.test.ts',
  'test/ingress/kills.test.ts',
  'test/workflows/nights.test.ts',
  'test/end-to-end/vendor-variants.test.ts',
  'test/end-to-end/main-job.test.ts',
];

/** Begins with the longest suites, also on a fresh clone, where nothing is known of how long each took. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = longest.findIndex((name) => path.replaceAll('\\', '/').endsWith(`/${name}`));
      return place === -1 ? longest.length : place;
    };
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}
