import { circuitBreakerProblems, ejects, renderCircuitBreaker, type CircuitBreaker } from './circuit-breaker';
import type { ClientTls } from './client-tls';
import { connectionPoolProblems, renderConnectionPool, type ConnectionPool } from './connection-pool';
import { fieldOf } from '../fields';
import { loadBalancingProblems, renderLoadBalancing, type LoadBalancing } from './load-balancing';
import { wholeNumberProblem } from '../number-range';
import { proxyProtocolFields, type ProxyProtocolVersion } from './proxy-protocol';
import { tunnelProblems, type Tunnel } from './tunnel';

/** How clients deal with a port of a host. */
export interface PortPolicy {
  /**
   * When clients stop sending.
   *
   * @default - never
   */
  readonly circuitBreaker?: CircuitBreaker;

  /**
   * How clients keep connections to the host.
   *
   * @default - Istio's
   */
  readonly connectionPool?: ConnectionPool;

  /**
   * Which pod of the host gets a request.
   *
   * @default - Istio's: the one of two with fewer requests in flight, near the client if pods are ejected
   */
  readonly loadBalancing?: LoadBalancing;

  /**
   * The TLS settings of clients for the host: TLS origination, for hosts outside the mesh.
   *
   * @default - Istio's: that of the mesh where the host has a sidecar, and what the application speaks elsewhere
   */
  readonly clientTls?: ClientTls;
}

/** How clients deal with a host, or with a subset of it. */
export interface DestinationPolicy extends PortPolicy {
  /**
   * How clients deal with single ports of the host, by the Service's port number. For such a port nothing else of this
   * policy holds: what is left out is Istio's default.
   *
   * @default - as with the others
   */
  readonly ports?: Readonly<Record<number, PortPolicy>>;

  /**
   * A proxy that TCP connections to the host are tunneled through; the host is that of the proxy.
   *
   * @default - none
   */
  readonly tunnel?: Tunnel;

  /**
   * The PROXY protocol, with which clients say their address before anything else.
   *
   * @default - none is spoken
   */
  readonly proxyProtocol?: ProxyProtocolVersion;
}

/** A policy as the `trafficPolicy` of a DestinationRule or of its subset; no fields if it is empty. */
export function renderDestinationPolicy(policy: DestinationPolicy): Record<string, unknown> {
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
 * The problems with a policy, one sentence each; `at` is empty, or the place and a dot. `others` are those that its
 * pods may have settings from: a host's for its subset, and those of its subsets for a host.
 */
export function destinationPolicyProblems(
  at: string,
  policy: DestinationPolicy,
  others: readonly DestinationPolicy[],
): string[] {
  const { ports = {}, tunnel, proxyProtocol } = policy;
  const ejecting = others.some(({ circuitBreaker = {} }) => ejects(circuitBreaker));
  return [
    ...portPolicyProblems(at, policy, ejecting),
    ...Object.entries(ports).flatMap(([port, own]) => [
      ...wholeNumberProblem(`${at}ports has`, Number(port), 1, 65535),
      ...(Object.keys(renderPortPolicy(own)).length > 0
        ? portPolicyProblems(`${at}ports[${port}].`, own, ejecting)
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

function portPolicyProblems(at: string, policy: PortPolicy, ejecting: boolean): string[] {
  const { circuitBreaker, connectionPool, loadBalancing, clientTls } = policy;
  return [
    ...(circuitBreaker ? circuitBreakerProblems(`${at}circuitBreaker`, circuitBreaker) : []),
    ...(connectionPool ? connectionPoolProblems(`${at}connectionPool`, connectionPool) : []),
    ...(loadBalancing
      ? loadBalancingProblems(
          `${at}loadBalancing`,
          loadBalancing,
          ejecting || (circuitBreaker !== undefined && ejects(circuitBreaker)),
        )
      : []),
    ...(clientTls?.problems(`${at}clientTls`) ?? []),
  ];
}
