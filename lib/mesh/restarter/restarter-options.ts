import { Duration } from 'cdk8s';
import { istioDuration, milliseconds } from '../istio-duration';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';

/** Options of the restarts of a `SidecarRestarter`; those of `istio-module restart`. */
export interface RestarterOptions {
  /**
   * Only workloads in these namespaces are restarted.
   *
   * @default - all
   */
  readonly namespaces?: readonly NamespaceReference[];

  /**
   * Only workloads with matching labels are restarted, in kubectl's syntax: `app=cart,tier!=test`.
   *
   * @default - all
   */
  readonly selector?: string;

  /**
   * Whether workloads whose restart interrupts their traffic are left as they are, and reported as deferred.
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
   * @default - no limit of its own
   */
  readonly maxConcurrentPerNamespace?: number;

  /**
   * Whether a failed rollout keeps further ones from starting.
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
   * How long a rollout may make no progress for a reason that its pods show.
   *
   * @default Duration.minutes(2)
   */
  readonly stuckTimeout?: Duration;

  /**
   * The time limit of all rollouts of a run. After it, no further rollout starts, and the Job fails.
   *
   * The Job itself is ended when this, `injectorTimeout`, `timeout` and ten minutes have passed, so that a pod that
   * never starts does not block the next run.
   *
   * @default Duration.hours(2)
   */
  readonly deadline?: Duration;

  /**
   * How long a run waits for a control plane that is ready and uses its configuration.
   *
   * @default Duration.minutes(5)
   */
  readonly injectorTimeout?: Duration;

  /**
   * How long the injector's configuration must have been unchanged.
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
/** For pulling the image, starting, and planning. */
const OVERHEAD_SECONDS = 600;
/** The longest duration that the command line takes. */
export const LONGEST_SECONDS = 555 * 3600;

/** The flags of `istio-module restart` that mean these options. */
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

/** When a Job with these options is ended by Kubernetes, in seconds: never before a run ends by itself. */
export function activeDeadlineSeconds(options: RestarterOptions): number {
  const { deadline = DEADLINE, timeout = TIMEOUT, injectorTimeout = INJECTOR_TIMEOUT } = options;
  const parts = [deadline, timeout, injectorTimeout].map((duration) => milliseconds(duration) / 1000);
  return Math.ceil(parts.reduce((sum, part) => sum + part, OVERHEAD_SECONDS));
}

/** How long a pod that is to end may take: as long as the rollouts that it waits for, and a minute. */
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
      : [`options.${name} ${String(seconds)}s is out of range: write ${String(least)} seconds to 555 hours`];
  };
  return [
    ...(namespaces?.length === 0
      ? ['options.namespaces is empty: name at least one, or leave the prop out for all']
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
