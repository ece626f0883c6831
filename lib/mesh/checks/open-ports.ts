import { protocolFamily } from '../traffic/protocol-family';
import { knownPods } from './known-pods';
import type { Mesh } from './mesh';
import { isSame, titleOf, type MeshObject } from './mesh-object';
import { knowsHost, namespaceSidecar } from './sidecar-scopes';
import { fieldsAt, listAt, textAt, textsAt } from './spec-fields';
import { seenIn } from './visibility';

/** A TCP port of a ServiceEntry without addresses, for which a sidecar without DNS capture listens on all addresses. */
interface OpenPort {
  readonly entry: MeshObject;
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
  const ports = openPorts(mesh);
  if (ports.length === 0 || capturesDns(mesh) !== false) return [];
  return conflicts(mesh, ports).map(
    (conflict) => `${conflictOf(conflict)}: set addresses, or dnsCapture in the module's defaultConfig`,
  );
}

/**
 * Two ServiceEntries with the same open port, if sidecars may capture DNS; and a single open port, to which connections
 * to any unknown address go.
 */
export function openPortWarnings(mesh: Mesh): string[] {
  const ports = openPorts(mesh);
  if (ports.length === 0) return [];
  const captures = capturesDns(mesh);
  if (captures === true) return [];
  const found = conflicts(mesh, ports);
  if (captures === undefined) {
    return found.map((conflict) => `${conflictOf(conflict)}: set addresses, unless sidecars capture DNS`);
  }
  const reported = new Set(found.flatMap(({ one, other }) => [one, other]));
  return ports
    .filter((port) => !reported.has(port))
    .map(
      ({ entry, port, protocol }) =>
        `${titleOf(entry)} has protocol ${protocol} on port ${String(port)} and no addresses, so connections to this port of any unknown address go to it: set addresses, or dnsCapture in the module's defaultConfig`,
    );
}

function conflictOf({ one: { entry, port, protocol }, other }: Conflict): string {
  return `${titleOf(entry)} has protocol ${protocol} on port ${String(port)}, and so does ${titleOf(other.entry)}, and neither has addresses, so all connections to this port go to only one of them`;
}

function conflicts(mesh: Mesh, ports: readonly OpenPort[]): readonly Conflict[] {
  const known = new Map<number, OpenPort[]>();
  return ports.flatMap((one) => {
    const others = known.get(one.port) ?? [];
    known.set(one.port, [...others, one]);
    const other = others.find(
      (earlier) => !isSame(earlier.entry, one.entry) && !sharesHost(earlier, one) && meet(mesh, earlier, one),
    );
    return other ? [{ one, other }] : [];
  });
}

function openPorts(mesh: Mesh): readonly OpenPort[] {
  const ports = mesh
    .ofKind('ServiceEntry')
    .filter(({ spec }) => (textAt(spec, 'resolution') ?? 'NONE') !== 'NONE' && textsAt(spec, 'addresses').length === 0)
    .filter((entry) => seenIn(entry).length > 0)
    .flatMap((entry) =>
      listAt(entry.spec, 'ports').flatMap(({ number, protocol }) =>
        typeof number === 'number' && typeof protocol === 'string' && protocolFamily(protocol.toUpperCase()) === 'TCP'
          ? [{ entry, hosts: textsAt(entry.spec, 'hosts'), port: number, protocol }]
          : [],
      ),
    );
  if (ports.length === 0) return [];
  // Routes can match connections by their address.
  const routed = new Set(
    mesh
      .ofKind('VirtualService')
      .filter(({ spec }) => listAt(spec, 'tcp').length > 0)
      .flatMap(({ spec }) => textsAt(spec, 'hosts')),
  );
  return ports.filter(({ hosts }) => !hosts.some((host) => routed.has(host)));
}

function sharesHost(one: OpenPort, other: OpenPort): boolean {
  return one.hosts.some((host) => other.hosts.includes(host));
}

/** Whether sidecars of a namespace know both. */
function meet(mesh: Mesh, one: OpenPort, other: OpenPort): boolean {
  const ports = [one, other];
  const seen = ports.map(({ entry }) => seenIn(entry));
  const named = [...seen.flat(), ...ports.map(({ entry }) => entry.namespace), ...mesh.namespaces.keys()];
  const clients = [...new Set(named)]
    .filter((name) => name !== '*' && name !== '' && name !== mesh.rootNamespace)
    .filter((name) => mesh.namespaces.get(name)?.injected !== false)
    .filter((name) => seen.every((namespaces) => namespaces.includes('*') || namespaces.includes(name)));
  if (clients.length === 0) return seen.every((namespaces) => namespaces.includes('*')) && !namespaceSidecar(mesh, '*');
  return clients.some((name) => {
    const sidecar = namespaceSidecar(mesh, name);
    return ports.every(({ entry: { namespace }, hosts, port }) =>
      hosts.some((host) => knowsHost(sidecar, name, { name: host, namespace, port })),
    );
  });
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
