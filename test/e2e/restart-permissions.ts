import { ServiceAccount } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import type { ControlPlane } from '../control-plane/control-plane';
import type { KubeClient, ObjectReference } from '../control-plane/kube-client';
import { emptyChart, synthesized } from '../mesh/synthesis';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Makes a service account that may do what a restart needs, but for one thing.
 *
 * @param denied such as `patch statefulsets`; without it, nothing is left out
 * @returns its kubeconfig
 */
export async function kubeconfigWithout(
  controlPlane: ControlPlane,
  client: KubeClient,
  name: string,
  denied?: string,
): Promise<string> {
  const chart = emptyChart();
  const subject = ServiceAccount.fromServiceAccountName(chart, 'user', name, { namespaceName: 'default' });
  new SidecarRestartAccess(chart, name, { subjects: [subject], uninstall: false });
  const [role, binding] = synthesized(chart) as unknown as [ObjectReference & { rules: Rule[] }, ObjectReference];
  // One rule a resource, so that a verb can be taken from one alone.
  const rules = role.rules
    .flatMap((rule) => rule.resources.map((resource) => ({ ...rule, resources: [resource] })))
    .map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => `${verb} ${rule.resources.join()}` !== denied) }))
    .filter(({ verbs }) => verbs.length > 0);
  await client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } });
  await client.apply({ ...role, rules } as ObjectReference);
  await client.apply(binding);
  return controlPlane.kubeconfigOf('default', name);
}
