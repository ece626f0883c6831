import { circuitBreakerProblems, ejects, renderCircuitBreaker, type CircuitBreaker } from './circuit-breaker';
import type { ClientTls } from './client-tls';
import { connectionPoolProblems, renderConnectionPool, type ConnectionPool } from './connection-pool';
import { fieldOf } from '../fields';
import { loadBalancingProblems, renderLoadBalancing, type LoadBalancing } from './load-balancing';
import { wholeNumberProblem } from '../number-range';
import { proxyProtocolFields, type ProxyProtocolVersion } from './proxy-protocol';
import { tunnelProblems, type Tunnel } from './tunnel';

/** Settings of clients for a port of a host. */
export interface PortPolicy {
  /**
   * The conditions under which clients stop sending requests.
   *
   * @default - never
   */
  readonly circuitBreaker?: CircuitBreaker;

  /**
   * Settings of the connections from clients to the host.
   *
   * @default - Istio's
   */
  readonly connectionPool?: ConnectionPool;

  /**
   * How the pod that gets a request is chosen.
   *
   * @default - Istio's: of two pods picked at random, the one with fewer requests in flight; near the client if
   * `circuitBreaker` ejects pods
   */
  readonly loadBalancing?: LoadBalancing;

  /**
   * TLS settings of clients for the host. For hosts outside the mesh, this is TLS origination.
   *
   * @default - Istio's: mutual TLS of the mesh if the host has a sidecar; otherwise traffic is forwarded unchanged
   */
  readonly clientTls?: ClientTls;
}

/** Settings of clients for a host, or for a subset of it. */
export interface DestinationPolicy extends PortPolicy {
  /**
   * Settings for individual ports of the host, by the port number of the Service. They replace this policy for that
   * port: omitted settings are Istio's defaults.
   *
   * @default - all ports use the settings of this policy
   */
  readonly ports?: Readonly<Record<number, PortPolicy>>;

  /**
   * Tunnels TCP connections through the policy's host, which must be the host of a proxy.
   *
   * @default - none
   */
  readonly tunnel?: Tunnel;

  /**
   * Version of the PROXY protocol, with which clients send their address first.
   *
   * @default - the PROXY protocol is not used
   */
  readonly proxyProtocol?: ProxyProtocolVersion;
}

/** The policy of most subsets, which inherit all settings. */
export const NO_POLICY: DestinationPolicy = {};

/** A policy as the `trafficPolicy` of a DestinationRule or of its subset; no fields if it is empty. */
export function renderDestinationPolicy(policy: DestinationPolicy): Record<string, unknown> {
  if (policy === NO_POLICY) return {};
  const { ports = {}, tunnel, proxyProtocol } = policy;
  const settings = Object.entries(ports).map(([port, own]) => ({
    port: { number: Number(port) },
    ...renderPortPolicy(own),
  }));
  return {
    ...renderPortPolicy(policy),
    ...(settings.length > 0 ? { portLevelSettings: settings } : {}),
    ...fieldOf('tunnel', { ...tunnel }),
    ...proxyProtocolFields(proxyProtocol),
  };
}

/**
 * The problems with a policy, one sentence each; `at` is empty, or a path that ends with a dot. `others` are the other
 * policies whose settings may apply to the same pods: for a subset, the policy of the host; for a host, the policies of
 * its subsets.
 */
export function destinationPolicyProblems(
  at: string,
  policy: DestinationPolicy,
  others: readonly DestinationPolicy[],
): string[] {
  if (policy === NO_POLICY) return [];
  const { ports = {}, tunnel, proxyProtocol } = policy;
  return [
    ...portPolicyProblems(at, policy, others),
    ...Object.entries(ports).flatMap(([port, own]) => [
      ...wholeNumberProblem(`${at}ports: port`, Number(port), 1, 65535),
      ...(Object.keys(renderPortPolicy(own)).length > 0
        ? portPolicyProblems(`${at}ports[${port}].`, own, others)
        : [`${at}ports[${port}] is empty: set circuitBreaker or clientTls, or leave it out`]),
    ]),
    ...(tunnel ? tunnelProblems(`${at}tunnel`, tunnel) : []),
    ...(tunnel && proxyProtocol !== undefined
      ? [`${at}tunnel and ${at}proxyProtocol are mutually exclusive: leave out one of them`]
      : []),
  ];
}

function renderPortPolicy(policy: PortPolicy): Record<string, unknown> {
  const { circuitBreaker, connectionPool, loadBalancing, clientTls } = policy;
  const limits = circuitBreaker && renderCircuitBreaker(circuitBreaker);
  const pool = connectionPool && renderConnectionPool(connectionPool);
  return {
    ...(loadBalancing ? fieldOf('loadBalancer', renderLoadBalancing(loadBalancing)) : {}),
    ...((limits ?? pool)
      ? fieldOf('connectionPool', {
          ...fieldOf('tcp', { ...limits?.tcp, ...pool?.tcp }),
          ...fieldOf('http', { ...limits?.http, ...pool?.http }),
        })
      : {}),
    ...(limits ? fieldOf('outlierDetection', { ...limits.outlierDetection }) : {}),
    ...(clientTls ? { tls: clientTls.render() } : {}),
  };
}

function portPolicyProblems(at: string, policy: PortPolicy, others: readonly PortPolicy[]): string[] {
  const { circuitBreaker, connectionPool, loadBalancing, clientTls } = policy;
  return [
    ...(circuitBreaker ? circuitBreakerProblems(`${at}circuitBreaker`, circuitBreaker) : []),
    ...(connectionPool ? connectionPoolProblems(`${at}connectionPool`, connectionPool) : []),
    ...(loadBalancing
      ? loadBalancingProblems(
          `${at}loadBalancing`,
          loadBalancing,
          [policy, ...others].some((one) => one.circuitBreaker !== undefined && ejects(one.circuitBreaker)),
        )
      : []),
    ...(clientTls?.problems(`${at}clientTls`) ?? []),
  ];
}
