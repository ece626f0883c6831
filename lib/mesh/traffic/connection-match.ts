import { definedFields } from '../fields';
import { gatewayName, type GatewayReference } from './gateway-name';
import { coversHost } from '../host-matching';
import { ipBlockProblem } from '../security/ip-block';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { labelProblems } from '../labels';

/**
 * Conditions that select the connections of a TCP route. A connection matches if it satisfies all of them.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#L4MatchAttributes
 */
export interface TcpMatch {
  /**
   * Destination addresses of the connection, as IP addresses or CIDR blocks. Any of them matches.
   *
   * @default - any
   */
  readonly destinationSubnets?: readonly string[];

  /**
   * Destination port of the connection, 1 to 65535.
   *
   * @default - any
   */
  readonly port?: number;

  /**
   * Labels of the client's pod. They do not apply at gateways.
   *
   * @default - any
   */
  readonly sourceLabels?: Readonly<Record<string, string>>;

  /**
   * The namespace of the client's pod, as the construct or by name.
   *
   * @default - any
   */
  readonly sourceNamespace?: NamespaceReference;

  /**
   * The gateways that the connection came through, as the constructs or as `name` or `namespace/name`; `mesh` stands
   * for the sidecars of clients. The policy's prop `gateways` must contain each of them.
   *
   * @default - any gateway of the policy
   */
  readonly gateways?: readonly GatewayReference[];
}

/**
 * Conditions that select the connections of a TLS route. A connection matches if it satisfies all of them.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSMatchAttributes
 */
export interface TlsMatch extends TcpMatch {
  /**
   * The server names that clients send in the TLS handshake (SNI). Any of them matches. They may be wildcards such as
   * `*.example.com`, within the policy's hosts.
   */
  readonly sniHosts: readonly string[];
}

type ConnectionMatch = TcpMatch & Partial<TlsMatch>;

/** The match as an entry of a VirtualService's `tcp[].match` or `tls[].match`. */
export function renderConnectionMatch(match: ConnectionMatch): Readonly<Record<string, unknown>> {
  const { sniHosts, destinationSubnets, port, sourceLabels, sourceNamespace, gateways } = match;
  return definedFields({
    sniHosts,
    destinationSubnets,
    port,
    sourceLabels,
    sourceNamespace: sourceNamespace === undefined ? undefined : namespaceName(sourceNamespace),
    gateways: gateways?.map((gateway) => gatewayName(gateway)),
  });
}

/** Whether every connection that satisfies `narrow` certainly also satisfies `wide`. */
export function coversConnection(wide: ConnectionMatch, narrow: ConnectionMatch): boolean {
  const one = renderConnectionMatch(wide);
  const other = renderConnectionMatch(narrow);
  return (
    (wide.sniHosts === undefined ||
      (narrow.sniHosts?.every((host) => wide.sniHosts?.some((other) => coversHost(other, host))) ?? false)) &&
    within(other.destinationSubnets, one.destinationSubnets) &&
    within(other.gateways, one.gateways) &&
    (one.port === undefined || one.port === other.port) &&
    (one.sourceNamespace === undefined || one.sourceNamespace === other.sourceNamespace) &&
    Object.entries(wide.sourceLabels ?? {}).every(([key, value]) => narrow.sourceLabels?.[key] === value)
  );
}

/** The problems with a single match, as phrases that follow the path of its parent. */
export function connectionMatchProblems(match: ConnectionMatch): string[] {
  const { sniHosts, destinationSubnets, port, sourceLabels, sourceNamespace, gateways } = match;
  const lists = { sniHosts, destinationSubnets, gateways, sourceLabels: sourceLabels && Object.keys(sourceLabels) };
  return [
    ...Object.entries(lists)
      .filter(([, values]) => values?.length === 0)
      .map(
        ([prop]) => `${prop} is empty: name at least one${prop === 'sniHosts' ? '' : ', or leave it out to match any'}`,
      ),
    ...(destinationSubnets ?? []).flatMap((subnet) => ipBlockProblem('destinationSubnets:', subnet)),
    ...wholeNumberProblem('port', port, 1, 65535),
    ...(sourceLabels ? labelProblems('sourceLabels', sourceLabels) : []),
    ...(sourceNamespace === undefined ? [] : labelNameProblem('source namespace', namespaceName(sourceNamespace))),
  ];
}

function within(narrow: unknown, wide: unknown): boolean {
  return !Array.isArray(wide) || (Array.isArray(narrow) && narrow.every((value) => wide.includes(value)));
}
