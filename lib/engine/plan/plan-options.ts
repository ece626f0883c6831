import { matches, type WrittenSelector } from '../cluster/label-selector';
import type { Snapshot, Workload } from '../snapshot/snapshot';
import type { RestartMark } from './restart-mark';

/**
 * What sidecars are wanted for: `update` brings every workload to what the injector gives today;
 * `remove` only rolls what still carries a sidecar, after Istio is gone.
 */
export type Purpose = 'update' | 'remove';

export interface PlanOptions {
  readonly purpose: Purpose;
  /** The only namespaces whose workloads are touched; all when undefined. */
  readonly namespaces?: readonly string[];
  /** The labels of the only workloads that are touched; all when undefined. */
  readonly selector?: WrittenSelector;
  /** When the plan is made: what maintenance windows compare to. */
  readonly now: Date;
  /** Whether what cannot be rolled is updated in place. */
  readonly inPlace?: boolean;
  /** Whether pods that no rollout replaces are evicted, where their owner makes others. */
  readonly evict?: boolean;
  /** Whether what would interrupt traffic is left to a later run. */
  readonly onlySeamless?: boolean;
  /** What the run has restarted already, and for what, by the workload's `id`. */
  readonly tried?: ReadonlyMap<string, RestartMark>;
}

/** Whether the workload is for the injector to judge, or left out as a whole. */
export function isChosen(workload: SelectedBy, snapshot: Snapshot, options: PlanOptions): boolean {
  return (
    !snapshot.namespaces.get(workload.namespace)?.settings.excluded && whyNotSelected(workload, options) === undefined
  );
}

type SelectedBy = Pick<Workload, 'namespace' | 'labels'>;

/** Undefined for a workload that the options mean. */
export function whyNotSelected({ namespace, labels }: SelectedBy, options: PlanOptions): string | undefined {
  if (options.namespaces && !options.namespaces.includes(namespace)) {
    return `left alone: namespace ${namespace} is not among the chosen ones`;
  }
  return matches(options.selector, labels)
    ? undefined
    : `left alone: its labels do not match the selector ${options.selector?.text ?? ''}`;
}
