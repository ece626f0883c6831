import { renderCircuitBreaker } from './circuit-breaker';
import { renderConnectionPool } from './connection-pool';
import { renderExportTo } from './export-to';
import { fieldOf } from '../fields';
import { renderLoadBalancing } from './load-balancing';
import type { TrafficPolicyProps } from './traffic-policy-props';

/** A policy's DestinationRule for a host, as its `spec`; nothing where it would say nothing. */
export function renderDestinationRule(
  host: string,
  props: TrafficPolicyProps,
): Readonly<Record<string, unknown>> | undefined {
  const { subsets = {}, clients, exportTo } = props;
  const rules = {
    ...fieldOf('trafficPolicy', renderTrafficPolicy(props)),
    ...(Object.keys(subsets).length > 0
      ? { subsets: Object.entries(subsets).map(([name, labels]) => ({ name, labels })) }
      : {}),
  };
  if (Object.keys(rules).length === 0) return undefined;
  return {
    host,
    ...rules,
    ...(clients ? { workloadSelector: { matchLabels: clients } } : {}),
    ...renderExportTo(exportTo),
  };
}

function renderTrafficPolicy(props: TrafficPolicyProps): Record<string, unknown> {
  const { circuitBreaker = {}, connectionPool = {}, loadBalancing = {}, clientTls } = props;
  const limits = renderCircuitBreaker(circuitBreaker);
  const pool = renderConnectionPool(connectionPool);
  return {
    ...fieldOf('loadBalancer', renderLoadBalancing(loadBalancing)),
    ...fieldOf('connectionPool', {
      ...fieldOf('tcp', { ...limits.tcp, ...pool.tcp }),
      ...fieldOf('http', { ...limits.http, ...pool.http }),
    }),
    ...fieldOf('outlierDetection', { ...limits.outlierDetection }),
    ...(clientTls ? { tls: clientTls.render() } : {}),
  };
}
