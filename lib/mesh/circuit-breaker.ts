import type { Duration } from 'cdk8s';
import { durationProblem, istioDuration } from './istio-duration';

/**
 * When clients stop sending to a host, or to single pods of it.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 */
export interface CircuitBreaker {
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
   * Responses of 500 to 599 in a row that eject a pod; 0 ejects none.
   *
   * @default - Istio's: 5 if another prop of ejection is set, no ejection otherwise
   */
  readonly consecutive5xxErrors?: number;

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
}

const MAX_INT32 = 2 ** 31 - 1;

/** The trafficPolicy of a DestinationRule that breaks circuits so. */
export function renderCircuitBreaker(breaker: CircuitBreaker): Readonly<Record<string, unknown>> {
  const tcp = defined({ maxConnections: breaker.maxConnections });
  const http = defined({ http1MaxPendingRequests: breaker.maxPendingRequests, http2MaxRequests: breaker.maxRequests });
  const connectionPool = { ...nonEmpty('tcp', tcp), ...nonEmpty('http', http) };
  const outlierDetection = defined({
    consecutive5xxErrors: breaker.consecutive5xxErrors,
    interval: breaker.interval && istioDuration(breaker.interval),
    baseEjectionTime: breaker.baseEjectionTime && istioDuration(breaker.baseEjectionTime),
    maxEjectionPercent: breaker.maxEjectionPercent,
  });
  return { ...nonEmpty('connectionPool', connectionPool), ...nonEmpty('outlierDetection', outlierDetection) };
}

/** What is wrong with a circuit breaker, one sentence each. */
export function circuitBreakerProblems(breaker: CircuitBreaker): string[] {
  const range = (name: keyof CircuitBreaker, from: number, to: number, words: string): string[] => {
    const value = breaker[name];
    if (typeof value !== 'number' || (Number.isInteger(value) && value >= from && value <= to)) return [];
    return [`circuitBreaker.${name} ${String(value)} is out of range: write ${words}`];
  };
  return [
    ...range('maxConnections', 1, MAX_INT32, 'a whole number from 1 on'),
    ...range('maxPendingRequests', 1, MAX_INT32, 'a whole number from 1 on'),
    ...range('maxRequests', 1, MAX_INT32, 'a whole number from 1 on'),
    ...range('consecutive5xxErrors', 0, MAX_INT32, 'a whole number from 0 on'),
    ...range('maxEjectionPercent', 0, 100, 'a whole number from 0 to 100'),
    ...durationProblem('circuitBreaker.interval', breaker.interval),
    ...durationProblem('circuitBreaker.baseEjectionTime', breaker.baseEjectionTime),
  ];
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function nonEmpty(name: string, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.keys(fields).length > 0 ? { [name]: fields } : {};
}
