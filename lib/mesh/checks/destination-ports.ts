import { hostOf } from './destination-rules';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { gatewaysOf } from './route-gateways';
import { destinationsOf, routeEntries } from './routed-destinations';
import { missingPort, portsOf, serviceOf, servicesOf, serviceTitle } from './routed-services';
import { serviceEntriesFor } from './service-entries';
import { fieldsAt, listAt, textsAt } from './spec-fields';
import { fullGatewayName } from '../traffic/gateway-name';

/** The ports of a host, as the app defines them. */
interface HostPorts {
  readonly ports: readonly number[];

  /** Whether one of the objects that define the host has only one port, which Istio then uses by default. */
  readonly hasDefault: boolean;

  /** The objects that define the host, with its ports, for messages. */
  readonly owner: string;
}

type KnownPorts = (host: string) => HostPorts | undefined;

/**
 * Destinations of VirtualServices with a port that the Service or ServiceEntry in the app does not have; and
 * destinations without a port behind a gateway, if the host has none of the ports of the gateway. For such a
 * destination, the gateway uses its own port.
 */
export function destinationPortProblems(mesh: Mesh): string[] {
  const known = knownPorts(mesh);
  if (!known) return [];
  const found = mesh.ofKind('VirtualService').flatMap((route) => {
    const gateways = gatewaysOf(mesh, route).flatMap(({ gateway }) => gateway ?? []);
    return [
      ...missingPortProblems(route, known),
      ...gateways.flatMap((gateway) => portlessProblems(route, gateway, known)),
    ];
  });
  return [...new Set(found)];
}

/** Settings of DestinationRules for a port that the Service or ServiceEntry in the app does not have. */
export function portSettingWarnings(mesh: Mesh): string[] {
  const known = knownPorts(mesh);
  if (!known) return [];
  const found = mesh.ofKind('DestinationRule').flatMap((rule) => {
    const settings = [rule.spec, ...listAt(rule.spec, 'subsets')]
      .map((holder) => fieldsAt(holder, 'trafficPolicy'))
      .flatMap((policy) => listAt(policy, 'portLevelSettings'));
    const host = settings.length > 0 ? known(hostOf(rule)) : undefined;
    return settings.flatMap((one) => {
      const port = numberOf(fieldsAt(one, 'port'));
      return host && port !== undefined && !host.ports.includes(port)
        ? [missingPort(`${titleOf(rule)} has settings for`, port, host.owner)]
        : [];
    });
  });
  return [...new Set(found)];
}

function missingPortProblems(route: MeshObject, known: KnownPorts): string[] {
  return destinationsOf(route).flatMap((destination) => {
    const { port } = destination;
    const host = port === undefined ? undefined : known(destination.host);
    return host && port !== undefined && !host.ports.includes(port)
      ? [missingPort(`${titleOf(route)} goes to`, port, host.owner)]
      : [];
  });
}

function portlessProblems(route: MeshObject, gateway: MeshObject, known: KnownPorts): string[] {
  const listed = listAt(gateway.spec, 'servers').flatMap((server) => numberOf(fieldsAt(server, 'port')) ?? []);
  const open = [...new Set(listed)];
  return routeEntries(route)
    .flat()
    .flatMap(({ matches, destinations }) => {
      const own = matches.filter((match) => appliesAt(match, route, gateway));
      const ports = open.filter((port) => own.some((match) => match.port === undefined || match.port === port));
      if (ports.length === 0) return [];
      return destinations.flatMap((destination) => {
        const host = destination.port === undefined ? known(destination.host) : undefined;
        if (!host || host.hasDefault || host.ports.some((one) => ports.includes(one))) return [];
        return [
          `${titleOf(route)} names no port of ${host.owner}, so ${titleOf(gateway)} uses its own port (${ports.join(', ')}), which the host does not have: write the port of the destination`,
        ];
      });
    });
}

function appliesAt(match: MeshObject['spec'], route: MeshObject, gateway: MeshObject): boolean {
  const named = textsAt(match, 'gateways').map((one) => fullGatewayName(one, route.namespace));
  return named.length === 0 || named.includes(fullName(gateway));
}

const fullName = ({ namespace, name }: MeshObject): string => `${namespace}/${name}`;

/** The ports of the hosts that the app defines; undefined if it defines none. */
const knownPorts = perMesh((mesh): KnownPorts | undefined => {
  if (servicesOf(mesh).size === 0 && mesh.ofKind('ServiceEntry').length === 0) return undefined;
  const read = (host: string): HostPorts | undefined => {
    const service = serviceOf(mesh, host);
    const owners = [
      ...(service ? [{ title: serviceTitle(service), own: portsOf(service) }] : []),
      ...serviceEntriesFor(mesh, host).map((entry) => ({ title: titleOf(entry), own: entryPorts(entry) })),
    ];
    if (owners.length === 0 || owners.some(({ own }) => own.length === 0)) return undefined;
    const ports = [...new Set(owners.flatMap(({ own }) => own))];
    const titles = owners.map(({ title }) => title).join(' and ');
    const hasDefault = owners.some(({ own }) => own.length === 1);
    return { ports, hasDefault, owner: `${titles}, which ${owners.length > 1 ? 'have' : 'has'} ${ports.join(', ')}` };
  };
  const found = new Map<string, HostPorts | undefined>();
  return (host) => {
    if (!found.has(host)) found.set(host, read(host));
    return found.get(host);
  };
});

function entryPorts({ spec }: MeshObject): readonly number[] {
  return listAt(spec, 'ports').flatMap((port) => numberOf(port) ?? []);
}

function numberOf({ number }: MeshObject['spec']): number | undefined {
  return typeof number === 'number' ? number : undefined;
}
