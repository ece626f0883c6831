import { ApiObject, JsonPatch, type Helm } from 'cdk8s';
import type { Construct } from 'constructs';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';

/**
 * NetworkPolicies of the module. They need a network plugin that enforces them. The policies of the charts allow the
 * following ingress traffic: for istiod, requests of proxies and of the API server; for the CNI node agents, probes and
 * metrics; for gateways, the ports of their Service, probes and metrics. These policies allow all egress traffic,
 * because no chart knows the servers from which istiod fetches the keys of JSON Web Tokens, or the hosts behind an
 * egress gateway.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/network-policy/
 */
export interface NetworkPolicies {
  /**
   * The namespaces from which metrics may be read, as constructs or by name; `[]` for none.
   *
   * @default - any
   */
  readonly metricsFrom?: readonly NamespaceReference[];

  /**
   * Whether the traffic of other pods in the module's namespace is denied until a NetworkPolicy of their own allows it.
   *
   * @default 'denied'
   */
  readonly otherPods?: 'denied' | 'untouched';
}

interface Ingress {
  readonly from?: unknown;
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[];
}

/**
 * Ports for metrics: 15014 of istiod and the CNI node agents, 15020 of a gateway including its agent, and 15090 of its
 * Envoy alone.
 */
const METRICS_PORTS: readonly (number | undefined)[] = [15014, 15020, 15090];

/** The problems with the NetworkPolicies, one sentence each. */
export function networkPolicyProblems({ metricsFrom = [] }: NetworkPolicies): string[] {
  return metricsFrom.flatMap((namespace) =>
    labelNameProblem('networkPolicies.metricsFrom: namespace', namespaceName(namespace)),
  );
}

/** The values that make a chart render its NetworkPolicy. */
export const NETWORK_POLICY_VALUES = { global: { networkPolicy: { enabled: true } } };

/**
 * Changes the NetworkPolicies of a rendered chart so that metrics may be read only from the given namespaces.
 *
 * @returns the problem, if the chart has no NetworkPolicy
 */
export function holdChart(chart: Helm, name: string, version: string, { metricsFrom }: NetworkPolicies): string[] {
  const policies = chart.apiObjects.filter(({ kind }) => kind === 'NetworkPolicy');
  if (policies.length === 0) {
    return [
      `networkPolicies needs charts with NetworkPolicies, but chart ${name} of Istio ${version} has none: use a newer version, or leave the prop out`,
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

/** Denies all traffic of pods that no other NetworkPolicy of the namespace selects. */
export function denyOtherPods(scope: Construct, namespace: string): ApiObject {
  return new ApiObject(scope, 'default-deny', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default-deny', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  });
}
