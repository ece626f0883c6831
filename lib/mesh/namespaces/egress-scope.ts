import { egressHostProblems, excludedHosts, renderEgressHost, type EgressHost } from './egress-host';
import { fieldOf } from '../fields';
import type { OutboundTrafficPolicyMode } from '../installation/mesh-config';
import { listenerProblems, renderListener, type SidecarListener } from './sidecar-port';

/** A listener for what applications send to one port. */
export interface EgressListener extends SidecarListener {
  /** The hosts that can be reached through it. */
  readonly hosts: readonly EgressHost[];
}

/**
 * What sidecars know of the mesh. The less they know, the less memory they take and the less istiod has to send them; to
 * what they do not know, they send plain text, if at all. Hosts of backends for tracing and access logs belong to it.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export interface EgressScope {
  /**
   * Hosts that they know, on whatever ports these have.
   *
   * @default - all hosts of the mesh; with `listeners`, none besides theirs
   */
  readonly hosts?: readonly EgressHost[];

  /**
   * Listeners for single ports, which come before `hosts`.
   *
   * @default - none
   */
  readonly listeners?: readonly EgressListener[];

  /**
   * What they do with requests to hosts that they do not know. REGISTRY_ONLY finds hosts that lack a ServiceEntry; it is
   * no firewall.
   *
   * @default - as the mesh configuration says, which is ALLOW_ANY unless set
   */
  readonly outboundTrafficPolicy?: { readonly mode: OutboundTrafficPolicyMode };
}

/** The fields of a Sidecar of this namespace. */
export function renderEgressScope(scope: EgressScope, namespace: string | undefined): Record<string, unknown> {
  const { hosts, listeners = [], outboundTrafficPolicy } = scope;
  const rendered = (some: readonly EgressHost[]) => some.map((host) => renderEgressHost(host, namespace));
  const egress = [
    ...listeners.map((listener) => ({ ...renderListener(listener), hosts: rendered(listener.hosts) })),
    ...(hosts ? [{ hosts: rendered(hosts) }] : []),
  ];
  return {
    ...(egress.length > 0 ? { egress } : {}),
    ...fieldOf('outboundTrafficPolicy', { mode: outboundTrafficPolicy?.mode }),
  };
}

/** What is wrong with it, one sentence each. */
export function egressScopeProblems(scope: EgressScope, namespace: string | undefined): string[] {
  const { hosts, listeners = [], outboundTrafficPolicy } = scope;
  if (!hosts && listeners.length === 0 && outboundTrafficPolicy === undefined) {
    return ['egress says nothing: set hosts, listeners or outboundTrafficPolicy, or leave it out'];
  }
  return [
    ...(hosts ? egressHostProblems('egress.hosts', hosts, namespace) : []),
    ...listenerProblems('egress.listeners', listeners),
    ...listeners.flatMap((listener, index) =>
      egressHostProblems(`egress.listeners[${String(index)}].hosts`, listener.hosts, namespace),
    ),
  ];
}

/** Hosts in it that are taken away from others. */
export function excludedFromScope({ hosts = [], listeners = [] }: EgressScope): string[] {
  return excludedHosts([...hosts, ...listeners.flatMap((listener) => listener.hosts)]);
}
