import { Command } from 'commander';
import { addRollOutFlags, rollOutOptions, type RollOutFlags } from '../../../lib/cli/restart/roll-out-flags';

function parsed(...args: readonly string[]): RollOutFlags {
  const command = addRollOutFlags(new Command('restart'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: 'user' }).opts();
}

describe('the flags of a rollout', () => {
  test('are empty by default, so that the defaults of a run apply', () => {
    expect(rollOutOptions(parsed())).toEqual({ events: true });
  });

  test('become the options of a run', () => {
    const flags = parsed(
      ...['--max-concurrent', '20', '--max-concurrent-per-namespace', '2', '--on-failure', 'continue'],
      ...['--timeout', '15m', '--stuck-timeout', '0', '--deadline', '1h30m', '--no-events'],
      ...['--publish-plan', 'ops/sidecar-plan'],
    );
    expect(rollOutOptions(flags)).toEqual({
      ...{ events: false, maxConcurrent: 20, maxConcurrentPerNamespace: 2, onFailure: 'continue' },
      ...{ timeoutSeconds: 900, stuckSeconds: 0, deadlineSeconds: 5400 },
      publishPlan: { namespace: 'ops', name: 'sidecar-plan' },
    });
  });

  test.each([
    [
      ['--max-concurrent', '0'],
      "error: option '--max-concurrent <number>' argument '0' is invalid. Write a whole number from 1 to 1000000.",
    ],
    [
      ['--max-concurrent-per-namespace', '1.5'],
      "error: option '--max-concurrent-per-namespace <number>' argument '1.5' is invalid. Write a whole number from 1 to 1000000.",
    ],
    [
      ['--timeout', '0'],
      "error: option '--timeout <duration>' argument '0' is invalid. Write a duration of 1s or more.",
    ],
    [
      ['--deadline', '999ms'],
      "error: option '--deadline <duration>' argument '999ms' is invalid. Write a duration of 1s or more.",
    ],
    [
      ['--deadline', 'soon'],
      "error: option '--deadline <duration>' argument 'soon' is invalid. Write a duration such as 30s, 5m or 1h30m.",
    ],
    [
      ['--on-failure', 'pause'],
      "error: option '--on-failure <what>' argument 'pause' is invalid. Allowed choices are stop, continue.",
    ],
    [
      ['--publish-plan', 'sidecar-plan'],
      "error: option '--publish-plan <namespace/name>' argument 'sidecar-plan' is invalid. Write namespace/name, such as istio-system/sidecar-plan.",
    ],
    [['-o', 'xml'], "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are json, yaml."],
  ])('refuse %j', (args, message) => {
    expect(() => parsed(...args)).toThrow(message);
  });
});
