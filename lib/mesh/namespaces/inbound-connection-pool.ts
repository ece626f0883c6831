import { circuitBreakerProblems, renderCircuitBreaker, type ConnectionLimits } from '../traffic/circuit-breaker';
import { connectionPoolProblems, renderConnectionPool, type ConnectionPool } from '../traffic/connection-pool';
import { fieldOf } from '../fields';

/**
 * Settings and limits of the connections from sidecars to their own application.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface InboundConnectionPool extends ConnectionPool, ConnectionLimits {}

/** The `tcp` and `http` of a Sidecar's connection pool; none if it is empty. */
export function renderInboundPool(pool: InboundConnectionPool): Record<string, unknown> {
  const limits = renderCircuitBreaker(pool);
  const { tcp, http } = renderConnectionPool(pool);
  return { ...fieldOf('tcp', { ...limits.tcp, ...tcp }), ...fieldOf('http', { ...limits.http, ...http }) };
}

/** The problems with a pool, one sentence each. */
export function inboundPoolProblems(at: string, pool: InboundConnectionPool): string[] {
  return Object.keys(renderInboundPool(pool)).length > 0
    ? [...circuitBreakerProblems(at, pool), ...connectionPoolProblems(at, pool)]
    : [`${at} is empty: set maxConnections, or leave it out`];
}
