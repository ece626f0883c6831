import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { durationProblem, istioDuration } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';

/**
 * How much may be under way at a time.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface ConnectionLimits {
  /**
   * Connections to the host at a time.
   *
   * @default - no limit
   */
  readonly maxConnections?: number;

  /**
   * Requests that wait for a connection.
   *
   * @default - no limit
   */
  readonly maxPendingRequests?: number;

  /**
   * Requests in flight to the host.
   *
   * @default - no limit
   */
  readonly maxRequests?: number;

  /**
   * Retries in flight to the host.
   *
   * @default - no limit
   */
  readonly maxRetries?: number;
}

/**
 * When clients stop sending to a host, or to single pods of it.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 */
export interface CircuitBreaker extends ConnectionLimits {
  /**
   * Responses of 500 to 599 in a row that eject a pod; 0 ejects none.
   *
   * @default - Istio's: 5 if another prop of ejection is set, no ejection otherwise
   */
  readonly consecutive5xxErrors?: number;

  /**
   * Responses of 502, 503 or 504 in a row that eject a pod; 0 ejects none. It says something only below
   * `consecutive5xxErrors`, which counts these responses as well.
   *
   * @default - Istio's: 0
   */
  readonly consecutiveGatewayErrors?: number;

  /**
   * Failures in a row to reach a pod at all, such as refused connections, that eject it; with this prop they are
   * counted apart from responses (`splitExternalLocalOriginErrors`).
   *
   * @default - they count as responses of 503
   */
  readonly consecutiveLocalOriginFailures?: number;

  /**
   * Time between two looks at which pods to eject.
   *
   * @default - Istio's: 10 seconds
   */
  readonly interval?: Duration;

  /**
   * How long a pod stays ejected the first time; later ejections last longer.
   *
   * @default - Istio's: 30 seconds
   */
  readonly baseEjectionTime?: Duration;

  /**
   * How many of a host's pods may be ejected at a time, in percent.
   *
   * @default - Istio's: 10
   */
  readonly maxEjectionPercent?: number;

  /**
   * The share of healthy pods, in percent, below which none counts as ejected and all get requests again.
   * From Istio 1.31 on, a value above 0 also keeps pods that are not ready from the proxies, which otherwise know them as
   * unhealthy.
   *
   * @default - Istio's: 0, never
   */
  readonly minHealthPercent?: number;
}

/** The `connectionPool.tcp`, `connectionPool.http` and `outlierDetection` of a DestinationRule that breaks circuits so. */
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
          `${at}.consecutiveGatewayErrors ${String(gateway)} has no effect, since consecutive5xxErrors ${String(all)} counts the same errors: write less, or set consecutive5xxErrors to more or to 0`,
        ]
      : []),
  ];
}

/** Whether a circuit breaker ejects pods. */
export function ejects(breaker: CircuitBreaker): boolean {
  return Object.keys(renderCircuitBreaker(breaker).outlierDetection).length > 0;
}
