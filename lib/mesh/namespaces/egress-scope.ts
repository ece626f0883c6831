import {
  egressHostProblems,
  egressHostWarnings,
  excludedHosts,
  renderEgressHost,
  type EgressHost,
} from './egress-host';
import { definedFields, fieldOf } from '../fields';
import { hostProblem } from '../host-name';
import { OutboundTrafficPolicyMode } from '../installation/mesh-config';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import {
  listenerProblems,
  renderListener,
  type CaptureMode,
  type SidecarListener,
  type SocketListener,
} from './sidecar-port';
import { renderTarget } from '../traffic/destination';

/** A listener for the traffic that applications send to a port or a Unix domain socket. */
export type EgressListener = (SidecarListener | SocketListener) & {
  /** The hosts that can be reached through the listener. */
  readonly hosts: readonly EgressHost[];
};

/** A proxy that gets requests to hosts that sidecars do not know. */
export interface EgressProxy {
  /** Host of the proxy, a full domain name. */
  readonly host: string;

  /** Port of the proxy, 1 to 65535. */
  readonly port: number;

  /**
   * Subset of the host. A DestinationRule must define it.
   *
   * @default - all pods of the host
   */
  readonly subset?: string;
}

/** How sidecars handle requests to hosts that they do not know. */
export interface SidecarOutboundTrafficPolicy {
  readonly mode: OutboundTrafficPolicyMode;

  /**
   * Proxy to which such requests go, with ALLOW_ANY.
   *
   * @default - none; requests go to the address that the application chose
   */
  readonly egressProxy?: EgressProxy;
}

/**
 * The part of the mesh that sidecars know. A smaller scope reduces the memory of sidecars and the configuration that
 * istiod sends. Requests to unknown hosts are sent in plain text or rejected. Include the hosts of backends for
 * tracing, access logs and external authorization. If sidecars do not know the host of an external authorizer, every
 * check fails.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export interface EgressScope {
  /**
   * Hosts that sidecars know, with all of their ports.
   *
   * @default - all hosts of the mesh; with `listeners`, only the hosts of the listeners
   */
  readonly hosts?: readonly EgressHost[];

  /**
   * How traffic to `hosts` is captured. Needs `hosts`.
   *
   * @default - the setting of the mesh
   */
  readonly captureMode?: CaptureMode;

  /**
   * Listeners for individual ports, which take precedence over `hosts`.
   *
   * @default - none
   */
  readonly listeners?: readonly EgressListener[];

  /**
   * How sidecars handle requests to hosts that they do not know. REGISTRY_ONLY helps to find hosts without a
   * ServiceEntry; it is not a firewall.
   *
   * @default - the setting of the mesh configuration: ALLOW_ANY unless set
   */
  readonly outboundTrafficPolicy?: SidecarOutboundTrafficPolicy;
}

/** The fields of a Sidecar of this namespace. */
export function renderEgressScope(scope: EgressScope, namespace: string | undefined): Record<string, unknown> {
  const { hosts, captureMode, listeners = [], outboundTrafficPolicy } = scope;
  const rendered = (some: readonly EgressHost[]) => some.map((host) => renderEgressHost(host, namespace));
  const egress = [
    ...listeners.map((listener) => ({ ...renderListener(listener), hosts: rendered(listener.hosts) })),
    ...(hosts ? [{ ...definedFields({ captureMode }), hosts: rendered(hosts) }] : []),
  ];
  return {
    ...(egress.length > 0 ? { egress } : {}),
    ...fieldOf('outboundTrafficPolicy', {
      mode: outboundTrafficPolicy?.mode,
      egressProxy: outboundTrafficPolicy?.egressProxy && renderTarget(outboundTrafficPolicy.egressProxy, ''),
    }),
  };
}

/** The problems with the scope, one sentence each. */
export function egressScopeProblems(scope: EgressScope, namespace: string | undefined): string[] {
  const { hosts, listeners = [], outboundTrafficPolicy } = scope;
  if (!hosts && listeners.length === 0 && outboundTrafficPolicy === undefined) {
    return ['egress is empty: set hosts, listeners or outboundTrafficPolicy, or leave it out'];
  }
  return [
    ...(scope.captureMode !== undefined && !hosts
      ? ["egress.captureMode has no effect without hosts: set hosts, or a listener's captureMode"]
      : []),
    ...(hosts ? egressHostProblems('egress.hosts', hosts, namespace) : []),
    ...listenerProblems('egress.listeners', listeners),
    ...listeners.flatMap((listener, index) =>
      egressHostProblems(`egress.listeners[${String(index)}].hosts`, listener.hosts, namespace),
    ),
    ...egressProxyProblems('egress.outboundTrafficPolicy', outboundTrafficPolicy),
  ];
}

/** Likely mistakes in the scope, one sentence each. */
export function egressScopeWarnings(scope: EgressScope, namespace: string | undefined): string[] {
  const { hosts = [], listeners = [] } = scope;
  return [
    ...egressHostWarnings('egress.hosts', hosts, namespace),
    ...listeners.flatMap((listener, index) =>
      egressHostWarnings(`egress.listeners[${String(index)}].hosts`, listener.hosts, namespace),
    ),
  ];
}

function egressProxyProblems(at: string, { mode, egressProxy }: Partial<SidecarOutboundTrafficPolicy> = {}): string[] {
  if (!egressProxy) return [];
  const { host, port, subset } = egressProxy;
  return [
    ...(mode === OutboundTrafficPolicyMode.ALLOW_ANY
      ? []
      : [`${at}.egressProxy is only supported with mode ALLOW_ANY: write that, or leave egressProxy out`]),
    ...(host.startsWith('*')
      ? [`${at}.egressProxy.host '${host}' is a wildcard: write one host`]
      : hostProblem(`${at}.egressProxy.host`, host)),
    ...wholeNumberProblem(`${at}.egressProxy.port`, port, 1, 65535),
    ...(subset === undefined ? [] : labelNameProblem(`${at}.egressProxy.subset`, subset)),
  ];
}

/** The hosts that the scope excludes. */
export function excludedFromScope({ hosts = [], listeners = [] }: EgressScope): string[] {
  return excludedHosts([...hosts, ...listeners.flatMap((listener) => listener.hosts)]);
}
