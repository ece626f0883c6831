import { matches, type WrittenSelector } from '../cluster/label-selector';
import type { Snapshot, Workload } from '../snapshot/snapshot';
import type { RestartMark } from './restart-mark';

/**
 * The purpose of a run: `update` brings the sidecars of all workloads up to date; `remove` only restarts workloads that
 * still have a sidecar after an uninstall of Istio.
 */
export type Purpose = 'update' | 'remove';

export interface PlanOptions {
  readonly purpose: Purpose;
  /** Includes only workloads in these namespaces; undefined for all. */
  readonly namespaces?: readonly string[];
  /** Includes only workloads with matching labels; undefined for all. */
  readonly selector?: WrittenSelector;
  /** The time of the plan, for maintenance windows. */
  readonly now: Date;
  /** Whether to update workloads in place that cannot be restarted. */
  readonly inPlace?: boolean;
  /** Whether to evict pods that no rollout replaces, if their owner creates new ones. */
  readonly evict?: boolean;
  /** Whether to defer restarts that interrupt traffic. */
  readonly onlySeamless?: boolean;
  /** The reasons of restarts earlier in the run, by the workload's `id`. */
  readonly tried?: ReadonlyMap<string, RestartMark>;
}

/** Whether the injector is asked about the workload. */
export function isChosen(workload: SelectedBy, snapshot: Snapshot, options: PlanOptions): boolean {
  return (
    !snapshot.namespaces.get(workload.namespace)?.settings.excluded && whyNotSelected(workload, options) === undefined
  );
}

type SelectedBy = Pick<Workload, 'namespace' | 'labels'>;

/** Undefined for a selected workload. */
export function whyNotSelected({ namespace, labels }: SelectedBy, options: PlanOptions): string | undefined {
  if (options.namespaces && !options.namespaces.includes(namespace)) {
    return `left alone: namespace ${namespace} is not selected`;
  }
  return matches(options.selector, labels)
    ? undefined
    : `left alone: its labels do not match the selector ${options.selector?.text ?? ''}`;
}
