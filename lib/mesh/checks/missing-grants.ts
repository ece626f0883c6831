import { GATEWAY_API } from '../gateway-api/gateway-api-group';
import { gatewayApiRoutes, isGateway } from './gateway-api-routes';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { fieldsAt, listAt, textAt } from './spec-fields';

/** A reference to an object in another namespace. */
interface Reference {
  readonly from: MeshObject;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * References to another namespace of the app that no ReferenceGrant of the app allows, from routes of a Gateway and
 * from Gateways to certificates. They are warnings, because another app may contain the grant. Istio requires no grant
 * for routes in sidecars.
 */
export function missingGrantWarnings(mesh: Mesh): string[] {
  const grants = mesh.ofGatewayApi('ReferenceGrant');
  const found = [...routedReferences(mesh), ...certificateReferences(mesh)]
    .filter(({ from, namespace }) => namespace !== from.namespace && from.namespace !== '')
    .filter(({ namespace }) => mesh.namespaces.has(namespace))
    .filter((reference) => !grants.some((grant) => allows(grant, reference)))
    .map(
      ({ from, kind, name, namespace }) =>
        `${titleOf(from)} refers to ${kind} '${namespace}/${name}', but no ReferenceGrant of the app in namespace '${namespace}' allows this for ${from.kind === 'HTTPRoute' ? 'an' : 'a'} ${from.kind} in '${from.namespace}': add one there`,
    );
  return [...new Set(found)];
}

function routedReferences(mesh: Mesh): Reference[] {
  return gatewayApiRoutes(mesh)
    .filter(({ parents }) => parents.some(isGateway))
    .flatMap(({ route, backends }) =>
      backends
        .filter(({ group }) => group === '')
        .map(({ kind, name, namespace }) => ({ from: route, kind, name, namespace })),
    );
}

function certificateReferences(mesh: Mesh): Reference[] {
  return mesh.ofGatewayApi('Gateway').flatMap((from) =>
    listAt(from.spec, 'listeners')
      .flatMap((listener) => listAt(fieldsAt(listener, 'tls'), 'certificateRefs'))
      .map((ref) => ({
        from,
        kind: textAt(ref, 'kind') ?? 'Secret',
        name: textAt(ref, 'name') ?? '',
        namespace: textAt(ref, 'namespace') ?? from.namespace,
      })),
  );
}

function allows({ namespace, spec }: MeshObject, { from, kind, name, namespace: target }: Reference): boolean {
  return (
    namespace === target &&
    listAt(spec, 'from').some(
      (source) => source.group === GATEWAY_API && source.kind === from.kind && source.namespace === from.namespace,
    ) &&
    listAt(spec, 'to').some(
      (to) => (to.group ?? '') === '' && to.kind === kind && (to.name === undefined || to.name === name),
    )
  );
}
