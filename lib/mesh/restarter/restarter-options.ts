import { Duration } from 'cdk8s';
import { istioDuration, milliseconds } from '../istio-duration';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';

/** Options of the restarts of a `SidecarRestarter`, which are those of `istio-module restart`. */
export interface RestarterOptions {
  /**
   * Only workloads in these namespaces are restarted.
   *
   * @default - all
   */
  readonly namespaces?: readonly NamespaceReference[];

  /**
   * Only workloads whose labels match this selector are restarted. It has kubectl's syntax: `app=cart,tier!=test`.
   *
   * @default - all
   */
  readonly selector?: string;

  /**
   * Whether workloads whose restart would interrupt their traffic are not restarted, but reported as deferred.
   *
   * @default false
   */
  readonly onlySeamless?: boolean;

  /**
   * Whether native sidecars are updated in running pods that cannot be restarted. The restarter's access then includes
   * the permission to patch pods.
   *
   * @default false
   */
  readonly inPlace?: boolean;

  /**
   * Whether outdated pods of bare ReplicaSets and ReplicationControllers are evicted. The restarter's access then
   * includes the permission to do so.
   *
   * @default false
   */
  readonly evict?: boolean;

  /**
   * The maximum number of concurrent rollouts.
   *
   * @default 10
   */
  readonly maxConcurrent?: number;

  /**
   * The maximum number of concurrent rollouts per namespace.
   *
   * @default - no separate limit
   */
  readonly maxConcurrentPerNamespace?: number;

  /**
   * Whether a failed rollout prevents further ones (`stop`) or not (`continue`).
   *
   * @default 'stop'
   */
  readonly onFailure?: 'stop' | 'continue';

  /**
   * The time limit of one rollout.
   *
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;

  /**
   * Time after which a rollout without progress fails, if its pods or its controller show a reason.
   *
   * @default Duration.minutes(2)
   */
  readonly stuckTimeout?: Duration;

  /**
   * The time limit of all rollouts of a run. When it has passed, no further rollout starts, and the Job fails.
   *
   * Kubernetes ends the Job after the sum of this, `injectorTimeout`, `timeout` and ten minutes, so that a pod that
   * never starts does not block the next run.
   *
   * @default Duration.hours(2)
   */
  readonly deadline?: Duration;

  /**
   * Time for which a run waits until the control plane is ready and uses its current configuration.
   *
   * @default Duration.minutes(5)
   */
  readonly injectorTimeout?: Duration;

  /**
   * Time for which the injector's configuration must have been unchanged before a run uses it.
   *
   * @default Duration.seconds(5)
   */
  readonly injectorSettle?: Duration;

  /**
   * Whether Events are recorded on the workloads.
   *
   * @default true
   */
  readonly events?: boolean;
}

const DEADLINE = Duration.hours(2);
const TIMEOUT = Duration.minutes(10);
const INJECTOR_TIMEOUT = Duration.minutes(5);
/** Time for pulling the image, starting and planning. */
const OVERHEAD_SECONDS = 600;
/** The longest duration that the command line accepts. */
export const LONGEST_SECONDS = 555 * 3600;

/** The options as flags of `istio-module restart`. */
export function restartFlags(options: RestarterOptions): string[] {
  const { namespaces = [], deadline = DEADLINE } = options;
  const given = (flag: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${flag}=${String(value)}`];
  const duration = (flag: string, value: Duration | undefined) => given(flag, value && istioDuration(value));
  return [
    ...(namespaces.length > 0 ? [`--namespace=${namespaces.map(namespaceName).join(',')}`] : []),
    ...given('selector', options.selector),
    ...(options.onlySeamless ? ['--only-seamless'] : []),
    ...(options.inPlace ? ['--in-place'] : []),
    ...(options.evict ? ['--evict'] : []),
    ...given('max-concurrent', options.maxConcurrent),
    ...given('max-concurrent-per-namespace', options.maxConcurrentPerNamespace),
    ...given('on-failure', options.onFailure),
    ...duration('timeout', options.timeout),
    ...duration('stuck-timeout', options.stuckTimeout),
    ...duration('deadline', deadline),
    ...duration('injector-timeout', options.injectorTimeout),
    ...duration('injector-settle', options.injectorSettle),
    ...(options.events === false ? ['--no-events'] : []),
  ];
}

/** The number of seconds after which Kubernetes ends a Job with these options, which is longer than any run takes. */
export function activeDeadlineSeconds(options: RestarterOptions): number {
  const { deadline = DEADLINE, timeout = TIMEOUT, injectorTimeout = INJECTOR_TIMEOUT } = options;
  const parts = [deadline, timeout, injectorTimeout].map((duration) => milliseconds(duration) / 1000);
  return Math.ceil(parts.reduce((sum, part) => sum + part, OVERHEAD_SECONDS));
}

/**
 * The number of seconds that a pod may take to terminate: the time limit of the rollouts for which it waits, plus one
 * minute.
 */
export function gracePeriodSeconds({ timeout = TIMEOUT }: RestarterOptions): number {
  return Math.ceil(milliseconds(timeout) / 1000) + 60;
}

/** The problems with options, one sentence each. */
export function restarterOptionProblems(options: RestarterOptions): string[] {
  const { namespaces, selector } = options;
  const duration = (name: 'timeout' | 'stuckTimeout' | 'deadline' | 'injectorTimeout' | 'injectorSettle') => {
    const value = options[name];
    const least = name === 'timeout' || name === 'deadline' ? 1 : 0;
    const seconds = value === undefined ? least : milliseconds(value) / 1000;
    return seconds >= least && seconds <= LONGEST_SECONDS
      ? []
      : [`options.${name} ${String(seconds)}s is out of range: write ${String(least)} s to 555 h`];
  };
  return [
    ...(namespaces?.length === 0
      ? ['options.namespaces is empty: name at least one, or leave the prop out to restart in all']
      : []),
    ...(namespaces ?? []).flatMap((one) => labelNameProblem('options.namespaces:', namespaceName(one))),
    ...(selector?.trim() === ''
      ? ['options.selector is empty: write labels such as app=cart, or leave the prop out']
      : []),
    ...wholeNumberProblem('options.maxConcurrent', options.maxConcurrent, 1, 1_000_000),
    ...wholeNumberProblem('options.maxConcurrentPerNamespace', options.maxConcurrentPerNamespace, 1, 1_000_000),
    ...duration('timeout'),
    ...duration('stuckTimeout'),
    ...duration('deadline'),
    ...duration('injectorTimeout'),
    ...duration('injectorSettle'),
  ];
}
