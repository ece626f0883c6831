import type { ExportDefault } from '../installation/export-defaults';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { textsAt } from './spec-fields';

/** The namespaces to which an object is exported; `*` for all. */
export function seenIn(mesh: Mesh, object: MeshObject): readonly string[] {
  return exported(mesh, object)
    .filter((to) => to !== '~')
    .map((to) => (to === '.' ? object.namespace : to));
}

/** Whether the namespaces to which an object is exported include this one. */
export function includesNamespace(seen: readonly string[], namespace: string): boolean {
  return seen.includes('*') || seen.includes(namespace);
}

/** Whether an object is exported to all namespaces. */
export function isExportedToAll(mesh: Mesh, object: MeshObject): boolean {
  return exported(mesh, object).includes('*');
}

/** The `exportTo` that applies to an object. */
function exported(mesh: Mesh, { kind, spec }: MeshObject): readonly string[] {
  const given = textsAt(spec, 'exportTo');
  return given.length > 0 ? given : [exportDefault(mesh, kind)];
}

/** To which namespaces the mesh exports objects of a kind that have no `exportTo`; to all if that is not known. */
export function exportDefault(mesh: Mesh, kind: string): ExportDefault {
  return mesh.controlPlanes[0]?.exportDefaults?.[kind] ?? '*';
}
