import Sequencer from '@jest/test-sequencer';

/** The longest suites. One that begins when all others have ended leaves the second core without work. */
const longest = [
  'test/convergence/convergence.test.ts',
  'test/convergence/more-histories.test.ts',
  'test/connection/warnings.test.ts',
  'test/connection/races.test.ts',
  'test/web/trouble.test.ts',
  'test/operators/supervisor.test.ts',
  'test/connection/kill-refresh.test.ts',
  'test/connection/connected.test.ts',
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
