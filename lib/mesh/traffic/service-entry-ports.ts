import { definedFields } from '../fields';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';

/** A protocol of a ServiceEntry's port. */
export type ServiceProtocol =
  'HTTP' | 'HTTP2' | 'GRPC' | 'GRPC-WEB' | 'HTTPS' | 'TLS' | 'TCP' | 'MONGO' | 'MYSQL' | 'REDIS';

/** A port of a ServiceEntry. */
export interface ServiceEntryPort {
  /** Port to which clients send requests, 1 to 65535. */
  readonly number: number;

  /**
   * Protocol of the clients.
   *
   * @default - proxies detect the protocol
   */
  readonly protocol?: ServiceProtocol;

  /**
   * Name of the port, unique in the entry.
   *
   * @default - protocol and number, such as `https-443`; `port-443` without a protocol
   */
  readonly name?: string;

  /**
   * Port of the endpoints to which requests go.
   *
   * @default - `number`
   */
  readonly targetPort?: number;
}

const HTTP: readonly string[] = ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'];
const TLS: readonly string[] = ['HTTPS', 'TLS'];
const PROTOCOLS: readonly string[] = [...HTTP, ...TLS, 'TCP', 'MONGO', 'MYSQL', 'REDIS'];

/** A description of a port's protocol, for messages. */
export function spoken({ protocol }: ServiceEntryPort): string {
  return protocol === undefined ? 'has no protocol' : `has protocol ${protocol}`;
}

/** Whether clients encrypt what they send to a port. */
export function isEncrypted({ protocol = '' }: { readonly protocol?: string }): boolean {
  return TLS.includes(protocol);
}

/** Whether requests to a port contain their host. */
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
        : [`${at}.protocol '${protocol as string}' is not supported by Istio: write one of ${PROTOCOLS.join(', ')}`]),
      ...(name === undefined ? [] : labelNameProblem(`${at}.name`, name)),
      ...(sameNumber < index
        ? [
            `${at}.number ${String(number)} is already the number of ports[${String(sameNumber)}]: leave out one of them`,
          ]
        : sameName < index
          ? [`${at}.name '${portName(port)}' is already the name of ports[${String(sameName)}]: write another`]
          : []),
    ];
  });
}
