import type { InjectorWait } from './await-injector';
import type { ApiOptions } from '../cluster/api';
import { parseSelector } from '../cluster/label-selector';
import type { RestartPlan } from '../plan/plan';
import type { WorkloadName } from './restart-report';
import { RestartError } from '../restart-error';
import type { RollOutOptions } from '../rollout/roll-out';
import type { RunEvent } from './run-event';
import type { StopOptions } from '../rollout/stopping';

/** A ConfigMap. */
export interface ConfigMapName {
  readonly namespace: string;
  /** Must not begin with `istio`, because a change of a ConfigMap with such a name may trigger a new plan. */
  readonly name: string;
}

/** Options of a run. All of them have a default. */
export interface RestartOptions extends ApiOptions, RollOutOptions, StopOptions {
  /**
   * Only workloads in these namespaces are restarted.
   *
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * Only workloads whose labels match this selector are restarted. It has kubectl's syntax:
   * `app=cart,tier!=test,env in (dev,qa),!legacy`. The labels are those of the workload's object, not of its pods. If
   * the engine does not read the kind of the owner, they are those of the pods.
   *
   * @default - all
   */
  readonly selector?: string;
  /**
   * Workloads to ignore, such as those that the caller is about to delete.
   *
   * @default - none
   */
  readonly except?: readonly WorkloadName[];
  /**
   * Whether to evict pods of a ReplicaSet or ReplicationController without a controller, one by one, each when the
   * replacement of the previous one is ready. PodDisruptionBudgets are respected. This needs an additional permission.
   *
   * @default false - they get a warning
   * @see https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
   */
  readonly evict?: boolean;
  /**
   * How to verify, before planning, that the injector uses its current configuration.
   *
   * @default - 300 s at most, 3 probes in a row, 5 s after the last change
   */
  readonly injector?: InjectorWait;
  /**
   * Whether to update native sidecars in place in pods that cannot be restarted: pods of Jobs, of ReplicaSets without a
   * controller, of ReplicationControllers and of unknown controllers, pods without a controller, and pods that
   * `OnDelete` or a `partition` excludes. Images and resources change in the running pods. A new image restarts only
   * the sidecar, and interrupts the pod's traffic during that time. Other differences remain warnings.
   *
   * @default false
   */
  readonly inPlace?: boolean;
  /**
   * Whether to defer workloads if a restart or update in place interrupts their traffic, according to the plan's
   * `interruption`. They are `deferred` with the reason `Interrupts`, until a run without this option.
   *
   * @default false - they are restarted too
   */
  readonly onlySeamless?: boolean;
  /**
   * Whether the caller makes mutual TLS STRICT for the mesh after this run. Namespaces whose workloads still wait for
   * their sidecars, for example for a maintenance window, stay permissive.
   *
   * @default false
   */
  readonly strictFollows?: boolean;
  /**
   * Whether to record Events on the workloads, which `kubectl describe` shows.
   *
   * @default true
   */
  readonly events?: boolean;
  /**
   * An existing ConfigMap in which each plan of the run is published under the key `plan.json`, as {@link
   * PublishedPlan}. This needs the permission to patch it. If publishing fails, the run continues, with the event
   * `planNotPublished`.
   *
   * @default - plans are not published
   */
  readonly publishPlan?: ConfigMapName;
  /**
   * Receives progress events. The engine itself prints nothing. `eventLines` formats the events as lines. Errors in
   * this function do not stop the run. They become warnings of the process. The run does not wait for a promise that it
   * returns.
   *
   * @default - events are not passed on
   */
  readonly onEvent?: (event: RunEvent) => void;
  /**
   * Called before restarts and updates in place that this function has not confirmed yet. After each confirmation, the
   * run plans again, skips workloads that are no longer due, and calls it again if further workloads have become due.
   * The result `false` ends the run with the error `Aborted`. The time until the answer does not count towards
   * `deadlineSeconds`.
   *
   * @default - nothing is asked
   */
  readonly confirm?: (plan: RestartPlan) => Promise<boolean>;
}

/**
 * Rejects invalid selectors, numbers and names, with all problems of numbers and names in one error.
 *
 * @throws RestartError `InvalidOption`
 */
export function checkOptions(
  options: RollOutOptions & Pick<RestartOptions, 'injector' | 'publishPlan' | 'selector'>,
): void {
  parseSelector(options.selector ?? '');
  const { maxConcurrent, maxConcurrentPerNamespace, timeoutSeconds, stuckSeconds, deadlineSeconds } = options;
  const { injector = {}, publishPlan } = options;
  const problems = [
    ...(isWhole(maxConcurrent, 1)
      ? []
      : [`maxConcurrent is ${String(maxConcurrent)}: write a whole number of at least 1`]),
    ...(isWhole(maxConcurrentPerNamespace, 1)
      ? []
      : [`maxConcurrentPerNamespace is ${String(maxConcurrentPerNamespace)}: write a whole number of at least 1`]),
    ...(isNumber(timeoutSeconds, 1)
      ? []
      : [`timeoutSeconds is ${String(timeoutSeconds)}: write a number of at least 1`]),
    ...(isNumber(stuckSeconds, 0) ? [] : [`stuckSeconds is ${String(stuckSeconds)}: write a number of at least 0`]),
    ...(isNumber(deadlineSeconds, 1)
      ? []
      : [`deadlineSeconds is ${String(deadlineSeconds)}: write a number of at least 1`]),
    ...(isNumber(injector.deadlineSeconds, 0)
      ? []
      : [`injector.deadlineSeconds is ${String(injector.deadlineSeconds)}: write a number of at least 0`]),
    ...(isNumber(injector.settleSeconds, 0)
      ? []
      : [`injector.settleSeconds is ${String(injector.settleSeconds)}: write a number of at least 0`]),
    ...(isWhole(injector.probes, 1)
      ? []
      : [`injector.probes is ${String(injector.probes)}: write a whole number of at least 1`]),
    ...(publishPlan?.name.startsWith('istio')
      ? [
          `publishPlan.name is ${publishPlan.name}: write a name that does not begin with istio, because such names belong to Istio's ConfigMaps`,
        ]
      : []),
  ];
  if (problems.length > 0) {
    throw new RestartError('InvalidOption', `${problems.join('; ')}.`);
  }
}

function isWhole(value: number | undefined, least: number): boolean {
  return value === undefined || (Number.isInteger(value) && value >= least);
}

function isNumber(value: number | undefined, least: number): boolean {
  return value === undefined || (Number.isFinite(value) && value >= least);
}
