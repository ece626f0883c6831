import { groupBy } from '../../group-by';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { textsAt } from './spec-fields';

/** The ServiceEntries of the app for exactly a host. */
export function serviceEntriesFor(mesh: Mesh, host: string): readonly MeshObject[] {
  return (byHost(mesh).get(host) ?? []).map(({ entry }) => entry);
}

const byHost = perMesh((mesh) => {
  const entries = mesh
    .ofKind('ServiceEntry')
    .flatMap((entry) => textsAt(entry.spec, 'hosts').map((host) => ({ host, entry })));
  return groupBy(entries, ({ host }) => host);
});
