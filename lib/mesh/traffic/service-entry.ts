import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { exportToProblems, renderExportTo } from './export-to';
import { definedFields } from '../fields';
import { hostProblem } from '../host-name';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { listLimitProblem } from '../size-limit';
import type { Resolution } from './resolution';
import { ipBlockProblem, isIpAddress } from '../security/ip-block';
import { namesHost, portName, portProblems, renderPorts, spoken, type ServiceEntryPort } from './service-entry-ports';
import { warn } from '../warnings';

/** Whether the hosts of a ServiceEntry are part of the mesh. */
export enum ServiceLocation {
  /** Outside the mesh, without mutual TLS of the mesh. */
  MESH_EXTERNAL = 'MESH_EXTERNAL',

  /** Part of the mesh, such as virtual machines with a sidecar. */
  MESH_INTERNAL = 'MESH_INTERNAL',
}

/** Properties of {@link ServiceEntry}. */
export interface ServiceEntryProps {
  /** The namespace of the ServiceEntry, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /** The hosts that clients request: domain names, or wildcards such as `*.example.com`, 1 to 256. */
  readonly hosts: readonly string[];

  /**
   * The ports of the hosts, at most 256.
   *
   * @default - none; only traffic to `addresses` is matched
   */
  readonly ports?: readonly ServiceEntryPort[];

  /** How proxies find the addresses of the hosts. */
  readonly resolution: Resolution;

  /**
   * Whether the hosts are part of the mesh.
   *
   * @default ServiceLocation.MESH_EXTERNAL
   */
  readonly location?: ServiceLocation;

  /**
   * Virtual IP addresses of the hosts, at most 256. With NONE and STATIC, CIDR blocks are also possible. Without
   * addresses, a TCP port matches connections to any unknown address, so several entries with the same TCP port need
   * addresses or DNS capture ({@link ProxyConfig.dnsCapture}).
   *
   * @default - none; if DNS capture is enabled, Istio assigns an address to each host
   */
  readonly addresses?: readonly string[];

  /**
   * Subject alternative names of the servers. The certificate of a server must contain one of them.
   *
   * @default - any
   */
  readonly subjectAltNames?: readonly string[];

  /**
   * The namespaces to which the hosts are exported, as constructs or by name; `'.'` is the entry's own namespace. `'*'`
   * (all) or `'~'` (none) must be the only item.
   *
   * @default - the setting of the mesh, which is all namespaces unless it is changed
   */
  readonly exportTo?: readonly NamespaceReference[];

  /**
   * `metadata.name` of the ServiceEntry.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

// The limits in Istio's CustomResourceDefinition.
const MAX_LENGTH = 256;
const MAX_ENDPOINTS = 4096;

const DYNAMIC_PROTOCOLS: readonly string[] = ['HTTP', 'HTTP2', 'GRPC', 'TLS'];

/**
 * Adds hosts without a Service, such as an API on the internet, to the service registry of the mesh. Policies can then
 * apply to them, and even proxies that allow only registered hosts forward requests to them.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
export class ServiceEntry extends MeshConstruct {
  readonly hosts: readonly string[];

  readonly ports: readonly ServiceEntryPort[];

  /** The raw ServiceEntry. */
  readonly serviceEntryObject: ApiObject;

  /**
   * @throws Error that lists all problems: hosts or addresses that the resolution does not support, duplicate ports,
   * several hosts on a port whose protocol does not distinguish them, values out of range
   */
  constructor(scope: Construct, id: string, props: ServiceEntryProps) {
    super(scope, id);
    this.hosts = props.hosts;
    this.ports = props.ports ?? [];
    const { addresses, subjectAltNames, resolution, exportTo } = props;
    const metadata = { name: props.name ?? id, namespace: namespaceName(props.namespace) };
    throwProblems(this, [
      ...objectNameProblem(metadata.name),
      ...labelNameProblem('namespace', metadata.namespace),
      ...lengthProblems(props),
      ...hostProblems(props),
      ...portProblems(this.ports),
      ...addressProblems(props),
      ...resolution.problems(this.ports.map(portName)),
      ...protocolProblems(props),
      ...(subjectAltNames?.length === 0
        ? ['subjectAltNames is empty: name at least one, or leave it out to match any']
        : []),
      ...exportToProblems(exportTo, metadata.namespace, { nobody: true }),
    ]);
    this.serviceEntryObject = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata,
      spec: {
        hosts: this.hosts,
        ...definedFields({ addresses }),
        ...definedFields({ ports: this.ports.length > 0 ? renderPorts(this.ports) : undefined }),
        location: props.location ?? ServiceLocation.MESH_EXTERNAL,
        ...resolution.render(),
        ...renderExportTo(exportTo),
        ...definedFields({ subjectAltNames }),
      },
    });
    warn(this, ...openPortWarnings(props), ...nowhereWarnings(resolution));
    MeshOrder.of(this).addObjects(this);
  }
}

function lengthProblems({ hosts, ports, addresses, resolution }: ServiceEntryProps): string[] {
  return [
    ...Object.entries({ hosts, ports, addresses }).flatMap(([prop, list]) =>
      listLimitProblem(prop, list, MAX_LENGTH, ', and put the others into another ServiceEntry'),
    ),
    ...listLimitProblem('endpoints', resolution.endpoints, MAX_ENDPOINTS),
  ];
}

function hostProblems({ hosts, resolution }: ServiceEntryProps): string[] {
  const wildcards = hosts.filter((host) => host.startsWith('*') && host !== '*');
  return [
    ...(hosts.length === 0 ? ["hosts is empty: name at least one, such as 'api.example.com'"] : []),
    ...hosts.flatMap((host) =>
      host === '*' ? ["hosts: '*' matches every host: write '*.example.com', or a host"] : hostProblem('hosts:', host),
    ),
    ...[...new Set(hosts.filter((host, index) => hosts.indexOf(host) < index))].map(
      (host) => `hosts has '${host}' twice: remove the duplicate`,
    ),
    ...(resolution.asksForHosts ? wildcards : []).map(
      (host) =>
        `hosts: '${host}' is a wildcard, which DNS cannot resolve: use Resolution.DYNAMIC_DNS or NONE, or name endpoints`,
    ),
    ...(resolution.mode === 'DYNAMIC_DNS' ? hosts.filter((host) => !host.startsWith('*')) : []).map(
      (host) => `hosts: '${host}' is not a wildcard, which resolution DYNAMIC_DNS requires: use Resolution.dns()`,
    ),
  ];
}

function addressProblems({ addresses, resolution }: ServiceEntryProps): string[] {
  if (!addresses) return [];
  const { mode } = resolution;
  if (mode === 'DYNAMIC_DNS') {
    return [`addresses are not supported with resolution ${mode}, which uses host names: leave them out`];
  }
  return [
    ...(addresses.length === 0 ? ['addresses is empty: name at least one, or leave it out'] : []),
    ...addresses.flatMap((address) =>
      mode === 'NONE' || mode === 'STATIC'
        ? ipBlockProblem('addresses:', address)
        : singleAddressProblem(mode, address),
    ),
  ];
}

function singleAddressProblem(mode: string, address: string): string[] {
  if (isIpAddress(address)) return [];
  return address.includes('/')
    ? [`addresses: '${address}' is a CIDR block, which resolution ${mode} does not support: write IP addresses`]
    : [`addresses: '${address}' is not an IP address: write one such as '203.0.113.4'`];
}

function protocolProblems({ hosts, ports = [], resolution }: ServiceEntryProps): string[] {
  const nameless = ports.filter((port) => !namesHost(port));
  const { mode } = resolution;
  if (mode === 'DYNAMIC_DNS') {
    return ports
      .filter(({ protocol = '' }) => !DYNAMIC_PROTOCOLS.includes(protocol))
      .map(
        (port) =>
          `port ${portName(port)} ${spoken(port)}, which resolution DYNAMIC_DNS does not support: write one of ${DYNAMIC_PROTOCOLS.join(', ')}`,
      );
  }
  if (mode === 'NONE' || hosts.length < 2) return [];
  return nameless.map(
    (port) =>
      `port ${portName(port)} ${spoken(port)}, so requests may contain no host, and then ${String(hosts.length)} hosts cannot be distinguished: write a ServiceEntry for each, with addresses`,
  );
}

function nowhereWarnings({ mode, endpoints, workload }: Resolution): string[] {
  return mode === 'STATIC' && endpoints.length === 0 && !workload
    ? ['resolution STATIC has no endpoints, so requests fail: name at least one']
    : [];
}

/** Warnings about ports that match traffic to any address. */
function openPortWarnings({ ports = [], resolution, addresses }: ServiceEntryProps): string[] {
  if (resolution.mode !== 'NONE' || addresses) return [];
  return ports
    .filter((port) => !namesHost(port))
    .map(
      (port) =>
        `port ${portName(port)} ${spoken(port)}, so requests may contain no host, and then, with resolution NONE and without addresses, they can go to any address: set addresses`,
    );
}
