import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { wholeNumberProblem } from '../number-range';
import { ipBlockProblem } from '../security/ip-block';

/** The connections that a restarter may open, if a network plugin enforces NetworkPolicies. */
export interface RestarterNetworkPolicy {
  /**
   * The addresses of the API server behind the Service `kubernetes`, as IP addresses or CIDR blocks.
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

/** The problems with the policy, one sentence each. */
export function restarterNetworkPolicyProblems({ apiServer, apiServerPorts }: RestarterNetworkPolicy): string[] {
  return [
    ...(apiServer?.length === 0
      ? ['networkPolicy.apiServer is empty: name addresses, or leave the prop out to allow any']
      : []),
    ...(apiServer ?? []).flatMap((block) => ipBlockProblem('networkPolicy.apiServer', block)),
    ...(apiServerPorts?.length === 0
      ? ['networkPolicy.apiServerPorts is empty: name ports, or leave the prop out']
      : []),
    ...(apiServerPorts ?? []).flatMap((port) => wholeNumberProblem('networkPolicy.apiServerPorts', port, 1, 65_535)),
  ];
}

/**
 * Allows the pods with these labels only connections to the ports of the API server, by default at any address. They
 * reach it without DNS.
 *
 * @param metricsPort port to which others may connect; undefined for none
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
