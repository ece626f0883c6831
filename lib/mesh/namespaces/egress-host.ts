import type { NamespaceConstruct } from './namespace-reference';
import { labelNameProblem } from '../object-name';
import { serviceHost, serviceKindProblem, serviceName, type ServiceObject } from './service-reference';

/**
 * Hosts that sidecars can reach: all hosts of a namespace, a Service, or `NAMESPACE/HOST`. The namespace is a name, `.`
 * for the sidecars' own namespace, or `*` for any. The host is a full domain name, a domain name that starts with `*.`,
 * or `*` for all. A `~` before the namespace excludes hosts (since Istio 1.31); `~/*` excludes all hosts, for workloads
 * that call no other service.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener-hosts
 */
export type EgressHost = NamespaceConstruct | ServiceObject | `${string}/${string}`;

/** A host of a Sidecar, in its parts. */
export interface HostPattern {
  readonly text: string;
  readonly excluded: boolean;
  readonly namespace: string;
  readonly host: string;
}

const NAME = '[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?';
// The last of several labels must not be a number, because an IP address is not a host.
const DOMAIN_NAME = new RegExp(`^(?=.{1,255}$)(?!.*\\.\\d+$)(\\*|(\\*|${NAME})(\\.${NAME})+)$`);

/** A host in the format of Istio's API, for a Sidecar in this namespace. */
export function renderEgressHost(host: EgressHost, sidecarNamespace: string | undefined): string {
  if (typeof host === 'string') return host;
  if (!('metadata' in host)) return `${host.name}/*`;
  const namespace = host.metadata.namespace ?? sidecarNamespace ?? '';
  return `${namespace}/${serviceHost(host, namespace)}`;
}

/** The excluded hosts. Exclusion needs Istio 1.31. */
export function excludedHosts(hosts: readonly EgressHost[]): string[] {
  return hosts.filter((host) => typeof host === 'string' && /^~[^/]/.test(host)).map(String);
}

/** The problems with a list of hosts, one sentence each. */
export function egressHostProblems(
  what: string,
  hosts: readonly EgressHost[],
  sidecarNamespace: string | undefined,
): string[] {
  if (hosts.length === 0)
    return [`${what} is empty: name at least one, or write '~/*' for workloads that call no other service`];
  const found = hosts.flatMap((host) => formProblem(what, host, sidecarNamespace));
  return found.length > 0
    ? found
    : togetherProblems(
        what,
        hosts.map((host) => parseEgressHost(renderEgressHost(host, sidecarNamespace), sidecarNamespace)),
      );
}

function formProblem(what: string, given: EgressHost, sidecarNamespace: string | undefined): string[] {
  if (typeof given !== 'string') {
    if (!('metadata' in given)) return [];
    return given.metadata.namespace === undefined && sidecarNamespace === undefined
      ? [
          `${what} has service '${serviceName(given)}', whose namespace is unknown: set it in the metadata of the Service`,
        ]
      : serviceKindProblem(`one of ${what}`, given);
  }
  const { namespace, host } = parseEgressHost(given, undefined);
  const placed = ['', '*', '.'].includes(namespace) || labelNameProblem('', namespace).length === 0;
  if (!given.includes('/') || (namespace === '' && !given.startsWith('~')) || !placed || !isHost(host)) {
    return [
      `${what} has '${given}', which is not NAMESPACE/HOST: write one such as 'shop/*', './reviews.shop.svc.cluster.local' or '*/*.example.com'`,
    ];
  }
  return host === '*' || DOMAIN_NAME.test(host)
    ? []
    : [
        `${what} has '${given}', whose host is not a full domain name: write '${given}.${/^\w/.test(namespace) ? namespace : 'NAMESPACE'}.svc.cluster.local', if it is a Service`,
      ];
}

/** Whether a string is a host, in its full or short form. */
function isHost(host: string): boolean {
  return DOMAIN_NAME.test(host) || labelNameProblem('', host).length === 0;
}

function togetherProblems(what: string, hosts: readonly HostPattern[]): string[] {
  const everything = hosts.find((one) => one.excluded && ['', '*'].includes(one.namespace) && one.host === '*');
  if (everything && hosts.length > 1) {
    return [`${what} has '${everything.text}', which excludes all others: leave it out, or leave out the others`];
  }
  const [first] = hosts;
  if (!everything && first && hosts.every(({ excluded }) => excluded)) {
    return [
      `${what} only excludes hosts, such as '${first.text}': add the hosts from which they are excluded, such as '*/*'`,
    ];
  }
  return [];
}

/** Warnings about hosts that have no effect because of others, one sentence each. */
export function egressHostWarnings(
  what: string,
  given: readonly EgressHost[],
  sidecarNamespace: string | undefined,
): string[] {
  const hosts = given.map((host) => parseEgressHost(renderEgressHost(host, sidecarNamespace), sidecarNamespace));
  return hosts.flatMap((host, index) => {
    const other = hosts.find((one, at) => at !== index && covers(one, host) && (at < index || !covers(host, one)));
    return other ? [`${what} has '${host.text}', which '${other.text}' includes: leave it out`] : [];
  });
}

function covers(one: HostPattern, other: HostPattern): boolean {
  const within = one.namespace === other.namespace || one.namespace === '*';
  const same = one.namespace === other.namespace && one.host === other.host;
  return one.excluded === other.excluded && (same || (within && one.host === '*'));
}

/** The parts of a host in Istio's format, for sidecars of this namespace. */
export function parseEgressHost(text: string, sidecarNamespace: string | undefined): HostPattern {
  const excluded = text.startsWith('~');
  const slash = text.indexOf('/');
  const namespace = text.slice(excluded ? 1 : 0, slash);
  return {
    text,
    excluded,
    namespace: namespace === '.' ? (sidecarNamespace ?? namespace) : namespace,
    host: text.slice(slash + 1),
  };
}
