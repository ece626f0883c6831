import type { ApiObject } from 'cdk8s';
import type { Mesh } from './mesh';

/**
 * Workloads that get the proxy image from the injector (`image: auto`), such as gateways, in a namespace with injection
 * disabled.
 */
export function uninjectedGatewayProblems(mesh: Mesh): string[] {
  const outside = new Set([...mesh.namespaces].filter(([, { injected }]) => injected === false).map(([name]) => name));
  if (outside.size === 0) return [];
  const gateways = new Set(
    mesh.controlPlanes.flatMap(({ gateways = [] }) => [...gateways.values()]).flatMap(objectsOf),
  );
  return mesh.objects
    .filter(({ metadata: { namespace } }) => namespace !== undefined && outside.has(namespace))
    .filter((object) => WORKLOADS.includes(object.kind) && (gateways.has(object) || awaitsImage(object)))
    .map((object) => {
      const { kind, name, node, metadata } = object;
      const namespace = metadata.namespace ?? '';
      const path = mesh.namespaces.get(namespace)?.object.node.path ?? '';
      return `${kind} ${namespace}/${name} (${node.path}) gets its image from the injector, but namespace '${namespace}' (${path}) has injection disabled: enable it there, or put the gateway into another namespace`;
    });
}

const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet', 'Pod'];

function objectsOf({ apiObjects }: { readonly apiObjects: readonly ApiObject[] }): readonly ApiObject[] {
  return apiObjects;
}

interface PodSpec {
  readonly containers?: readonly { readonly image?: string }[];
}

function awaitsImage(object: ApiObject): boolean {
  const { spec } = object.toJson() as { readonly spec?: PodSpec & { readonly template?: { readonly spec?: PodSpec } } };
  return (spec?.template?.spec ?? spec)?.containers?.some(({ image }) => image === 'auto') ?? false;
}
