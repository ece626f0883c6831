import { InvalidArgumentError, Option, type Command } from 'commander';
import type { RestartOptions, RollOutOptions } from '../../restart/index';
import { seconds } from '../cluster-flags';

/** What commander makes of {@link addRollOutFlags}. */
export interface RollOutFlags {
  readonly yes?: boolean;
  readonly maxConcurrent?: number;
  readonly maxConcurrentPerNamespace?: number;
  readonly onFailure?: 'stop' | 'continue';
  /** In seconds, as those below. */
  readonly timeout?: number;
  readonly stuckTimeout?: number;
  readonly deadline?: number;
  readonly events: boolean;
  readonly output?: 'json' | 'yaml';
}

/** What commander makes of {@link addInjectorFlags}; in seconds. */
export interface InjectorFlags {
  readonly injectorTimeout?: number;
  readonly injectorSettle?: number;
}

/** The flags that say how workloads are rolled, and what is told about it. */
export function addRollOutFlags(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask')
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
    .addOption(new Option('-o, --output <format>', 'print the report as json or yaml').choices(['json', 'yaml']));
}

/** The flags that say how sure it has to be that the injector knows its configuration. */
export function addInjectorFlags(command: Command): Command {
  return command
    .option(
      '--injector-timeout <duration>',
      'how long to wait for a control plane that is not ready, or an injector that is behind (default: 5m)',
      seconds,
    )
    .option(
      '--injector-settle <duration>',
      "how long the injector's configuration must have been unchanged (default: 5s)",
      seconds,
    );
}

/** The options of a run that the flags mean. */
export function rollOutOptions(flags: RollOutFlags): RollOutOptions & Pick<RestartOptions, 'events'> {
  return {
    events: flags.events,
    ...given('maxConcurrent', flags.maxConcurrent),
    ...given('maxConcurrentPerNamespace', flags.maxConcurrentPerNamespace),
    ...given('onFailure', flags.onFailure),
    ...given('timeoutSeconds', flags.timeout),
    ...given('stuckSeconds', flags.stuckTimeout),
    ...given('deadlineSeconds', flags.deadline),
  };
}

/** The wait for the injector that the flags mean. */
export function injectorOptions({ injectorTimeout, injectorSettle }: InjectorFlags): Pick<RestartOptions, 'injector'> {
  return { injector: { ...given('deadlineSeconds', injectorTimeout), ...given('settleSeconds', injectorSettle) } };
}

function given<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>);
}

function wholeFromOne(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new InvalidArgumentError('Write a whole number from 1 on.');
  }
  return Number(text);
}

function positiveSeconds(text: string): number {
  const duration = seconds(text);
  if (duration === 0) {
    throw new InvalidArgumentError('Write a duration of 1s or more.');
  }
  return duration;
}
