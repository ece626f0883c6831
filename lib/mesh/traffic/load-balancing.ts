import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { durationProblem, istioDuration } from '../istio-duration';
import type { LoadBalancingAlgorithm } from './load-balancing-algorithm';
import type { LocalityLoadBalancing } from './locality-load-balancing';

/** How a pod that just started comes to its full share of the requests. */
export interface Warmup {
  /** How long that takes. */
  readonly duration: Duration;

  /**
   * The share it starts with, in percent of the full one, from 0 to 100.
   *
   * @default - Istio's: 10
   */
  readonly minimumPercent?: number;

  /**
   * How fast the share grows: 1 is even growth, more is faster at first; above 0.
   *
   * @default - Istio's: 1
   */
  readonly aggression?: number;
}

/**
 * Which pod of a host gets a request.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
 */
export interface LoadBalancing {
  /**
   * How the pod is chosen.
   *
   * @default - Istio's: LoadBalancingAlgorithm.LEAST_REQUEST
   */
  readonly algorithm?: LoadBalancingAlgorithm;

  /**
   * What regions and zones have to do with it.
   *
   * @default - the mesh's
   */
  readonly locality?: LocalityLoadBalancing;

  /**
   * How pods that just started come to their share; needs LEAST_REQUEST or ROUND_ROBIN.
   *
   * @default - at once
   */
  readonly warmup?: Warmup;
}

/** The settings as a DestinationRule's `trafficPolicy.loadBalancer`. */
export function renderLoadBalancing({ algorithm, locality, warmup }: LoadBalancing): Record<string, unknown> {
  // istiod picks its default algorithm only where none is named at all.
  return definedFields({
    ...algorithm?.render(),
    ...locality?.render(),
    warmup: warmup && definedFields({ ...warmup, duration: istioDuration(warmup.duration) }),
  });
}

/** The problems with load balancing at a place, one sentence each; failover needs pods to be ejected. */
export function loadBalancingProblems(
  at: string,
  { algorithm, locality, warmup }: LoadBalancing,
  ejecting: boolean,
): string[] {
  const problems = [...(algorithm?.problems(`${at}.algorithm`) ?? []), ...(locality?.problems(`${at}.locality`) ?? [])];
  if (locality?.failsOver && !ejecting) {
    problems.push(
      `${at}.locality fails over only from pods that are ejected: set circuitBreaker, such as { consecutive5xxErrors: 5 }`,
    );
  }
  if (!warmup) return problems;
  const { duration, minimumPercent = 0, aggression = 1 } = warmup;
  problems.push(...durationProblem(`${at}.warmup.duration`, duration));
  if (!(minimumPercent >= 0 && minimumPercent <= 100)) {
    problems.push(
      `${at}.warmup.minimumPercent ${String(minimumPercent)} is out of range: write a number from 0 to 100`,
    );
  }
  if (!(aggression > 0 && Number.isFinite(aggression))) {
    problems.push(`${at}.warmup.aggression ${String(aggression)} is out of range: write a number above 0`);
  }
  if (algorithm && !algorithm.warmsUp) {
    problems.push(
      `${at}.warmup has no effect with ${algorithm.name}: choose LoadBalancingAlgorithm.LEAST_REQUEST or ROUND_ROBIN, or leave it out`,
    );
  }
  return problems;
}
