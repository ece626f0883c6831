import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { durationProblem, istioDuration } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';

/**
 * Limits of the connections and requests to a host.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface ConnectionLimits {
  /**
   * Maximum number of concurrent connections to the host.
   *
   * @default - no limit
   */
  readonly maxConnections?: number;

  /**
   * Maximum number of requests that wait for a connection.
   *
   * @default - no limit
   */
  readonly maxPendingRequests?: number;

  /**
   * Maximum number of requests in flight to the host.
   *
   * @default - no limit
   */
  readonly maxRequests?: number;

  /**
   * Maximum number of retries in flight to the host.
   *
   * @default - no limit
   */
  readonly maxRetries?: number;
}

/**
 * The conditions under which clients stop sending requests to a host, or to individual pods of it.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 */
export interface CircuitBreaker extends ConnectionLimits {
  /**
   * Number of consecutive responses with status 500 to 599 after which a pod is ejected; 0 disables this condition.
   *
   * @default - Istio's: 5 if another ejection prop is set, no ejection otherwise
   */
  readonly consecutive5xxErrors?: number;

  /**
   * Number of consecutive responses with status 502, 503 or 504 after which a pod is ejected; 0 disables this
   * condition. It has an effect only if it is lower than `consecutive5xxErrors`, which also counts these responses, or
   * if `consecutive5xxErrors` is 0.
   *
   * @default - Istio's: 0
   */
  readonly consecutiveGatewayErrors?: number;

  /**
   * Number of consecutive failures to reach a pod, such as refused connections, after which it is ejected. With this
   * prop, these failures are counted separately from responses (`splitExternalLocalOriginErrors`).
   *
   * @default - they count as responses with status 503
   */
  readonly consecutiveLocalOriginFailures?: number;

  /**
   * Interval at which pods are evaluated and, if necessary, ejected.
   *
   * @default - Istio's: 10 seconds
   */
  readonly interval?: Duration;

  /**
   * Duration of a pod's first ejection; later ejections last longer.
   *
   * @default - Istio's: 30 seconds
   */
  readonly baseEjectionTime?: Duration;

  /**
   * Maximum share of a host's pods that may be ejected at a time, in percent.
   *
   * @default - Istio's: 10
   */
  readonly maxEjectionPercent?: number;

  /**
   * The share of healthy pods, in percent, below which ejection is disabled and all pods get requests again. Since
   * Istio 1.31, with a value above 0, istiod sends proxies only the endpoints of pods that are ready. With 0, or in
   * earlier versions, it also sends those of other pods, marked as unhealthy.
   *
   * @default - Istio's: 0, ejection is never disabled
   */
  readonly minHealthPercent?: number;
}

/**
 * The `connectionPool.tcp`, `connectionPool.http` and `outlierDetection` of a DestinationRule with this circuit
 * breaker.
 */
export function renderCircuitBreaker(breaker: CircuitBreaker): Record<'tcp' | 'http' | 'outlierDetection', object> {
  return {
    tcp: definedFields({ maxConnections: breaker.maxConnections }),
    http: definedFields({
      http1MaxPendingRequests: breaker.maxPendingRequests,
      http2MaxRequests: breaker.maxRequests,
      maxRetries: breaker.maxRetries,
    }),
    outlierDetection: definedFields({
      consecutive5xxErrors: breaker.consecutive5xxErrors,
      consecutiveGatewayErrors: breaker.consecutiveGatewayErrors,
      splitExternalLocalOriginErrors: breaker.consecutiveLocalOriginFailures === undefined ? undefined : true,
      consecutiveLocalOriginFailures: breaker.consecutiveLocalOriginFailures,
      interval: breaker.interval && istioDuration(breaker.interval),
      baseEjectionTime: breaker.baseEjectionTime && istioDuration(breaker.baseEjectionTime),
      maxEjectionPercent: breaker.maxEjectionPercent,
      minHealthPercent: breaker.minHealthPercent,
    }),
  };
}

/** The problems with a circuit breaker at a place, one sentence each. */
export function circuitBreakerProblems(at: string, breaker: CircuitBreaker): string[] {
  const { consecutive5xxErrors: all = 5, consecutiveGatewayErrors: gateway = 0 } = breaker;
  return [
    ...wholeNumberProblem(`${at}.maxConnections`, breaker.maxConnections, 1),
    ...wholeNumberProblem(`${at}.maxPendingRequests`, breaker.maxPendingRequests, 1),
    ...wholeNumberProblem(`${at}.maxRequests`, breaker.maxRequests, 1),
    ...wholeNumberProblem(`${at}.maxRetries`, breaker.maxRetries, 1),
    ...wholeNumberProblem(`${at}.consecutive5xxErrors`, breaker.consecutive5xxErrors, 0),
    ...wholeNumberProblem(`${at}.consecutiveGatewayErrors`, breaker.consecutiveGatewayErrors, 0),
    ...wholeNumberProblem(`${at}.consecutiveLocalOriginFailures`, breaker.consecutiveLocalOriginFailures, 0),
    ...wholeNumberProblem(`${at}.maxEjectionPercent`, breaker.maxEjectionPercent, 0, 100),
    ...wholeNumberProblem(`${at}.minHealthPercent`, breaker.minHealthPercent, 0, 100),
    ...durationProblem(`${at}.interval`, breaker.interval),
    ...durationProblem(`${at}.baseEjectionTime`, breaker.baseEjectionTime),
    ...(all > 0 && gateway >= all
      ? [
          `${at}.consecutiveGatewayErrors ${String(gateway)} has no effect, because consecutive5xxErrors ${String(all)} counts the same errors: write a lower number, or set consecutive5xxErrors to a higher number or 0`,
        ]
      : []),
  ];
}

/** Whether a circuit breaker ejects pods. */
export function ejects(breaker: CircuitBreaker): boolean {
  return Object.keys(renderCircuitBreaker(breaker).outlierDetection).length > 0;
}
