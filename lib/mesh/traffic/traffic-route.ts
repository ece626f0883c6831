import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { renderCorsPolicy, type CorsPolicy } from './cors-policy';
import type { Destination } from './destination';
import type { Fault } from './fault';
import { definedFields } from '../fields';
import { renderHeaderChanges, type HeaderChanges } from './header-changes';
import { istioDuration } from '../istio-duration';
import type { Match } from './match';
import type { Mirror } from './mirror';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { renderRedirect, type Redirect } from './redirect';
import { renderRetryConditions, type RetryCondition } from './retry-on';
import { renderRewrite, type Rewrite } from './rewrite';

/**
 * The number of retries, and the conditions on which a proxy retries a request.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
export interface Retries {
  /** Maximum number of retries; 0 disables retries. */
  readonly attempts: number;

  /**
   * Timeout of each try, including the first one.
   *
   * @default - the route's timeout
   */
  readonly perTryTimeout?: Duration;

  /**
   * Conditions on which a request is retried, and response statuses such as 503.
   *
   * @default - Istio's: connection failures, refused streams, gRPC's unavailable and cancelled, and status 503
   */
  readonly on?: readonly RetryCondition[];

  /**
   * Whether retries may go to other localities.
   *
   * @default - Istio's: no
   */
  readonly retryRemoteLocalities?: boolean;

  /**
   * Whether retries avoid pods that were already tried.
   *
   * @default - Istio's: yes
   */
  readonly retryIgnorePreviousHosts?: boolean;

  /**
   * Time before the first retry; it grows with each retry.
   *
   * @default - Istio's: 25 milliseconds
   */
  readonly backoff?: Duration;
}

/** Properties that all routes have in common. */
export interface RouteBase {
  /**
   * Name of the route in access logs, unique in the policy.
   *
   * @default - none
   */
  readonly name?: string;

  /**
   * Matches that select the requests of the route. A request needs to satisfy at least one of them.
   *
   * @default - all requests that no earlier route matches
   */
  readonly match?: readonly Match[];

  /**
   * Changes to the headers of requests and of their responses.
   *
   * @default - nothing
   */
  readonly headers?: HeaderChanges;

  /**
   * CORS policy: the origins whose scripts may call the host.
   *
   * @default - the host itself answers CORS requests
   */
  readonly cors?: CorsPolicy;
}

/** Options of routes that forward requests. */
export interface ForwardingOptions {
  /**
   * Timeout for the response, including all retries.
   *
   * @default - Istio's: no limit
   */
  readonly timeout?: Duration;

  /**
   * The number of retries, and the conditions on which a proxy retries.
   *
   * @default - Istio's: 2 retries
   */
  readonly retries?: Retries;

  /**
   * Changes to the path and host.
   *
   * @default - nothing
   */
  readonly rewrite?: Rewrite;

  /**
   * One or more destinations of copies of the requests.
   *
   * @default - none
   */
  readonly mirror?: Mirror | readonly Mirror[];

  /**
   * Fault to inject.
   *
   * @default - the policy's `fault`
   */
  readonly fault?: Fault;
}

/**
 * A route that forwards requests to destinations.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
export interface ForwardingRoute extends RouteBase, ForwardingOptions {
  /** Destinations of the requests. If there are several, each needs a weight. */
  readonly to: readonly Destination[];

  readonly redirect?: never;
  readonly directResponse?: never;
  readonly delegate?: never;
}

/** A VirtualService without hosts, by name. */
export interface DelegateName {
  /** Name of the VirtualService. */
  readonly name: string;

  /**
   * Namespace of the VirtualService, as the construct or by name.
   *
   * @default - the namespace of the policy that delegates
   */
  readonly namespace?: NamespaceReference;
}

/** The parts of a `TrafficPolicy` that delegating policies use. */
export interface DelegatePolicy extends IConstruct {
  /** Name of the policy's objects. */
  readonly name: string;

  /** Namespace of the policy's objects. */
  readonly namespace: string;

  /** Whether the routes apply to requests that other policies delegate. */
  readonly delegated: boolean;

  /** Routes of the policy. */
  readonly routes: readonly TrafficRoute[];

  /** Whether policies in a namespace may delegate to this policy. */
  isExportedTo(namespace: string): boolean;
}

/**
 * A route that delegates requests to the routes of another policy. This route's further settings apply if the other
 * policy's routes do not set them. Routes of the other policy must match only requests that this route matches; Istio
 * drops the routes that do not.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
 */
export interface DelegateRoute extends RouteBase, ForwardingOptions {
  /** The other policy, whose `hosts` must be `'delegated'`; or the name of its VirtualService. */
  readonly delegate: DelegatePolicy | DelegateName;

  readonly to?: never;
  readonly redirect?: never;
  readonly directResponse?: never;
}

/** Properties that a route cannot have if it does not forward requests. */
export interface NotForwarding {
  readonly to?: never;
  readonly timeout?: never;
  readonly retries?: never;
  readonly rewrite?: never;
  readonly mirror?: never;
  readonly fault?: never;
  readonly delegate?: never;
}

/** A route that redirects requests. */
export interface RedirectRoute extends RouteBase, NotForwarding {
  /** Target of the redirect. */
  readonly redirect: Redirect;

  readonly directResponse?: never;
}

/** A route whose requests the proxy answers itself. */
export interface DirectResponseRoute extends RouteBase, NotForwarding {
  /** Response of the proxy. */
  readonly directResponse: DirectResponse;

  readonly redirect?: never;
}

/**
 * A response that the proxy sends without forwarding the request.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse
 */
export interface DirectResponse {
  /** Status of the response, 200 to 599. */
  readonly status: number;

  /**
   * Body of the response, up to 100 KB.
   *
   * @default - none
   */
  readonly body?: string;
}

/** A route that forwards, redirects, answers or delegates requests. */
export type TrafficRoute = ForwardingRoute | RedirectRoute | DirectResponseRoute | DelegateRoute;

/** The parts of a policy with which its routes are rendered. */
export interface RouteDefaults {
  readonly host: string;
  readonly namespace: string;
  readonly fault?: Fault;
}

/** The mirrors of a route. */
export function mirrorsOf({ mirror = [] }: TrafficRoute): readonly Mirror[] {
  return 'render' in mirror ? [mirror] : mirror;
}

/** A route as an entry of the `http` of a VirtualService in a namespace. */
export function renderRoute(
  route: TrafficRoute,
  { host, namespace, fault }: RouteDefaults,
): Readonly<Record<string, unknown>> {
  const { name, match = [], headers = {}, cors } = route;
  return {
    ...definedFields({ name, match: match.length > 0 ? match.map((one) => one.render()) : undefined }),
    ...renderAction(route, host, namespace, fault),
    ...renderHeaderChanges(headers),
    ...(cors ? { corsPolicy: renderCorsPolicy(cors) } : {}),
  };
}

function renderAction(
  route: TrafficRoute,
  host: string,
  namespace: string,
  policyFault?: Fault,
): Readonly<Record<string, unknown>> {
  if (route.redirect) return { redirect: renderRedirect(route.redirect) };
  if (route.directResponse) {
    const { status, body } = route.directResponse;
    return { directResponse: definedFields({ status, body: body === undefined ? undefined : { string: body } }) };
  }
  const { to, delegate, timeout, retries, rewrite, fault = policyFault } = route;
  const mirrors = mirrorsOf(route);
  return definedFields({
    delegate: delegate && renderDelegate(delegate, namespace),
    route: to?.map((destination) => destination.render(host)),
    timeout: timeout && istioDuration(timeout),
    retries: retries && renderRetries(retries),
    rewrite: rewrite && renderRewrite(rewrite),
    mirrors: mirrors.length > 0 ? mirrors.map((one) => one.render(host)) : undefined,
    fault: fault?.render(),
  });
}

function renderDelegate({ name, namespace }: DelegateName, own: string): Record<string, unknown> {
  const place = namespace === undefined ? own : namespaceName(namespace);
  return { name, ...(place === own ? {} : { namespace: place }) };
}

function renderRetries({ attempts, perTryTimeout, on = [], backoff, ...sameNames }: Retries): Record<string, unknown> {
  return definedFields({
    attempts,
    perTryTimeout: perTryTimeout && istioDuration(perTryTimeout),
    retryOn: renderRetryConditions(on),
    backoff: backoff && istioDuration(backoff),
    ...sameNames,
  });
}
