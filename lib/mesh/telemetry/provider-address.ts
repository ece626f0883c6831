import { hostOf, serviceKindProblem, type ServiceReference } from '../namespaces/service-reference';

/** The address of the backend behind an extension provider. */
export interface ProviderAddress {
  /**
   * The backend's Service, as an object or by its full host name, such as `collector.telemetry.svc.cluster.local`; or the
   * host of a ServiceEntry, with its namespace before it, as in `telemetry/collector.example.com`, where several namespaces
   * know the host.
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
 * @param at where it was given, for the message
 * @param usualPort the port that such a backend usually listens on
 * @param backend what the backend is, for the message
 * @param namespace a namespace that such a backend may live in, for the message
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
    problems.push(`${at} service '${service}' is not a host: write the name of the ${backend}'s Service, without port`);
  } else if (typeof given !== 'string' && given.metadata.namespace === undefined) {
    problems.push(`${at} service '${service}' has no namespace that is known: set it in the Service's metadata`);
  } else if (host?.includes('.') !== true) {
    // istiod looks the host up as it is, and leaves out without a word what it does not find.
    problems.push(
      `${at} service '${service}' is a short name, which Istio does not find: write the full one, such as '${String(host)}.${namespace}.svc.cluster.local'`,
    );
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    problems.push(
      `${at} port ${String(port)} is not a port: write a whole number from 1 to 65535, such as ${String(usualPort)}`,
    );
  }
  return problems;
}
