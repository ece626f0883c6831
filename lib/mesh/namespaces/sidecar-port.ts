import { definedFields } from '../fields';
import { labelNameProblem } from '../object-name';
import { wholeNumberProblem } from '../number-range';
import { isIpAddress } from '../security/ip-block';

/** A port of a sidecar. */
export interface SidecarPort {
  /** Number of the port, 1 to 65535. */
  readonly number: number;

  /**
   * Protocol of the port.
   *
   * @default - proxies detect the protocol
   */
  readonly protocol?: SidecarProtocol;

  /**
   * Name of the port.
   *
   * @default - none
   */
  readonly name?: string;
}

/** A protocol of a port. */
export type SidecarProtocol =
  'HTTP' | 'HTTPS' | 'GRPC' | 'GRPC-WEB' | 'HTTP2' | 'HTTP_PROXY' | 'MONGO' | 'MYSQL' | 'REDIS' | 'TCP' | 'TLS';

/**
 * How traffic reaches a listener: through redirection (`IPTABLES`), only at its address (`NONE`), or as the mesh is
 * configured (`DEFAULT`).
 */
export type CaptureMode = 'DEFAULT' | 'IPTABLES' | 'NONE';

/** A listener of a sidecar, on a separate port. */
export interface SidecarListener {
  readonly port: SidecarPort;

  /**
   * IP address on which the sidecar listens.
   *
   * @default - derived from the Services or pods
   */
  readonly bind?: string;

  /**
   * How traffic reaches the listener.
   *
   * @default 'DEFAULT'
   */
  readonly captureMode?: CaptureMode;
}

const PROTOCOLS: readonly string[] = [
  'HTTP',
  'HTTPS',
  'GRPC',
  'GRPC-WEB',
  'HTTP2',
  'HTTP_PROXY',
  'MONGO',
  'MYSQL',
  'REDIS',
  'TCP',
  'TLS',
];
const UNIX = 'unix://';

/** A listener of a sidecar on a Unix domain socket. */
export interface SocketListener {
  /** The socket: `unix:///PATH`, or `unix://@NAME` for an abstract one. */
  readonly bind: `unix://${string}`;

  readonly port: Pick<SidecarPort, 'protocol' | 'name'> & { readonly number?: never };

  /**
   * How traffic reaches the listener. A socket has no redirection, so both values mean: only at its address.
   *
   * @default 'DEFAULT'
   */
  readonly captureMode?: 'DEFAULT' | 'NONE';
}

/** The fields that both kinds of listeners have. */
export function renderListener({ port, bind, captureMode }: SidecarListener | SocketListener): Record<string, unknown> {
  const { number = 0, protocol, name } = port;
  return definedFields({ port: definedFields({ number, protocol, name }), bind, captureMode });
}

/** The problems with listeners of both kinds, one sentence each. */
export function listenerProblems(what: string, listeners: readonly (SidecarListener | SocketListener)[]): string[] {
  const places = listeners.map(({ port, bind }) => port.number ?? bind);
  return listeners.flatMap(({ port, bind, captureMode }, index) => {
    const at = `${what}[${String(index)}]`;
    const { number, protocol, name } = port;
    return [
      ...(number === undefined
        ? socketProblem(`${at}.bind`, bind)
        : [
            ...wholeNumberProblem(`${at}.port.number`, number, 1, 65535),
            ...(bind === undefined ? [] : bindProblem(`${at}.bind`, bind)),
          ]),
      ...(number === undefined && captureMode === ('IPTABLES' as CaptureMode)
        ? [`${at}.captureMode IPTABLES is not supported for a socket: leave it out`]
        : []),
      ...(protocol === undefined || PROTOCOLS.includes(protocol)
        ? []
        : [`${at}.port.protocol '${protocol as string}' is not a protocol: write one of ${PROTOCOLS.join(', ')}`]),
      ...(name === undefined ? [] : labelNameProblem(`${at}.port.name`, name)),
      ...(places.indexOf(places[index]) < index
        ? [
            `${what} has ${number === undefined ? `socket '${bind ?? ''}'` : `port ${String(number)}`} twice: put both into one listener, or give one of them another ${number === undefined ? 'socket' : 'port'}`,
          ]
        : []),
    ];
  });
}

function bindProblem(what: string, bind: string): string[] {
  return isIpAddress(bind) ? [] : [`${what} '${bind}' is not an IP address: write one such as '127.0.0.1'`];
}

function socketProblem(what: string, bind = ''): string[] {
  return bind.startsWith(UNIX) && isSocket(bind.slice(UNIX.length))
    ? []
    : [`${what} '${bind}' is not a socket, and the listener has no port: write unix:///PATH, or set port.number`];
}

/** Whether a string is the path of a Unix domain socket, or the name of an abstract one. */
export function isSocket(path: string): boolean {
  return path.startsWith('@') || /^\/.*[^/]$/.test(path);
}
