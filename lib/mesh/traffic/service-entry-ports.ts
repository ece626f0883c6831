import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';

/** What is spoken on a port of a ServiceEntry. */
export type ServiceProtocol =
  'HTTP' | 'HTTP2' | 'GRPC' | 'GRPC-WEB' | 'HTTPS' | 'TLS' | 'TCP' | 'MONGO' | 'MYSQL' | 'REDIS';

/** A port of a ServiceEntry. */
export interface ServiceEntryPort {
  /** The port of client requests, 1 to 65535. */
  readonly number: number;

  /**
   * The protocol of the clients.
   *
   * @default - proxies find out
   */
  readonly protocol?: ServiceProtocol;

  /**
   * Name of the port, which no other port of the entry has.
   *
   * @default - protocol and number, such as `https-443`; `port-443` without a protocol
   */
  readonly name?: string;

  /**
   * The port of the endpoints that requests go to.
   *
   * @default - `number`
   */
  readonly targetPort?: number;
}

const HTTP: readonly string[] = ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'];
const TLS: readonly string[] = ['HTTPS', 'TLS'];
const PROTOCOLS: readonly string[] = [...HTTP, ...TLS, 'TCP', 'MONGO', 'MYSQL', 'REDIS'];

/** What is spoken on a port, in words. */
export function spoken({ protocol }: ServiceEntryPort): string {
  return protocol === undefined ? 'says no protocol' : `speaks ${protocol}`;
}

/** Whether clients encrypt what they send to a port. */
export function isEncrypted({ protocol = '' }: { readonly protocol?: string }): boolean {
  return TLS.includes(protocol);
}

/** Whether requests to a port say which host they are for. */
export function namesHost(port: ServiceEntryPort): boolean {
  return HTTP.includes(port.protocol ?? '') || isEncrypted(port);
}

/** The name of a port. */
export function portName({ name, protocol, number }: ServiceEntryPort): string {
  return name ?? `${protocol?.toLowerCase() ?? 'port'}-${String(number)}`;
}

/** The ports as the `ports` of a ServiceEntry. */
export function renderPorts(ports: readonly ServiceEntryPort[]): Readonly<Record<string, unknown>>[] {
  return ports.map((port) =>
    definedFields({
      number: port.number,
      name: portName(port),
      protocol: port.protocol,
      targetPort: port.targetPort,
    }),
  );
}

/** The problems with the ports of a ServiceEntry, one sentence each. */
export function portProblems(ports: readonly ServiceEntryPort[]): string[] {
  const numbers = ports.map(({ number }) => number);
  const names = ports.map(portName);
  return ports.flatMap((port, index) => {
    const at = `ports[${String(index)}]`;
    const { number, protocol, name, targetPort } = port;
    const sameNumber = numbers.indexOf(number);
    const sameName = names.indexOf(portName(port));
    return [
      ...wholeNumberProblem(`${at}.number`, number, 1, 65535),
      ...wholeNumberProblem(`${at}.targetPort`, targetPort, 1, 65535),
      ...(protocol === undefined || PROTOCOLS.includes(protocol)
        ? []
        : [`${at}.protocol '${protocol as string}' is not one of Istio's: write one of ${PROTOCOLS.join(', ')}`]),
      ...(name === undefined ? [] : labelNameProblem(`${at}.name`, name)),
      ...(sameNumber < index
        ? [`${at}.number ${String(number)} is that of ports[${String(sameNumber)}] already: leave out one of them`]
        : sameName < index
          ? [`${at}.name '${portName(port)}' is that of ports[${String(sameName)}] already: write another`]
          : []),
    ];
  });
}
