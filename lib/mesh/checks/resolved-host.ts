const CLUSTER_DOMAIN = 'svc.cluster.local';

/** A host as Istio takes it in an object of a namespace: names without dots are Services of that namespace. */
export function resolvedHost(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*') ? host : `${host}.${namespace}.${CLUSTER_DOMAIN}`;
}

/** The namespace of a resolved host's Services; nothing for hosts that are none of the cluster. */
export function namespaceOfHost(resolved: string): string | undefined {
  const [, namespace, ...domain] = resolved.split('.');
  return domain.join('.') === CLUSTER_DOMAIN ? namespace : undefined;
}

/** Whether a host, which may start with `*`, has some name in common with another one. */
export function hostsMeet(one: string, other: string): boolean {
  if (one.startsWith('*') && other.startsWith('*')) {
    return one.slice(1).endsWith(other.slice(1)) || other.slice(1).endsWith(one.slice(1));
  }
  if (one.startsWith('*')) return other.endsWith(one.slice(1));
  return other.startsWith('*') ? one.endsWith(other.slice(1)) : one === other;
}
