import { noRealNodeBecause } from './machine';

/**
 * A group of tests that need a real node. On a machine that cannot have one, a line says why they do not run; in CI
 * that is a failure.
 */
export function onRealNode(title: string, tests: () => void): void {
  const reason = noRealNodeBecause();
  if (reason === undefined) {
    describe(title, tests);
  } else {
    test(`${title}: not run, for ${reason}`, () => {
      process.stderr.write(`${lineInsteadOf(title, reason, process.env.CI === 'true')}\n`);
    });
  }
}

/**
 * The line that is printed instead of running tests.
 *
 * @throws Error in CI, where no test may be left out
 */
export function lineInsteadOf(title: string, reason: string, ci: boolean): string {
  const line = `not run: ${title}, for ${reason}`;
  if (ci) {
    throw new Error(line);
  }
  return line;
}
