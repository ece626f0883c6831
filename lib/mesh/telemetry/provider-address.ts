import { hostOf, serviceKindProblem, type ServiceReference } from '../namespaces/service-reference';

/** The address of an extension provider's backend. */
export interface ProviderAddress {
  /**
   * The backend's Service, as an object or by its full host name, such as `collector.telemetry.svc.cluster.local`; or
   * the host of a ServiceEntry, with its namespace as in `telemetry/collector.example.com` if several namespaces define
   * the host.
   */
  readonly service: ServiceReference;

  /** Port of the Service, 1 to 65535. */
  readonly port: number;
}

const LABEL = '[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?';
const HOST = new RegExp(`^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?/)?${LABEL}(?:\\.${LABEL})*$`);

/**
 * The problems with an address.
 *
 * @param at path of the value, for messages
 * @param usualPort the port on which such a backend usually listens
 * @param backend what the backend is, for messages
 * @param namespace a namespace in which such a backend may run, for messages
 */
export function addressProblems(
  at: string,
  { service: given, port }: ProviderAddress,
  usualPort: number,
  backend = 'collector',
  namespace = 'telemetry',
): string[] {
  const problems = serviceKindProblem(`${at} service`, given);
  const service = hostOf(given);
  const [first, host = first] = service.split('/');
  if (!HOST.test(service)) {
    problems.push(
      `${at} service '${service}' is not a host: write the name of the ${backend}'s Service, without a port`,
    );
  } else if (typeof given !== 'string' && given.metadata.namespace === undefined) {
    problems.push(`${at} service '${service}' has no known namespace: set it in the metadata of the Service`);
  } else if (host?.includes('.') !== true) {
    // istiod looks up the host literally, and silently drops a provider whose host it does not find.
    problems.push(
      `${at} service '${service}' is a short name, which Istio does not resolve: write the full one, such as '${String(host)}.${namespace}.svc.cluster.local'`,
    );
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    problems.push(
      `${at} port ${String(port)} is not a port: write a whole number from 1 to 65535, such as ${String(usualPort)}`,
    );
  }
  return problems;
}
