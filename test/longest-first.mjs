import Sequencer from '@jest/test-sequencer';

/** Small files of end-to-end tests that take minutes. */
const LONG = [
  'test/mesh/api-coverage/coverage',
  'test/e2e/api-faults',
  'test/engine/cluster/as-kubectl',
  'test/bench/quick',
  'test/e2e/killed-restart',
  'test/pulumi/killed-update',
  'test/examples/examples',
  'test/traffic/orders',
  'test/docs/adoption',
];

/**
 * Begins with tests that take long, otherwise the last file would run alone: without times of an earlier run, jest
 * sorts by size.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG.some((name) => path.includes(`${name}.e2e.test`));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
