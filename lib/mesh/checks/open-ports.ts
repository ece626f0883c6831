import { protocolFamily } from '../traffic/protocol-family';
import { groupBy } from '../../group-by';
import { knownPods } from './known-pods';
import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { knowsHost, namespaceSidecar } from './sidecar-scopes';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';
import { includesNamespace, seenIn } from './visibility';

/** A TCP port of a ServiceEntry without addresses, for which a sidecar without DNS capture listens on all addresses. */
interface OpenPort {
  readonly entry: MeshObject;

  /** The namespaces to which the ServiceEntry is exported; `*` for all. */
  readonly seen: readonly string[];

  readonly hosts: readonly string[];
  readonly port: number;
  readonly protocol: string;
}

interface Conflict {
  readonly one: OpenPort;
  readonly other: OpenPort;
}

const CAPTURE = 'ISTIO_META_DNS_CAPTURE';

/** Two ServiceEntries with the same open port, if no sidecar captures DNS. All connections go to one of them. */
export function openPortProblems(mesh: Mesh): string[] {
  if (openPorts(mesh).length === 0 || capturesDns(mesh) !== false) return [];
  return conflicts(mesh).map(
    (conflict) => `${conflictOf(conflict)}: set addresses, or dnsCapture in the module's defaultConfig`,
  );
}

/**
 * If it is unknown whether sidecars capture DNS: two ServiceEntries with the same open port. If they do not capture it:
 * every open port that {@link openPortProblems} does not report, because it gets the connections to all unknown
 * addresses.
 */
export function openPortWarnings(mesh: Mesh): string[] {
  const ports = openPorts(mesh);
  if (ports.length === 0) return [];
  const captures = capturesDns(mesh);
  if (captures === true) return [];
  if (captures === undefined) {
    return conflicts(mesh).map((conflict) => `${conflictOf(conflict)}: set addresses, unless sidecars capture DNS`);
  }
  const reported = new Set(conflicts(mesh).flatMap(({ one, other }) => [one, other]));
  return ports
    .filter((port) => !reported.has(port))
    .map(
      ({ entry, port, protocol }) =>
        `${titleOf(entry)} has protocol ${protocol} on port ${String(port)} and no addresses, so all connections to unknown addresses on this port go to it: set addresses, or dnsCapture in the module's defaultConfig`,
    );
}

function conflictOf({ one: { entry, port, protocol }, other }: Conflict): string {
  return `${titleOf(entry)} has protocol ${protocol} on port ${String(port)}, and so does ${titleOf(other.entry)}, and neither has addresses, so all connections to this port go to only one of them`;
}

const conflicts = perMesh((mesh): readonly Conflict[] => {
  const clients = clientsOf(mesh);
  return [...groupBy(openPorts(mesh), ({ port }) => String(port)).values()].flatMap((samePort) =>
    samePort.length < 2 ? [] : conflictsBetween(mesh, samePort, clients),
  );
});

/** The conflicts between ports with the same number that the sidecars of one namespace know. */
function conflictsBetween(mesh: Mesh, ports: readonly OpenPort[], clients: readonly string[]): readonly Conflict[] {
  const known = new Map<string, readonly OpenPort[]>();
  return ports.flatMap((one) => {
    const [other] = clients
      .filter((client) => isKnownIn(mesh, client, one))
      .flatMap((client) => {
        const others = known.get(client) ?? [];
        const found = others.find((earlier) => !isSame(earlier.entry, one.entry) && !sharesHost(earlier, one));
        // Remembers at most two ports of each client, which conflict with each other. Nearly every further port
        // conflicts with one of them.
        if (others.length === 0 || (others.length === 1 && found)) known.set(client, [...others, one]);
        return found ?? [];
      });
    return other ? [{ one, other }] : [];
  });
}

const openPorts = perMesh((mesh): readonly OpenPort[] => {
  const ports = mesh
    .ofKind('ServiceEntry')
    .filter(({ spec }) => (textAt(spec, 'resolution') ?? 'NONE') !== 'NONE' && textsAt(spec, 'addresses').length === 0)
    .flatMap((entry) => {
      const [seen, hosts] = [seenIn(mesh, entry), textsAt(entry.spec, 'hosts')];
      if (seen.length === 0) return [];
      return listAt(entry.spec, 'ports').flatMap(({ number, protocol }) =>
        typeof number === 'number' && typeof protocol === 'string' && protocolFamily(protocol.toUpperCase()) === 'TCP'
          ? [{ entry, seen, hosts, port: number, protocol }]
          : [],
      );
    });
  if (ports.length === 0) return [];
  // Routes can match connections by their address, so hosts with TCP routes are left out.
  const routed = new Set(
    mesh
      .ofKind('VirtualService')
      .filter(({ spec }) => listAt(spec, 'tcp').length > 0)
      .flatMap(({ spec }) => textsAt(spec, 'hosts')),
  );
  return ports.filter(({ hosts }) => !hosts.some((host) => routed.has(host)));
});

function sharesHost(one: OpenPort, other: OpenPort): boolean {
  return one.hosts.some((host) => other.hosts.includes(host));
}

/**
 * The namespaces to check one by one, because their sidecars may know other open ports than the rest: those with a
 * Sidecar, and those to which a ServiceEntry is exported by name. One `*` stands for all other namespaces, whose
 * sidecars know every port that is exported to all.
 */
function clientsOf(mesh: Mesh): readonly string[] {
  const exported = new Set(openPorts(mesh).flatMap(({ seen }) => seen));
  const owners = openPorts(mesh).map(({ entry }) => entry.namespace);
  const all = [...new Set([...exported, ...owners, ...mesh.namespaces.keys()])]
    .filter((name) => name !== '*' && name !== '' && name !== mesh.rootNamespace)
    .filter((name) => mesh.namespaces.get(name)?.injected !== false);
  const apart = all.filter((name) => exported.has(name) || namespaceSidecar(mesh, name));
  const hasOthers = all.length === 0 ? !namespaceSidecar(mesh, '*') : apart.length < all.length;
  return hasOthers ? ['*', ...apart] : apart;
}

/** Whether sidecars of a namespace know a port. */
function isKnownIn(mesh: Mesh, client: string, { entry: { namespace }, seen, hosts, port }: OpenPort): boolean {
  if (!includesNamespace(seen, client)) return false;
  const sidecar = namespaceSidecar(mesh, client);
  return hosts.some((host) => knowsHost(sidecar, client, { name: host, namespace, port }));
}

/**
 * Whether sidecars capture DNS, so that they distinguish ServiceEntries by the addresses that istiod assigns; true even
 * if only some of them do, and undefined if it is unknown.
 */
function capturesDns(mesh: Mesh): boolean | undefined {
  const settings = mesh.controlPlanes.map(({ dnsCapture }) => dnsCapture);
  const isSetForSome =
    mesh.ofKind('ProxyConfig').some(({ spec }) => CAPTURE in fieldsAt(spec, 'environmentVariables')) ||
    knownPods(mesh).some(({ annotations }) => (textAt(annotations, 'proxy.istio.io/config') ?? '').includes(CAPTURE));
  if (isSetForSome || settings.includes(true)) return true;
  return settings.length === 0 || settings.includes(undefined) ? undefined : false;
}
