import { ServiceAccount } from 'cdk8s-plus-27';
import { RestartQuestions, SidecarRestartAccess, type SidecarRestartAccessProps } from 'istio-module';
import type { ControlPlane } from '../control-plane/control-plane';
import type { KubeClient, ObjectReference } from '../control-plane/kube-client';
import { emptyChart, synthesized } from '../mesh/synthesis';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Creates a service account with the permissions that a restart needs, except for one.
 *
 * @param denied such as `patch statefulsets`; by default, no permission is left out
 * @param props further permissions
 * @returns its kubeconfig
 */
export async function kubeconfigWithout(
  controlPlane: ControlPlane,
  client: KubeClient,
  name: string,
  denied?: string,
  props: Partial<SidecarRestartAccessProps> = {},
): Promise<string> {
  const chart = emptyChart();
  const subject = ServiceAccount.fromServiceAccountName(chart, 'user', name, { namespaceName: 'default' });
  new SidecarRestartAccess(chart, name, { subjects: [subject], uninstall: false, ...props });
  const objects = synthesized(chart) as unknown as ObjectReference[];
  const role = objects.find(({ kind }) => kind === 'ClusterRole') as ObjectReference & { rules: Rule[] };
  const binding = objects.find(({ kind }) => kind === 'ClusterRoleBinding') as ObjectReference;
  const policies = objects.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));

  // One rule per resource, so that a verb can be removed from one resource only.
  const rules = role.rules
    .flatMap((rule) => rule.resources.map((resource) => ({ ...rule, resources: [resource] })))
    .map((rule) => ({ ...rule, verbs: rule.verbs.filter((verb) => `${verb} ${rule.resources.join()}` !== denied) }))
    .filter(({ verbs }) => verbs.length > 0);
  await client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } });
  await client.apply({ ...role, rules } as ObjectReference);
  for (const object of [...policies, binding]) {
    await client.apply(object);
  }
  return controlPlane.kubeconfigOf('default', name);
}

/**
 * Creates a service account with only the permissions that a restart needs if it asks the injector alone.
 *
 * @returns its kubeconfig
 */
export async function leastPrivilege(controlPlane: ControlPlane, client: KubeClient, name: string): Promise<string> {
  const chart = emptyChart();
  const subject = ServiceAccount.fromServiceAccountName(chart, 'user', name, { namespaceName: 'default' });
  const asks = RestartQuestions.INJECTOR_ALONE;
  new SidecarRestartAccess(chart, name, { subjects: [subject], uninstall: false, asks });
  await client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } });
  for (const object of synthesized(chart)) {
    await client.apply(object);
  }
  return controlPlane.kubeconfigOf('default', name);
}
