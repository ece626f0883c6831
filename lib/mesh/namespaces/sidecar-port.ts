import { definedFields } from '../fields';
import { labelNameProblem } from '../object-name';
import { wholeNumberProblem } from '../number-range';
import { ipBlockProblem } from '../security/ip-block';

/** A port of a sidecar. */
export interface SidecarPort {
  /** The port's number, from 1 to 65535. */
  readonly number: number;

  /** What is spoken on it. */
  readonly protocol: SidecarProtocol;

  /**
   * Name of the port.
   *
   * @default - none
   */
  readonly name?: string;
}

/** What is spoken on a port. */
export type SidecarProtocol = 'HTTP' | 'HTTPS' | 'GRPC' | 'HTTP2' | 'MONGO' | 'TCP' | 'TLS';

/** How traffic gets to a listener: by redirection (`IPTABLES`), by its address alone (`NONE`), or as the mesh has it. */
export type CaptureMode = 'DEFAULT' | 'IPTABLES' | 'NONE';

/** A listener of a sidecar, on a port of its own. */
export interface SidecarListener {
  readonly port: SidecarPort;

  /**
   * IP address that it listens on.
   *
   * @default - by the Services or pods that it is for
   */
  readonly bind?: string;

  /**
   * How traffic gets to it.
   *
   * @default 'DEFAULT'
   */
  readonly captureMode?: CaptureMode;
}

const PROTOCOLS: readonly string[] = ['HTTP', 'HTTPS', 'GRPC', 'HTTP2', 'MONGO', 'TCP', 'TLS'];

/** The fields that both kinds of listeners have. */
export function renderListener({ port, bind, captureMode }: SidecarListener): Record<string, unknown> {
  const { number, protocol, name } = port;
  return definedFields({ port: definedFields({ number, protocol, name }), bind, captureMode });
}

/** What is wrong with listeners, as far as both kinds go, one sentence each. */
export function listenerProblems(what: string, listeners: readonly SidecarListener[]): string[] {
  const numbers = listeners.map(({ port }) => port.number);
  return listeners.flatMap(({ port, bind }, index) => {
    const at = `${what}[${String(index)}]`;
    return [
      ...wholeNumberProblem(`${at}.port.number`, port.number, 1, 65535),
      ...(PROTOCOLS.includes(port.protocol)
        ? []
        : [`${at}.port.protocol '${port.protocol}' is not a protocol: write one of ${PROTOCOLS.join(', ')}`]),
      ...(port.name === undefined ? [] : labelNameProblem(`${at}.port.name`, port.name)),
      ...(bind === undefined ? [] : bindProblem(`${at}.bind`, bind)),
      ...(numbers.indexOf(port.number) < index
        ? [`${what} has port ${String(port.number)} twice: make the two one, or give one another port`]
        : []),
    ];
  });
}

function bindProblem(what: string, bind: string): string[] {
  return bind.includes('/') || ipBlockProblem(what, bind).length > 0
    ? [`${what} '${bind}' is not an IP address: write one such as '127.0.0.1'`]
    : [];
}
