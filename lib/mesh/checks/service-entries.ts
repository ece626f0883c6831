import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { textsAt } from './spec-fields';

/** The ServiceEntries of the app for exactly a host. */
export function serviceEntriesFor(mesh: Mesh, host: string): readonly MeshObject[] {
  return byHost(mesh).get(host) ?? [];
}

const byHost = perMesh((mesh): ReadonlyMap<string, readonly MeshObject[]> => {
  const entries = new Map<string, MeshObject[]>();
  for (const entry of mesh.ofKind('ServiceEntry')) {
    for (const host of textsAt(entry.spec, 'hosts')) {
      const others = entries.get(host);
      if (others) others.push(entry);
      else entries.set(host, [entry]);
    }
  }
  return entries;
});
