import type { InjectorWait } from './await-injector';
import type { ApiOptions } from '../cluster/api';
import { parseSelector } from '../cluster/label-selector';
import type { RestartPlan } from '../plan/plan';
import type { WorkloadName } from './restart-report';
import { RestartError } from '../restart-error';
import type { RollOutOptions } from '../rollout/roll-out';
import type { RollOutEvent } from './roll-out-event';
import type { StopOptions } from '../rollout/stopping';

/** What a caller chooses about a run; everything has a default. */
export interface RestartOptions extends ApiOptions, RollOutOptions, StopOptions {
  /**
   * The only namespaces whose workloads are touched.
   *
   * @default - all
   */
  readonly namespaces?: readonly string[];
  /**
   * The labels of the only workloads that are touched, in kubectl's syntax: `app=cart,tier!=test,env in (dev,qa),!legacy`.
   * They are those of the workload's own object, not of its pods; of the pods alone where their owner is of a kind that
   * the engine does not read.
   *
   * @default - all
   */
  readonly selector?: string;
  /**
   * Workloads that are left out and not mentioned, such as those that the caller is about to delete.
   *
   * @default - none
   */
  readonly except?: readonly WorkloadName[];
  readonly injector?: InjectorWait;
  /**
   * Whether the caller makes mutual TLS STRICT for the mesh after this run. Namespaces in which workloads still wait for
   * their sidecars then, such as for a maintenance window, stay permissive.
   *
   * @default false
   */
  readonly strictFollows?: boolean;
  /**
   * Whether Events on the workloads say what was done with them; they show in `kubectl describe`.
   *
   * @default true
   */
  readonly events?: boolean;
  /** Told what happens while it happens; the engine itself prints nothing. */
  readonly onProgress?: (message: string) => void;
  /** Told the same as data, and in finer steps. */
  readonly onRollOut?: (event: RollOutEvent) => void;
  /**
   * Asked before workloads are restarted that it has not said yes to yet. After each yes the run plans afresh: what is
   * not due any more is left alone, and what has become due meanwhile is asked about again. A no ends the run with the
   * error `Aborted`. The time that it takes does not count for `deadlineSeconds`.
   *
   * @default - nothing is asked
   */
  readonly confirm?: (plan: RestartPlan) => Promise<boolean>;
}

/**
 * Refuses what no run can work with: a selector that cannot be read, or numbers, all of them in one error.
 *
 * @throws RestartError `InvalidOption`
 */
export function checkOptions(options: RollOutOptions & Pick<RestartOptions, 'injector' | 'selector'>): void {
  parseSelector(options.selector ?? '');
  const { maxConcurrent, maxConcurrentPerNamespace, timeoutSeconds, stuckSeconds, deadlineSeconds } = options;
  const { injector = {} } = options;
  const problems = [
    ...(isWhole(maxConcurrent, 1) ? [] : [`maxConcurrent is ${String(maxConcurrent)}: write a whole number from 1 on`]),
    ...(isWhole(maxConcurrentPerNamespace, 1)
      ? []
      : [`maxConcurrentPerNamespace is ${String(maxConcurrentPerNamespace)}: write a whole number from 1 on`]),
    ...(isNumber(timeoutSeconds, 1) ? [] : [`timeoutSeconds is ${String(timeoutSeconds)}: write seconds, 1 or more`]),
    ...(isNumber(stuckSeconds, 0) ? [] : [`stuckSeconds is ${String(stuckSeconds)}: write seconds, 0 or more`]),
    ...(isNumber(deadlineSeconds, 1)
      ? []
      : [`deadlineSeconds is ${String(deadlineSeconds)}: write seconds, 1 or more`]),
    ...(isNumber(injector.deadlineSeconds, 0)
      ? []
      : [`injector.deadlineSeconds is ${String(injector.deadlineSeconds)}: write seconds, 0 or more`]),
    ...(isNumber(injector.settleSeconds, 0)
      ? []
      : [`injector.settleSeconds is ${String(injector.settleSeconds)}: write seconds, 0 or more`]),
    ...(isWhole(injector.probes, 1)
      ? []
      : [`injector.probes is ${String(injector.probes)}: write a whole number from 1 on`]),
  ];
  if (problems.length > 0) {
    throw new RestartError('InvalidOption', `Nothing was restarted: ${problems.join('; ')}.`);
  }
}

function isWhole(value: number | undefined, least: number): boolean {
  return value === undefined || (Number.isInteger(value) && value >= least);
}

function isNumber(value: number | undefined, least: number): boolean {
  return value === undefined || (Number.isFinite(value) && value >= least);
}
