/** Whether a host includes all names of another one; each is a name, or a wildcard such as `*.example.com`. */
export function coversHost(wide: string, narrow: string): boolean {
  if (!wide.startsWith('*')) return wide === narrow;
  return (narrow.startsWith('*') ? narrow.slice(1) : narrow).endsWith(wide.slice(1));
}

/** Whether two hosts have names in common. */
export function hostsOverlap(one: string, other: string): boolean {
  return coversHost(one, other) || coversHost(other, one);
}

const CLUSTER_DOMAIN = 'svc.cluster.local';
const CLUSTER_DOMAIN_LABELS = CLUSTER_DOMAIN.split('.').length;

/**
 * The full form of a host. A host without dots is a Service of the namespace. If the namespace is empty, because it is
 * unknown, the host stays as it is.
 */
export function fullHost(host: string, namespace: string): string {
  return host.includes('.') || host === '*' || namespace === '' ? host : `${host}.${namespace}.${CLUSTER_DOMAIN}`;
}

/** The namespace of the Service that a full host names; undefined for hosts outside the cluster. */
export function namespaceOfHost(host: string): string | undefined {
  if (!host.endsWith(`.${CLUSTER_DOMAIN}`)) return undefined;
  const [, namespace, ...domain] = host.split('.');
  return domain.length === CLUSTER_DOMAIN_LABELS ? namespace : undefined;
}

/** The problems with hosts that have names in common, one sentence per pair. */
export function overlappingHostProblems(prop: string, hosts: readonly string[]): string[] {
  return hosts.flatMap((host, index) => {
    const first = hosts.findIndex((other) => hostsOverlap(other, host));
    return first < index
      ? [`${prop} has '${hosts[first] ?? ''}' and '${host}', which overlap: leave out one of them`]
      : [];
  });
}
