import { InvalidArgumentError, Option, type Command } from '../../bundled-libraries/commander';
import type { RestartOptions, RollOutOptions } from '../../engine/index';
import { seconds } from '../cluster-flags';
import { namespacedName, type NamespacedName } from '../namespaced-name';

/** The parsed flags of {@link addPaceFlags}. */
export interface PaceFlags {
  readonly maxConcurrent?: number;
  readonly maxConcurrentPerNamespace?: number;
  readonly onFailure?: 'stop' | 'continue';
  /** In seconds, like the next two. */
  readonly timeout?: number;
  readonly stuckTimeout?: number;
  readonly deadline?: number;
  readonly events: boolean;
  readonly publishPlan?: NamespacedName;
}

/** The parsed flags of {@link addRollOutFlags}. */
export interface RollOutFlags extends PaceFlags {
  readonly yes?: boolean;
  readonly output?: 'json' | 'yaml';
  readonly logFormat?: 'text' | 'json';
}

/** Adds the flags for rollouts and their output. */
export function addRollOutFlags(command: Command): Command {
  return addPaceFlags(command.option('-y, --yes', 'do not ask for confirmation'))
    .addOption(new Option('-o, --output <format>', 'print the report as JSON or YAML').choices(['json', 'yaml']))
    .addOption(
      new Option(
        '--log-format <format>',
        'write the log as text, or as one JSON object per line; json requires --yes (default: text)',
      ).choices(['text', 'json']),
    );
}

/** Adds the flags for concurrency, time limits and failures of rollouts. */
export function addPaceFlags(command: Command): Command {
  return command
    .option('--max-concurrent <number>', 'maximum number of concurrent rollouts (default: 10)', wholeFromOne)
    .option(
      '--max-concurrent-per-namespace <number>',
      'maximum number of concurrent rollouts in one namespace (default: no separate limit)',
      wholeFromOne,
    )
    .addOption(
      new Option(
        '--on-failure <what>',
        'after a failed rollout, stop starting others, or continue with the rest (default: stop)',
      ).choices(['stop', 'continue']),
    )
    .option('--timeout <duration>', "how long one workload's rollout may take (default: 10m)", positiveSeconds)
    .option(
      '--stuck-timeout <duration>',
      'how long a rollout may go without progress if its pods or its controller show a reason, such as a crash loop (default: 2m)',
      seconds,
    )
    .option('--deadline <duration>', 'how long all rollouts may take together (default: no limit)', positiveSeconds)
    .option('--no-events', 'do not record Events on the workloads')
    .option(
      '--publish-plan <namespace/name>',
      'write each plan to this ConfigMap, which must exist (default: plans are not published)',
      namespacedName('istio-system/sidecar-plan'),
    );
}

/** The options for the flags. */
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
