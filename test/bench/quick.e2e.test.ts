import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MAIN = join(__dirname, '..', '..', 'bench', 'main.ts');
const MINUTES = 60_000;

/** Checks that the benchmark runs, and how many requests planning takes; times need a quiet machine. */
describe('the benchmark', () => {
  it(
    'runs on a hundred workloads, and finds planning to take no more requests than it may',
    async () => {
      const args = ['--import', 'tsx', MAIN, '--quick', '--repetitions', '1', '--only', 'planning'];
      // The benchmark exits with 1 if there are too many requests.
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const rows = stdout.split('\n').filter((line) => line.includes('requests more: met'));
      expect(rows.map((row) => row.split(' | ')[0])).toEqual([
        '| 100 workloads, everything current',
        '| 100 workloads, 5 % outdated',
        '| 100 workloads, everything outdated',
      ]);
    },
    10 * MINUTES,
  );
});
