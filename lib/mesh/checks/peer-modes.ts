import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { fieldsAt, textAt } from './spec-fields';

/**
 * The PeerAuthentication that sets the mode of a whole namespace, unless a more specific one in the app overrides it.
 */
export function uniformMode(mesh: Mesh, namespace: string, mode: 'STRICT' | 'DISABLE'): MeshObject | undefined {
  const policies = mesh.ofKind('PeerAuthentication');
  const within = policies.filter((policy) => policy.namespace === namespace);
  const broad = within.filter((policy) => !isNarrow(policy));
  const wider =
    broad.length > 0 ? broad : policies.filter((one) => one.namespace === mesh.rootNamespace && !isNarrow(one));
  const uniform = wider.length > 0 && wider.every((policy) => modeOf(policy) === mode) ? wider[0] : undefined;
  const excepted = within.some(
    (policy) => isNarrow(policy) && (modeOf(policy) !== mode || policy.spec.portLevelMtls !== undefined),
  );
  return excepted ? undefined : uniform;
}

function isNarrow({ spec }: MeshObject): boolean {
  return Object.keys(fieldsAt(fieldsAt(spec, 'selector'), 'matchLabels')).length > 0;
}

function modeOf({ spec }: MeshObject): string | undefined {
  return textAt(fieldsAt(spec, 'mtls'), 'mode');
}
