import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { listAt, textAt, textsAt } from './spec-fields';
import { includesNamespace, seenIn } from './visibility';

/**
 * Two ServiceEntries that are exported to the same namespace and give a port of a host different protocols. On a port
 * without a protocol, proxies detect it.
 */
export function conflictingServiceEntryProblems(mesh: Mesh): string[] {
  const known = new Map<string, { readonly entry: MeshObject; readonly protocol: string }[]>();
  return mesh.ofKind('ServiceEntry').flatMap((entry) =>
    portsOf(entry).flatMap(({ host, port, protocol }) => {
      const key = `${host} ${port}`;
      const others = known.get(key) ?? [];
      known.set(key, [...others, { entry, protocol }]);
      return others
        .filter((other) => !isSame(other.entry, entry) && other.protocol !== protocol && meet(mesh, other.entry, entry))
        .map(
          (other) =>
            `${titleOf(entry)} has ${shown(protocol)} on port ${port} of host '${host}', but ${titleOf(other.entry)} has ${shown(other.protocol)} there, and Istio uses only one of them: give both ServiceEntries the protocol that the host speaks on this port`,
        );
    }),
  );
}

function portsOf({ spec }: MeshObject) {
  return textsAt(spec, 'hosts').flatMap((host) =>
    listAt(spec, 'ports').map((port) => ({
      ...{ host, port: String(port.number), protocol: (textAt(port, 'protocol') ?? '').toUpperCase() },
    })),
  );
}

const shown = (protocol: string): string => (protocol === '' ? 'no protocol' : protocol);

/** Whether both are exported to a common namespace. */
function meet(mesh: Mesh, one: MeshObject, other: MeshObject): boolean {
  const [first, second] = [seenIn(mesh, one), seenIn(mesh, other)];
  return first.some((namespace) => (namespace === '*' ? second.length > 0 : includesNamespace(second, namespace)));
}
