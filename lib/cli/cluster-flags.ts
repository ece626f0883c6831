import { InvalidArgumentError, type Command } from 'commander';
import type { ApiOptions } from '../engine/cluster/api';
import { notEmpty } from './not-empty';

/** What commander makes of {@link addClusterFlags}. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** In seconds; 0 for no limit. */
  readonly requestTimeout?: number;
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ h: 3600, m: 60, s: 1 },
  ...{ ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 },
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/;
const DURATION = new RegExp(`^(?:${PART.source})+$`);
/** What timers can wait for: one that is set to longer fires at once. */
const LONGEST_HOURS = 555;

/** The flags that say which cluster to talk to, with the meaning that they have for kubectl. */
export function addClusterFlags(command: Command): Command {
  return command
    .option(
      '--kubeconfig <path>',
      'the kubeconfig file to use; else those of KUBECONFIG, else ~/.kube/config',
      notEmpty('Write the path of a kubeconfig'),
    )
    .option(
      '--context <name>',
      "the kubeconfig's context to use; else its current one",
      notEmpty('Write the name of a context'),
    )
    .option(
      '--request-timeout <duration>',
      'how long one request to the API server may take, such as 5s or 2m; 0 for no limit (default: 30s)',
      seconds,
    );
}

/** The cluster that the flags mean. */
export function clusterOptions({ kubeconfig, context, requestTimeout }: ClusterFlags): ApiOptions {
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(requestTimeout === undefined ? {} : { requestTimeoutSeconds: requestTimeout || LONGEST_HOURS * 3600 }),
  };
}

/**
 * A duration as kubectl takes it: a whole number of seconds, or numbers with units as Go writes them.
 *
 * @throws InvalidArgumentError
 */
export function seconds(text: string): number {
  const isNumber = /^\d+$/.test(text);
  if (!isNumber && !DURATION.test(text)) {
    throw new InvalidArgumentError('Write a duration such as 30s, 5m or 1h30m.');
  }
  const parts = [...(isNumber ? `${text}s` : text).matchAll(new RegExp(PART, 'g'))];
  const duration = parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
  if (duration > LONGEST_HOURS * 3600) {
    throw new InvalidArgumentError(`Write a duration of ${String(LONGEST_HOURS)}h or less.`);
  }
  return duration;
}
