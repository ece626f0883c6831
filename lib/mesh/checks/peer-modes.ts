import { groupBy } from '../../group-by';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { fieldsAt, textAt } from './spec-fields';

/**
 * The PeerAuthentication that sets the mode of a whole namespace, unless a more specific one in the app overrides it.
 */
export function uniformMode(mesh: Mesh, namespace: string, mode: 'STRICT' | 'DISABLE'): MeshObject | undefined {
  const within = policiesIn(mesh, namespace);
  const broad = within.filter((policy) => !isNarrow(policy));
  const wider = broad.length > 0 ? broad : policiesIn(mesh, mesh.rootNamespace).filter((one) => !isNarrow(one));
  const uniform = wider.length > 0 && wider.every((policy) => modeOf(policy) === mode) ? wider[0] : undefined;
  const excepted = within.some(
    (policy) => isNarrow(policy) && (modeOf(policy) !== mode || policy.spec.portLevelMtls !== undefined),
  );
  return excepted ? undefined : uniform;
}

function policiesIn(mesh: Mesh, namespace: string | undefined): readonly MeshObject[] {
  return namespace === undefined ? [] : (byNamespace(mesh).get(namespace) ?? []);
}

const byNamespace = perMesh((mesh) => groupBy(mesh.ofKind('PeerAuthentication'), ({ namespace }) => namespace));

function isNarrow({ spec }: MeshObject): boolean {
  return Object.keys(fieldsAt(fieldsAt(spec, 'selector'), 'matchLabels')).length > 0;
}

function modeOf({ spec }: MeshObject): string | undefined {
  return textAt(fieldsAt(spec, 'mtls'), 'mode');
}
