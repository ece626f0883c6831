import { type KubeClient, type ObjectReference, until } from '../control-plane/kube-client';

/** Defines a namespaced kind with any spec and any status, and waits until the API server serves it. */
export async function defineKind(client: KubeClient, group: string, version: string, kind: string): Promise<void> {
  const plural = `${kind.toLowerCase()}s`;
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const definition: ObjectReference & { metadata: { annotations: object }; spec: object } = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Required if the group is one of Kubernetes' own, or ends like one.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
        },
      ],
    },
  };
  await client.apply(definition);
  await until(
    () =>
      client.list(`${group}/${version}`, kind).then(
        () => true,
        () => false,
      ),
    `the API server serving ${plural}.${group}`,
  );
}
