import { definedFields } from '../fields';
import { hostProblem } from '../host-name';
import { isSocket } from '../namespaces/sidecar-port';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { labelProblems, type Labels } from '../labels';
import { isIpAddress } from '../security/ip-block';

const UNIX = 'unix://';

/**
 * An endpoint of a ServiceEntry's hosts.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-entry/
 */
export interface ServiceEndpoint {
  /**
   * IP address of the endpoint. With DNS, it may also be a host name. With STATIC, it may also be a Unix domain socket
   * (`unix:///PATH`) if the entry has one port.
   *
   * @default - none; this needs `network`, and the endpoint is then behind the gateways of that network
   */
  readonly address?: string;

  /**
   * Ports of the endpoint, by the names of the entry's ports.
   *
   * @default - the ports of the entry
   */
  readonly ports?: Readonly<Record<string, number>>;

  /**
   * Labels of the endpoint, which subsets can select.
   *
   * @default - none
   */
  readonly labels?: Labels;

  /**
   * Region, zone and sub-zone of the endpoint, such as `eu-west/a`.
   *
   * @default - none
   */
  readonly locality?: string;

  /**
   * Share of the requests, in proportion to the weights of the other endpoints.
   *
   * @default - the same share for all endpoints
   */
  readonly weight?: number;

  /**
   * Network of the endpoint. Endpoints in other networks are reached through the gateways of those networks.
   *
   * @default - the network of the clients
   */
  readonly network?: string;

  /**
   * ServiceAccount of the endpoint, if it has a sidecar.
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
  /** No resolution: connections go to the address that the application chose. */
  static readonly NONE = new Resolution('NONE');

  /** The proxy resolves the host name in the client's request. The hosts of the entry must be wildcards. */
  static readonly DYNAMIC_DNS = new Resolution('DYNAMIC_DNS');

  /** The hosts have these endpoints. */
  static static(...endpoints: readonly ServiceEndpoint[]): Resolution {
    return new Resolution('STATIC', endpoints);
  }

  /** The endpoints are the pods and WorkloadEntries with these labels in the entry's namespace. */
  static workloads(labels: Labels): Resolution {
    return new Resolution('STATIC', [], labels);
  }

  /**
   * The endpoints are the WorkloadEntries with these labels in the entry's namespace. Their addresses may be host
   * names.
   */
  static dnsWorkloads(labels: Labels): Resolution {
    return new Resolution('DNS', [], labels);
  }

  /** The proxy resolves the endpoints, or the hosts if there are no endpoints, through DNS and uses all addresses. */
  static dns(...endpoints: readonly ServiceEndpoint[]): Resolution {
    return new Resolution('DNS', endpoints);
  }

  /**
   * The proxy resolves the endpoint, or the host if there is no endpoint, through DNS and uses the first address for
   * each new connection.
   */
  static dnsRoundRobin(endpoint?: ServiceEndpoint): Resolution {
    return new Resolution('DNS_ROUND_ROBIN', endpoint ? [endpoint] : []);
  }

  private constructor(
    readonly mode: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS',
    readonly endpoints: readonly ServiceEndpoint[] = [],
    readonly workload?: Labels,
  ) {}

  /** Whether the proxy resolves the hosts themselves through DNS. */
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
        ? ['resolution workloads {} has no labels: name at least one']
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
          : [`${at}.ports names '${name}', which is not a port of the entry: write one of '${ports.join("', '")}'`]),
        ...wholeNumberProblem(`${at}.ports.${name}`, port, 1, 65535),
      ]),
      ...labelProblems(`${at}.labels`, labels),
      ...wholeNumberProblem(`${at}.weight`, weight, 1),
    ];
  }

  private addressProblems(at: string, { address, network }: ServiceEndpoint): string[] {
    if (address === undefined)
      return network === undefined ? [`${at} has neither address nor network: set one of them`] : [];
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
    ...(Object.keys(own).length > 0 ? [`${at}.ports are not supported with a Unix domain socket: leave them out`] : []),
    ...(ports.length === 1
      ? []
      : [
          `${at}.address '${address}' is a Unix domain socket, but the entry has ${String(ports.length)} ports: write one`,
        ]),
  ];
}

/** The problems with an endpoint that is a separate object, one sentence each. */
export function entryProblems({ address, network, ports = {}, labels = {}, weight }: ServiceEndpoint): string[] {
  const socket = address?.startsWith(UNIX) ?? false;
  return [
    ...(address === undefined && network === undefined ? ['has neither address nor network: set one of them'] : []),
    ...(address === undefined || isIpAddress(address) || isHostName(address) || isSocketAddress(address)
      ? []
      : [`address '${address}' is not an IP address, host name or Unix domain socket: write one`]),
    ...(socket && Object.keys(ports).length > 0
      ? ['ports are not supported with a Unix domain socket: leave them out']
      : []),
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
