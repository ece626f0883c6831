import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';

/** Name of the ConfigMap of a restarter. No ConfigMap of Istio has a name with this prefix. */
export function planName(restarter: string): string {
  return `sidecar-plan-${restarter}`;
}

/** A ConfigMap for the plans of a restarter, and the permission to write only to it. */
export function publishedPlan(
  scope: Construct,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  labels: Readonly<Record<string, string>>,
): readonly ApiObject[] {
  const metadata = { name: planName(name), namespace, labels };
  const configMap = new ApiObject(scope, 'plan', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const role = new ApiObject(scope, 'plan-role', {
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata },
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [metadata.name], verbs: ['patch'] }],
  });
  const binding = new ApiObject(scope, 'plan-role-binding', {
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return [configMap, role, binding];
}
