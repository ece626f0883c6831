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
 * Takes away the namespace that cdk8s gives every object of a Chart with a default namespace, from those that live in
 * none: the API server rejects it there.
 */
export function withoutNamespace(object: ApiObject): void {
  if (KINDS.has(object.kind) && object.metadata.namespace !== undefined) {
    object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  }
}
