import { ApiObject, JsonPatch, type Helm } from 'cdk8s';
import type { Construct } from 'constructs';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';

/**
 * NetworkPolicies of the module, which need a network plugin that enforces them. Those of the charts let in, for istiod,
 * what proxies and the API server ask it for; for the CNI node agents, probes and metrics; for gateways, the ports of
 * their Service, probes and metrics. All of them may connect to anything: where the keys of tokens are, or the hosts
 * behind an egress gateway, no chart knows.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/network-policy/
 */
export interface NetworkPolicies {
  /**
   * The namespaces, as constructs or by name, from which metrics are read; `[]` for none.
   *
   * @default - any
   */
  readonly metricsFrom?: readonly NamespaceReference[];

  /**
   * Whether pods of the module's namespace that are none of the module's are cut off, until a NetworkPolicy of their
   * own lets them in and out.
   *
   * @default 'denied'
   */
  readonly otherPods?: 'denied' | 'untouched';
}

interface Ingress {
  readonly from?: unknown;
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[];
}

/** Metrics of istiod and the CNI node agents; metrics of a gateway, with the agent's and without. */
const METRICS_PORTS: readonly (number | undefined)[] = [15014, 15020, 15090];

/** The problems with them, one sentence each. */
export function networkPolicyProblems({ metricsFrom = [] }: NetworkPolicies): string[] {
  return metricsFrom.flatMap((namespace) =>
    labelNameProblem('networkPolicies.metricsFrom: namespace', namespaceName(namespace)),
  );
}

/** The values that make a chart render its NetworkPolicy. */
export const NETWORK_POLICY_VALUES = { global: { networkPolicy: { enabled: true } } };

/**
 * Narrows the NetworkPolicy that a chart has rendered to the traffic that it should allow.
 *
 * @returns the problem, when a chart knows no NetworkPolicies
 */
export function holdChart(chart: Helm, name: string, version: string, { metricsFrom }: NetworkPolicies): string[] {
  const policies = chart.apiObjects.filter(({ kind }) => kind === 'NetworkPolicy');
  if (policies.length === 0) {
    return [
      `networkPolicies needs charts that have some, and chart ${name} of Istio ${version} has none: use a newer version, or leave the prop out`,
    ];
  }
  if (metricsFrom === undefined) return [];
  const from = metricsFrom.map((namespace) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaceName(namespace) } },
  }));
  for (const policy of policies) {
    const { spec } = policy.toJson() as { spec: { ingress: readonly Ingress[] } };
    const isMetrics = ({ port }: { readonly port?: number }) => METRICS_PORTS.includes(port);
    const ports = spec.ingress.flatMap((rule) => rule.ports?.filter(isMetrics) ?? []);
    const others = spec.ingress
      .map((rule) => ({ ...rule, ports: rule.ports?.filter((port) => !isMetrics(port)) }))
      .filter((rule) => rule.ports === undefined || rule.ports.length > 0);
    const ingress = [...others, ...(from.length > 0 ? [{ from, ports }] : [])];
    policy.addJsonPatch(JsonPatch.replace('/spec/ingress', ingress));
  }
  return [];
}

/** Denies all traffic to pods of a namespace that no other NetworkPolicy selects. */
export function denyOtherPods(scope: Construct, namespace: string): ApiObject {
  return new ApiObject(scope, 'default-deny', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default-deny', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  });
}
