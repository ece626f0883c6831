import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { durationProblem, istioDuration } from '../istio-duration';
import type { LoadBalancingAlgorithm } from './load-balancing-algorithm';
import type { LocalityLoadBalancing } from './locality-load-balancing';

/** How the share of requests to a newly started pod grows. */
export interface Warmup {
  /** Time until the pod gets its full share. */
  readonly duration: Duration;

  /**
   * Initial share, in percent of the full share, from 0 to 100.
   *
   * @default - Istio's: 10
   */
  readonly minimumPercent?: number;

  /**
   * Speed at which the share grows: 1 is linear, higher values are faster at first. Must be above 0.
   *
   * @default - Istio's: 1
   */
  readonly aggression?: number;
}

/**
 * How the pod that gets a request to a host is chosen.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
 */
export interface LoadBalancing {
  /**
   * Algorithm that chooses the pod.
   *
   * @default - Istio's: LoadBalancingAlgorithm.LEAST_REQUEST
   */
  readonly algorithm?: LoadBalancingAlgorithm;

  /**
   * How regions and zones influence the choice.
   *
   * @default - the setting of the mesh
   */
  readonly locality?: LocalityLoadBalancing;

  /**
   * How the share of newly started pods grows. Needs LEAST_REQUEST or ROUND_ROBIN.
   *
   * @default - new pods get their full share immediately
   */
  readonly warmup?: Warmup;
}

/** The settings as a DestinationRule's `trafficPolicy.loadBalancer`. */
export function renderLoadBalancing({ algorithm, locality, warmup }: LoadBalancing): Record<string, unknown> {
  return definedFields({
    ...algorithm?.render(),
    ...locality?.render(),
    warmup: warmup && definedFields({ ...warmup, duration: istioDuration(warmup.duration) }),
  });
}

/** The problems with load balancing at a place, one sentence each. Failover requires that pods are ejected. */
export function loadBalancingProblems(
  at: string,
  { algorithm, locality, warmup }: LoadBalancing,
  ejecting: boolean,
): string[] {
  const problems = [...(algorithm?.problems(`${at}.algorithm`) ?? []), ...(locality?.problems(`${at}.locality`) ?? [])];
  if (locality?.failsOver && !ejecting) {
    problems.push(
      `${at}.locality fails over only when pods are ejected: set circuitBreaker, such as { consecutive5xxErrors: 5 }`,
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
