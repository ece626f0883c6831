import { definedFields } from '../fields';
import type { ListenerTls } from './listener-tls';
import type { NamespaceSelector } from '../installation/namespace-selector';
import { labelProblems, type Labels } from '../labels';
import { wholeNumberProblem } from '../number-range';
import { objectNameProblem } from '../object-name';
import { hostnameProblem } from './route-hostnames';

/** Allowed namespaces: only the Gateway's own, all, or those with labels that match the given labels or selector. */
export type NamespacesAllowed = 'Same' | 'All' | Labels | NamespaceSelector;

/** The routes that may have a listener as their parent. */
export interface AllowedRoutes {
  /**
   * Namespaces of the routes.
   *
   * @default 'Same'
   */
  readonly namespaces?: NamespacesAllowed;

  /**
   * Kinds of the routes.
   *
   * @default - the kinds that fit the listener's protocol
   */
  readonly kinds?: readonly ('HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute')[];
}

/** Properties that all listeners of a {@link KubernetesGateway} have in common. */
export interface ListenerBase {
  /** Name of the listener, unique in the Gateway. */
  readonly name: string;

  /** Port to which clients connect, 1 to 65535. */
  readonly port: number;

  /**
   * Routes that may have the listener as their parent.
   *
   * @default - routes in the Gateway's namespace
   */
  readonly allowedRoutes?: AllowedRoutes;
}

/** Properties of listeners that distinguish hosts. */
export interface HostListenerBase extends ListenerBase {
  /**
   * The host that clients request: a domain name in lower case, optionally with the prefix `*.`.
   *
   * @default - any
   */
  readonly hostname?: string;
}

/** A listener without TLS, for {@link HTTPRoute} and {@link GRPCRoute}. */
export interface HttpListener extends HostListenerBase {
  /** The protocol of the clients. */
  readonly protocol: 'HTTP';

  readonly tls?: never;
}

/**
 * A listener with TLS: HTTPS, which it terminates, or TLS, which it terminates or passes through to a {@link TLSRoute}.
 */
export interface TlsListener extends HostListenerBase {
  /** The protocol of the clients. */
  readonly protocol: 'HTTPS' | 'TLS';

  /** TLS settings of the listener. */
  readonly tls: ListenerTls;
}

/** A listener for connections of any kind. */
export interface TcpListener extends ListenerBase {
  /** The protocol of the clients. */
  readonly protocol: 'TCP';

  readonly hostname?: never;
  readonly tls?: never;
}

/**
 * A port of a {@link KubernetesGateway}, with the protocol and host that it accepts.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#listener
 */
export type Listener = HttpListener | TlsListener | TcpListener;

const PROTOCOLS: readonly string[] = ['HTTP', 'HTTPS', 'TLS', 'TCP'];
const MAX_LISTENERS = 64;

/** A listener as an entry of the `listeners` of a Gateway in a namespace. */
export function renderListener(listener: Listener, gatewayNamespace: string): Readonly<Record<string, unknown>> {
  const { name, port, protocol, hostname, tls, allowedRoutes } = listener;
  return definedFields({
    name,
    port,
    protocol,
    hostname,
    tls: tls?.render(gatewayNamespace),
    allowedRoutes: allowedRoutes && renderAllowedRoutes(allowedRoutes),
  });
}

/** The problems with a Gateway's listeners, one sentence each. */
export function listenerProblems(listeners: readonly Listener[]): string[] {
  return [
    ...(listeners.length === 0 || listeners.length > MAX_LISTENERS
      ? [`listeners has ${String(listeners.length)} entries: write 1 to ${String(MAX_LISTENERS)}`]
      : []),
    ...listeners.flatMap((listener, index) => {
      const at = `listeners[${String(index)}]`;
      const { name, port, hostname, tls, allowedRoutes = {} } = listener;
      const { namespaces } = allowedRoutes;
      return [
        ...(objectNameProblem(name).length === 0
          ? []
          : [`${at}.name '${name}' is not a valid name: write lower-case letters, digits, hyphens and dots`]),
        ...wholeNumberProblem(`${at}.port`, port, 1, 65535),
        ...protocolProblems(at, listener),
        ...(hostname === undefined ? [] : hostnameProblem(`${at}.hostname`, hostname)),
        ...(tls?.problems(`${at}.tls`) ?? []),
        ...namespaceProblems(`${at}.allowedRoutes.namespaces`, namespaces),
        ...listeners
          .slice(0, index)
          .flatMap((other, number) => clash(at, listener, `listeners[${String(number)}]`, other)),
      ];
    }),
  ];
}

function renderAllowedRoutes({ namespaces, kinds }: AllowedRoutes): Readonly<Record<string, unknown>> {
  return definedFields({
    namespaces: namespaces && renderNamespaces(namespaces),
    kinds: kinds?.map((kind) => ({ kind })),
  });
}

/** Allowed namespaces in the format of the Gateway API. */
export function renderNamespaces(namespaces: NamespacesAllowed): Readonly<Record<string, unknown>> {
  return typeof namespaces === 'object' ? { from: 'Selector', selector: selectorOf(namespaces) } : { from: namespaces };
}

/** Converts labels to a selector, and returns a selector unchanged. Only the values of labels are strings. */
function selectorOf(namespaces: Labels | NamespaceSelector): NamespaceSelector {
  const isLabels = (given: Labels | NamespaceSelector): given is Labels =>
    Object.values(given).every((value) => typeof value === 'string');
  return isLabels(namespaces) ? { matchLabels: namespaces } : namespaces;
}

/** The problems with allowed namespaces, one sentence each. */
export function namespaceProblems(at: string, namespaces: NamespacesAllowed | undefined): string[] {
  if (typeof namespaces !== 'object') return [];
  const { matchLabels = {}, matchExpressions = [] } = selectorOf(namespaces);
  return [
    ...labelProblems(at, matchLabels),
    ...matchExpressions.flatMap(({ key, values }) =>
      (values ?? ['']).flatMap((value) => labelProblems(at, { [key]: value })),
    ),
  ];
}

/** Likely mistakes in a Gateway's listeners, one sentence each. */
export function listenerWarnings(listeners: readonly Listener[]): string[] {
  return listeners.flatMap(({ allowedRoutes: { namespaces } = {} }, index) =>
    namespaceWarnings(`listeners[${String(index)}].allowedRoutes.namespaces`, namespaces),
  );
}

/** Likely mistakes in allowed namespaces, one sentence each. */
export function namespaceWarnings(at: string, namespaces: NamespacesAllowed | undefined): string[] {
  if (typeof namespaces !== 'object') return [];
  const { matchLabels = {}, matchExpressions = [] } = selectorOf(namespaces);
  return Object.keys(matchLabels).length + matchExpressions.length === 0
    ? [`${at} has no labels and allows all namespaces: name a label, or write 'All'`]
    : [];
}

/** A listener as plain JavaScript may write it. */
interface UncheckedListener {
  readonly protocol: string;
  readonly tls?: ListenerTls;
  readonly hostname?: string;
}

// Types already prevent this. The check is for programs in plain JavaScript.
function protocolProblems(at: string, { protocol, tls, hostname }: UncheckedListener): string[] {
  const problems: string[] = [];
  const encrypted = protocol === 'HTTPS' || protocol === 'TLS';
  if (!PROTOCOLS.includes(protocol)) {
    problems.push(`${at}.protocol '${protocol}' is not supported by Istio: write one of ${PROTOCOLS.join(', ')}`);
  }
  if (encrypted && tls === undefined) {
    problems.push(`${at} has protocol ${protocol}, but no tls: set it, such as ListenerTls.simple({ certificate: … })`);
  }
  if (!encrypted && tls !== undefined) {
    problems.push(`${at} has protocol ${protocol}, but also tls: write protocol 'HTTPS' or 'TLS', or leave out tls`);
  }
  if (protocol === 'HTTPS' && tls?.ends === false) {
    problems.push(
      `${at} has protocol HTTPS, which it must terminate: write protocol 'TLS' for ListenerTls.PASSTHROUGH`,
    );
  }
  if (protocol === 'TCP' && hostname !== undefined) {
    problems.push(`${at} has protocol TCP, which contains no host: leave out hostname '${hostname}'`);
  }
  return problems;
}

/** The conflict of a listener with an earlier one, if any. */
function clash(at: string, listener: Listener, earlier: string, other: Listener): string[] {
  const { name, port, protocol, hostname } = listener;
  if (name === other.name) return [`${at}.name '${name}' is already the name of ${earlier}: write another`];
  if (port !== other.port) return [];
  const kinds = [protocol, other.protocol].map((one) => (one === 'HTTPS' ? 'TLS' : one));
  if (kinds[0] !== kinds[1]) {
    return [
      `${at} has protocol ${protocol} on port ${String(port)}, on which ${earlier} has ${other.protocol}: write another port`,
    ];
  }
  return hostname === other.hostname
    ? [
        `${at} accepts ${hostname === undefined ? 'any host' : `'${hostname}'`} on port ${String(port)}, and so does ${earlier}: write another hostname or port`,
      ]
    : [];
}
