import { knownPods, workloadTitle } from './known-pods';
import type { Mesh } from './mesh';
import { gatewayObjects } from './without-sidecars';

/**
 * Workloads that get the proxy image from the injector (`image: auto`), such as gateways, in a namespace with injection
 * disabled.
 */
export function uninjectedGatewayProblems(mesh: Mesh): string[] {
  const outside = new Set([...mesh.namespaces].filter(([, { injected }]) => injected === false).map(([name]) => name));
  if (outside.size === 0) return [];
  const gateways = gatewayObjects(mesh);
  return knownPods(mesh)
    .filter(({ object, namespace, awaitsImage }) => outside.has(namespace) && (awaitsImage || gateways.has(object)))
    .map((pods) => {
      const { namespace } = pods;
      const path = mesh.namespaces.get(namespace)?.object.node.path ?? '';
      return `${workloadTitle(pods)} gets its image from the injector, but namespace '${namespace}' (${path}) has injection disabled: enable it there, or put the gateway into another namespace`;
    });
}
