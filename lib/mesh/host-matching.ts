/** Whether a host has all names that another one has; each is a name, or a wildcard such as `*.example.com`. */
export function coversHost(wide: string, narrow: string): boolean {
  if (!wide.startsWith('*')) return wide === narrow;
  return (narrow.startsWith('*') ? narrow.slice(1) : narrow).endsWith(wide.slice(1));
}

/** Whether there are names that two hosts have in common. */
export function hostsOverlap(one: string, other: string): boolean {
  return coversHost(one, other) || coversHost(other, one);
}

const CLUSTER_DOMAIN = 'svc.cluster.local';

/** A host in full: one without dots is a Service of the namespace; as it is, where that is not known and so empty. */
export function fullHost(host: string, namespace: string): string {
  return host.includes('.') || host === '*' || namespace === '' ? host : `${host}.${namespace}.${CLUSTER_DOMAIN}`;
}

/** The namespace of a full host's Services; nothing for hosts that are none of the cluster. */
export function namespaceOfHost(host: string): string | undefined {
  const [, namespace, ...domain] = host.split('.');
  return domain.join('.') === CLUSTER_DOMAIN ? namespace : undefined;
}

/** The problems with hosts that have names in common, one sentence each pair. */
export function overlappingHostProblems(prop: string, hosts: readonly string[]): string[] {
  return hosts.flatMap((host, index) => {
    const first = hosts.findIndex((other) => hostsOverlap(other, host));
    return first < index
      ? [`${prop} has '${hosts[first] ?? ''}' and '${host}', which have names in common: leave out one of them`]
      : [];
  });
}
