import { definedFields } from '../fields';
import { hostProblem } from '../host-name';
import { isSocket } from '../namespaces/sidecar-port';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { labelProblems, type Labels } from '../labels';
import { isIpAddress } from '../security/ip-block';

const UNIX = 'unix://';

/**
 * Where a host of a ServiceEntry is.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-entry/
 */
export interface ServiceEndpoint {
  /**
   * Its IP address; with DNS, a host name is possible too; with STATIC, a Unix domain socket too (`unix:///PATH`), for an
   * entry of one port.
   *
   * @default - none, which needs `network`: the endpoint is behind the gateways of that network
   */
  readonly address?: string;

  /**
   * Its ports, by the names of the entry's ports.
   *
   * @default - those of the entry
   */
  readonly ports?: Readonly<Record<string, number>>;

  /**
   * Its labels, which subsets may select.
   *
   * @default - none
   */
  readonly labels?: Labels;

  /**
   * Its region, zone and sub-zone, such as `eu-west/a`.
   *
   * @default - none
   */
  readonly locality?: string;

  /**
   * Its share of the requests, in proportion to the others.
   *
   * @default - the same for all
   */
  readonly weight?: number;

  /**
   * The network that it is in; endpoints of other networks are reached through their gateways.
   *
   * @default - that of the clients
   */
  readonly network?: string;

  /**
   * The ServiceAccount that it runs as, if it has a sidecar.
   *
   * @default - none
   */
  readonly serviceAccount?: string;
}

/**
 * How proxies find the addresses of a ServiceEntry's hosts.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution
 */
export class Resolution {
  /** Not at all: connections go on to the address that the application chose. */
  static readonly NONE = new Resolution('NONE');

  /** The proxy resolves the name from the client's request; the hosts are wildcards. */
  static readonly DYNAMIC_DNS = new Resolution('DYNAMIC_DNS');

  /** They are at these addresses. */
  static static(...endpoints: readonly ServiceEndpoint[]): Resolution {
    return new Resolution('STATIC', endpoints);
  }

  /** They are the pods and WorkloadEntries of the entry's namespace with these labels. */
  static workloads(labels: Labels): Resolution {
    return new Resolution('STATIC', [], labels);
  }

  /** They are the WorkloadEntries of the entry's namespace with these labels, whose addresses may be host names. */
  static dnsWorkloads(labels: Labels): Resolution {
    return new Resolution('DNS', [], labels);
  }

  /** The proxy asks DNS for the hosts, or for the endpoints if there are any, and uses all addresses. */
  static dns(...endpoints: readonly ServiceEndpoint[]): Resolution {
    return new Resolution('DNS', endpoints);
  }

  /** The proxy asks DNS for the host, or for the endpoint, and uses the first address for each new connection. */
  static dnsRoundRobin(endpoint?: ServiceEndpoint): Resolution {
    return new Resolution('DNS_ROUND_ROBIN', endpoint ? [endpoint] : []);
  }

  private constructor(
    readonly mode: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS',
    readonly endpoints: readonly ServiceEndpoint[] = [],
    readonly workload?: Labels,
  ) {}

  /** Whether the proxy asks DNS for the hosts themselves. */
  get asksForHosts(): boolean {
    return this.mode.startsWith('DNS') && this.endpoints.length === 0 && !this.workload;
  }

  /** The resolution as fields of a ServiceEntry. */
  render(): Readonly<Record<string, unknown>> {
    return definedFields({
      resolution: this.mode,
      endpoints: this.endpoints.length > 0 ? this.endpoints.map((endpoint) => ({ ...endpoint })) : undefined,
      workloadSelector: this.workload && { labels: this.workload },
    });
  }

  /** The problems with the resolution, one sentence each; `ports` are the names of the entry's ports. */
  problems(ports: readonly string[]): string[] {
    return [
      ...(this.workload && Object.keys(this.workload).length === 0
        ? ['resolution workloads {} selects by no label: name at least one']
        : labelProblems('resolution workloads', this.workload ?? {})),
      ...this.endpoints.flatMap((endpoint, index) =>
        this.endpointProblems(`endpoints[${String(index)}]`, endpoint, ports),
      ),
    ];
  }

  private endpointProblems(at: string, endpoint: ServiceEndpoint, ports: readonly string[]): string[] {
    const { address, labels = {}, weight } = endpoint;
    if (this.mode === 'STATIC' && address?.startsWith(UNIX))
      return [...socketProblems(at, address, endpoint, ports), ...labelProblems(`${at}.labels`, labels)];
    return [
      ...this.addressProblems(at, endpoint),
      ...Object.entries(endpoint.ports ?? {}).flatMap(([name, port]) => [
        ...(ports.includes(name)
          ? []
          : [`${at}.ports names '${name}', which is none of the entry's ports: write one of '${ports.join("', '")}'`]),
        ...wholeNumberProblem(`${at}.ports.${name}`, port, 1, 65535),
      ]),
      ...labelProblems(`${at}.labels`, labels),
      ...wholeNumberProblem(`${at}.weight`, weight, 1),
    ];
  }

  private addressProblems(at: string, { address, network }: ServiceEndpoint): string[] {
    if (address === undefined) return network === undefined ? [`${at} has neither address nor network: set one`] : [];
    if (isIpAddress(address) || (this.mode !== 'STATIC' && isHostName(address))) return [];
    const remedy = this.mode === 'STATIC' ? ': write one, or use Resolution.dns(…)' : ' or host name: write one';
    return [`${at}.address '${address}' is not an IP address${remedy}`];
  }
}

function isHostName(address: string): boolean {
  return !address.includes('*') && hostProblem('', address).length === 0;
}

function socketProblems(
  at: string,
  address: string,
  { ports: own = {} }: ServiceEndpoint,
  ports: readonly string[],
): string[] {
  return [
    ...(isSocket(address.slice(UNIX.length))
      ? []
      : [`${at}.address '${address}' is not a Unix domain socket: write unix:///PATH`]),
    ...(Object.keys(own).length > 0 ? [`${at}.ports are not for a Unix domain socket: leave them out`] : []),
    ...(ports.length === 1
      ? []
      : [
          `${at}.address '${address}' is a Unix domain socket, for which the entry has ${String(ports.length)} ports: write one`,
        ]),
  ];
}

/** The problems of an endpoint that is a separate object, one sentence each. */
export function entryProblems({ address, network, ports = {}, labels = {}, weight }: ServiceEndpoint): string[] {
  const socket = address?.startsWith(UNIX) ?? false;
  return [
    ...(address === undefined && network === undefined ? ['has neither address nor network: set one'] : []),
    ...(address === undefined || isIpAddress(address) || isHostName(address) || isSocketAddress(address)
      ? []
      : [`address '${address}' is not an IP address, host name or Unix domain socket: write one`]),
    ...(socket && Object.keys(ports).length > 0 ? ['ports are not for a Unix domain socket: leave them out'] : []),
    ...Object.entries(ports).flatMap(([name, port]) => [
      ...labelNameProblem('ports', name),
      ...wholeNumberProblem(`ports.${name}`, port, 1, 65535),
    ]),
    ...labelProblems('labels', labels),
    ...wholeNumberProblem('weight', weight, 1),
  ];
}

function isSocketAddress(address: string): boolean {
  return address.startsWith(UNIX) && isSocket(address.slice(UNIX.length));
}
