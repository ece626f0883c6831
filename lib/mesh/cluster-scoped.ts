import { JsonPatch, type ApiObject } from 'cdk8s';

const KINDS = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'GatewayClass',
  'PriorityClass',
]);

/**
 * Removes the namespace from cluster-scoped objects. cdk8s sets it on every object of a Chart with a default namespace,
 * and the API server rejects it.
 */
export function withoutNamespace(object: ApiObject): void {
  if (KINDS.has(object.kind) && object.metadata.namespace !== undefined) {
    object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  }
}
