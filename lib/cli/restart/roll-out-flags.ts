import { InvalidArgumentError, Option, type Command } from 'commander';
import type { RestartOptions, RollOutOptions } from '../../engine/index';
import { seconds } from '../cluster-flags';
import { namespacedName, type NamespacedName } from '../namespaced-name';

/** What commander makes of {@link addPaceFlags}. */
export interface PaceFlags {
  readonly maxConcurrent?: number;
  readonly maxConcurrentPerNamespace?: number;
  readonly onFailure?: 'stop' | 'continue';
  /** In seconds, as those below. */
  readonly timeout?: number;
  readonly stuckTimeout?: number;
  readonly deadline?: number;
  readonly events: boolean;
  readonly publishPlan?: NamespacedName;
}

/** What commander makes of {@link addRollOutFlags}. */
export interface RollOutFlags extends PaceFlags {
  readonly yes?: boolean;
  readonly output?: 'json' | 'yaml';
  readonly logFormat?: 'text' | 'json';
}

/** The flags of rollouts and of their output. */
export function addRollOutFlags(command: Command): Command {
  return addPaceFlags(command.option('-y, --yes', 'do not ask'))
    .addOption(new Option('-o, --output <format>', 'print the report as json or yaml').choices(['json', 'yaml']))
    .addOption(
      new Option(
        '--log-format <format>',
        'write the log as text, or as one JSON object a line for unattended runs; json needs --yes (default: text)',
      ).choices(['text', 'json']),
    );
}

/** The flags that say how many rollouts are under way, for how long, and what a failed one means. */
export function addPaceFlags(command: Command): Command {
  return command
    .option('--max-concurrent <number>', 'how many rollouts are under way at once (default: 10)', wholeFromOne)
    .option(
      '--max-concurrent-per-namespace <number>',
      'how many rollouts are under way at once in one namespace (default: no limit of its own)',
      wholeFromOne,
    )
    .addOption(
      new Option(
        '--on-failure <what>',
        'after a failed rollout: start no further one, or go on with the rest (default: stop)',
      ).choices(['stop', 'continue']),
    )
    .option('--timeout <duration>', "how long one workload's rollout may take (default: 10m)", positiveSeconds)
    .option(
      '--stuck-timeout <duration>',
      'how long a rollout may stand still for a reason that its pods tell (default: 2m)',
      seconds,
    )
    .option('--deadline <duration>', 'how long all rollouts may take together (default: no limit)', positiveSeconds)
    .option('--no-events', 'record no Events on the workloads')
    .option(
      '--publish-plan <namespace/name>',
      'write each plan to this ConfigMap, which has to be there (default: plans are not published)',
      namespacedName('istio-system/sidecar-plan'),
    );
}

/** The options of a run that the flags mean. */
export function rollOutOptions(flags: PaceFlags): RollOutOptions & Pick<RestartOptions, 'events' | 'publishPlan'> {
  return {
    events: flags.events,
    ...given('maxConcurrent', flags.maxConcurrent),
    ...given('maxConcurrentPerNamespace', flags.maxConcurrentPerNamespace),
    ...given('onFailure', flags.onFailure),
    ...given('timeoutSeconds', flags.timeout),
    ...given('stuckSeconds', flags.stuckTimeout),
    ...given('deadlineSeconds', flags.deadline),
    ...given('publishPlan', flags.publishPlan),
  };
}

function given<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>);
}

/** More workloads than any cluster has. */
const MOST_AT_ONCE = 1_000_000;

function wholeFromOne(text: string): number {
  if (!/^[1-9]\d*$/.test(text) || Number(text) > MOST_AT_ONCE) {
    throw new InvalidArgumentError(`Write a whole number from 1 to ${String(MOST_AT_ONCE)}.`);
  }
  return Number(text);
}

/** @throws InvalidArgumentError */
export function positiveSeconds(text: string): number {
  const duration = seconds(text);
  if (duration < 1) {
    throw new InvalidArgumentError('Write a duration of 1s or more.');
  }
  return duration;
}
