import * as kubernetes from '@pulumi/kubernetes';
import { typeTokenOf } from '../../lib/pulumi/kubernetes-object';

/** The class of the provider's own SDK, for each kind that the package's charts contain or that users add to them. */
const CLASSES = {
  ConfigMap: kubernetes.core.v1.ConfigMap,
  Namespace: kubernetes.core.v1.Namespace,
  Secret: kubernetes.core.v1.Secret,
  Service: kubernetes.core.v1.Service,
  ServiceAccount: kubernetes.core.v1.ServiceAccount,
  Deployment: kubernetes.apps.v1.Deployment,
  DaemonSet: kubernetes.apps.v1.DaemonSet,
  HorizontalPodAutoscaler: kubernetes.autoscaling.v2.HorizontalPodAutoscaler,
  PodDisruptionBudget: kubernetes.policy.v1.PodDisruptionBudget,
  NetworkPolicy: kubernetes.networking.v1.NetworkPolicy,
  ClusterRole: kubernetes.rbac.v1.ClusterRole,
  ClusterRoleBinding: kubernetes.rbac.v1.ClusterRoleBinding,
  Role: kubernetes.rbac.v1.Role,
  RoleBinding: kubernetes.rbac.v1.RoleBinding,
  CustomResourceDefinition: kubernetes.apiextensions.v1.CustomResourceDefinition,
} as const;

test.each([
  ['v1', ['ConfigMap', 'Namespace', 'Secret', 'Service', 'ServiceAccount']],
  ['apps/v1', ['Deployment', 'DaemonSet']],
  ['autoscaling/v2', ['HorizontalPodAutoscaler']],
  ['policy/v1', ['PodDisruptionBudget']],
  ['networking.k8s.io/v1', ['NetworkPolicy']],
  ['rbac.authorization.k8s.io/v1', ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']],
  ['apiextensions.k8s.io/v1', ['CustomResourceDefinition']],
] as const)('typeTokenOf gives %s %p the types of the Kubernetes provider', (apiVersion, kinds) => {
  for (const kind of kinds) {
    const { __pulumiType } = CLASSES[kind] as unknown as { readonly __pulumiType: string };
    expect(typeTokenOf({ apiVersion, kind })).toBe(__pulumiType);
  }
});

test('typeTokenOf gives custom resources their own group', () => {
  expect(typeTokenOf({ apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication' })).toBe(
    'kubernetes:security.istio.io/v1:PeerAuthentication',
  );
});
