import { isObject } from './is-object';
import { amountOf } from './quantity';

/** The resource requirements of a container, in the API server's JSON. */
export interface ResourceRequirements {
  readonly requests?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** The resources that can be resized in a running pod, and that determine its QoS class. */
export const COMPUTE_RESOURCES = ['cpu', 'memory'] as const;

/** A container's `resources`, without parts that are not objects. */
export function requirementsOf(resources: unknown): ResourceRequirements {
  const { requests, limits } = isObject(resources) ? resources : {};
  return { ...(isObject(requests) ? { requests } : {}), ...(isObject(limits) ? { limits } : {}) };
}

/**
 * The QoS class of a pod with these containers, including init containers. It cannot change while the pod runs.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qualityOfService(containers: readonly ResourceRequirements[]): QualityOfService {
  const sum = (field: keyof ResourceRequirements, name: string) =>
    containers.reduce((total, one) => total + quantityIn(one[field], name), 0);
  const totals = COMPUTE_RESOURCES.map((name) => [sum('requests', name), sum('limits', name)] as const);
  if (totals.every(([requests, limits]) => requests === 0 && limits === 0)) {
    return 'BestEffort';
  }
  const areLimited = containers.every(({ limits }) => COMPUTE_RESOURCES.every((name) => quantityIn(limits, name) > 0));
  const areEqual = totals.every(([requests, limits]) => Math.abs(requests - limits) <= 1e-9 * limits);
  return areLimited && areEqual ? 'Guaranteed' : 'Burstable';
}

function quantityIn(list: ResourceRequirements['requests'], name: string): number {
  return amountOf(list?.[name]) ?? 0;
}
