import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { wholeNumberProblem } from '../number-range';
import { ipBlockProblem } from '../security/ip-block';

/** Which connections a restarter may open, where a network plugin enforces NetworkPolicies. */
export interface RestarterNetworkPolicy {
  /**
   * The addresses of the API server, as IP addresses or CIDR blocks: those behind the Service `kubernetes`.
   *
   * @default - any
   */
  readonly apiServer?: readonly string[];

  /**
   * The ports of the API server behind that Service.
   *
   * @default [443, 6443]
   */
  readonly apiServerPorts?: readonly number[];
}

/** The problems with it, one sentence each. */
export function restarterNetworkPolicyProblems({ apiServer, apiServerPorts }: RestarterNetworkPolicy): string[] {
  return [
    ...(apiServer?.length === 0
      ? ['networkPolicy.apiServer is empty: name addresses, or leave the prop out for any']
      : []),
    ...(apiServer ?? []).flatMap((block) => ipBlockProblem('networkPolicy.apiServer', block)),
    ...(apiServerPorts?.length === 0
      ? ['networkPolicy.apiServerPorts is empty: name ports, or leave the prop out']
      : []),
    ...(apiServerPorts ?? []).flatMap((port) => wholeNumberProblem('networkPolicy.apiServerPorts', port, 1, 65_535)),
  ];
}

/**
 * Lets the pods with these labels connect to the API server, and nothing else in or out: its address needs no DNS.
 *
 * @param metricsPort which others may connect to; undefined for none
 */
export function restarterNetworkPolicy(
  scope: Construct,
  metadata: { readonly name: string; readonly namespace: string },
  matchLabels: Readonly<Record<string, string>>,
  { apiServer, apiServerPorts = [443, 6443] }: RestarterNetworkPolicy,
  metricsPort?: number,
): ApiObject {
  const to = apiServer?.map((block) => ({ ipBlock: { cidr: asCidr(block) } }));
  const ports = apiServerPorts.map((port) => ({ protocol: 'TCP', port }));
  return new ApiObject(scope, 'network-policy', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels },
      policyTypes: ['Ingress', 'Egress'],
      ...(metricsPort === undefined ? {} : { ingress: [{ ports: [{ protocol: 'TCP', port: metricsPort }] }] }),
      egress: [{ ...(to ? { to } : {}), ports }],
    },
  });
}

function asCidr(block: string): string {
  return block.includes('/') ? block : `${block}/${block.includes(':') ? '128' : '32'}`;
}
