import { InvalidArgumentError, type Command } from '../bundled-libraries/commander';
import type { ApiOptions } from '../engine/cluster/api';
import { notEmpty } from './not-empty';

/** The parsed flags of {@link addClusterFlags}. */
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
/** Less than the longest delay of a timer, about 596 hours. With a longer delay, the timer would fire immediately. */
const LONGEST_HOURS = 555;

/** Adds the flags that select a cluster, with the same meaning as in kubectl. */
export function addClusterFlags(command: Command): Command {
  return command
    .option(
      '--kubeconfig <path>',
      'path of the kubeconfig file (default: the files in KUBECONFIG, otherwise ~/.kube/config, otherwise the service account of the pod)',
      notEmpty('Write the path of a kubeconfig'),
    )
    .option(
      '--context <name>',
      'name of the kubeconfig context (default: the current context)',
      notEmpty('Write the name of a context'),
    )
    .option(
      '--request-timeout <duration>',
      'how long one request to the API server may take, such as 5s or 2m; 0 for no limit (default: 30s)',
      seconds,
    );
}

/** The cluster that the flags select. */
export function clusterOptions({ kubeconfig, context, requestTimeout }: ClusterFlags): ApiOptions {
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(requestTimeout === undefined ? {} : { requestTimeoutSeconds: requestTimeout || LONGEST_HOURS * 3600 }),
  };
}

/**
 * Parses a duration in kubectl's syntax: a whole number of seconds, or numbers with Go's units.
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
