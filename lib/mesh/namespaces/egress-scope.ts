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

/** A listener for what applications send to one port, or to one Unix domain socket. */
export type EgressListener = (SidecarListener | SocketListener) & {
  /** The hosts that can be reached through it. */
  readonly hosts: readonly EgressHost[];
};

/** A host that gets what is sent to hosts that sidecars do not know. */
export interface EgressProxy {
  /** Its host, a domain name in full. */
  readonly host: string;

  /** Its port, 1 to 65535. */
  readonly port: number;

  /**
   * A subset of it, which a DestinationRule defines.
   *
   * @default - all of its pods
   */
  readonly subset?: string;
}

/** What sidecars do with requests to hosts that they do not know. */
export interface SidecarOutboundTrafficPolicy {
  readonly mode: OutboundTrafficPolicyMode;

  /**
   * Where such requests go, with ALLOW_ANY.
   *
   * @default - to the address that the application chose
   */
  readonly egressProxy?: EgressProxy;
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
   * How traffic to `hosts` gets to the sidecars; needs `hosts`.
   *
   * @default - as the mesh has it
   */
  readonly captureMode?: CaptureMode;

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

/** The problems with it, one sentence each. */
export function egressScopeProblems(scope: EgressScope, namespace: string | undefined): string[] {
  const { hosts, listeners = [], outboundTrafficPolicy } = scope;
  if (!hosts && listeners.length === 0 && outboundTrafficPolicy === undefined) {
    return ['egress is empty: set hosts, listeners or outboundTrafficPolicy, or leave it out'];
  }
  return [
    ...(scope.captureMode !== undefined && !hosts
      ? ["egress.captureMode is for hosts, of which there are none: set hosts, or a listener's captureMode"]
      : []),
    ...(hosts ? egressHostProblems('egress.hosts', hosts, namespace) : []),
    ...listenerProblems('egress.listeners', listeners),
    ...listeners.flatMap((listener, index) =>
      egressHostProblems(`egress.listeners[${String(index)}].hosts`, listener.hosts, namespace),
    ),
    ...egressProxyProblems('egress.outboundTrafficPolicy', outboundTrafficPolicy),
  ];
}

/** Likely mistakes in it, one sentence each. */
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
      : [`${at}.egressProxy is for mode ALLOW_ANY: write that, or leave egressProxy out`]),
    ...(host.startsWith('*')
      ? [`${at}.egressProxy.host '${host}' is a wildcard: write one host`]
      : hostProblem(`${at}.egressProxy.host`, host)),
    ...wholeNumberProblem(`${at}.egressProxy.port`, port, 1, 65535),
    ...(subset === undefined ? [] : labelNameProblem(`${at}.egressProxy.subset`, subset)),
  ];
}

/** Hosts in it that are taken away from others. */
export function excludedFromScope({ hosts = [], listeners = [] }: EgressScope): string[] {
  return excludedHosts([...hosts, ...listeners.flatMap((listener) => listener.hosts)]);
}
