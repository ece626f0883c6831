import type { ControlPlane } from '../control-plane/control-plane';
import type { KubeClient } from '../control-plane/kube-client';

/** What a restart needs: API group, resource and verbs. */
const PERMISSIONS: readonly (readonly [group: string, resource: string, ...verbs: string[]])[] = [
  ['', 'namespaces', 'list'],
  ['', 'pods', 'get', 'list', 'create'],
  ['', 'configmaps', 'get'],
  ['', 'replicationcontrollers', 'get'],
  ['apps', 'replicasets', 'get', 'list'],
  ['apps', 'deployments', 'get', 'list', 'patch'],
  ['apps', 'statefulsets', 'get', 'list', 'patch'],
  ['apps', 'daemonsets', 'get', 'list', 'patch'],
  ['batch', 'jobs', 'get', 'list'],
  ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'list'],
  ['networking.istio.io', 'proxyconfigs', 'list'],
];

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
  const rules = PERMISSIONS.map(([group, resource, ...verbs]) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: verbs.filter((verb) => `${verb} ${resource}` !== denied),
  })).filter(({ verbs }) => verbs.length > 0);
  const rbac = 'rbac.authorization.k8s.io';
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
    },
  ];
  for (const object of objects) {
    await client.apply(object);
  }
  return controlPlane.kubeconfigOf('default', name);
}
