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
 * How often, and after what, a proxy tries a request again.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
export interface Retries {
  /** Tries after the first one; 0 turns retries off. */
  readonly attempts: number;

  /**
   * Time that each try has, the first one included.
   *
   * @default - the route's timeout
   */
  readonly perTryTimeout?: Duration;

  /**
   * What is tried again: conditions, and statuses of responses such as 503.
   *
   * @default - Istio's: connection failures, refused streams, gRPC's unavailable and cancelled, and status 503
   */
  readonly on?: readonly RetryCondition[];

  /**
   * Whether further tries may go to other localities.
   *
   * @default - Istio's: no
   */
  readonly retryRemoteLocalities?: boolean;

  /**
   * Whether further tries go to pods that were not tried before.
   *
   * @default - Istio's: yes
   */
  readonly retryIgnorePreviousHosts?: boolean;

  /**
   * Time before the first further try; it grows with each one.
   *
   * @default - Istio's: 25 milliseconds
   */
  readonly backoff?: Duration;
}

/** What routes have in common. */
export interface RouteBase {
  /**
   * Name of the route, in access logs; each route of a policy has its own.
   *
   * @default - none
   */
  readonly name?: string;

  /**
   * The requests that the route is for: those that satisfy at least one of the matches.
   *
   * @default - all that no earlier route took
   */
  readonly match?: readonly Match[];

  /**
   * What is done to the headers of the requests, and of their responses.
   *
   * @default - nothing
   */
  readonly headers?: HeaderChanges;

  /**
   * Pages from which origins may call by script.
   *
   * @default - what the host itself answers
   */
  readonly cors?: CorsPolicy;
}

/** What is done to requests that go on. */
export interface ForwardingOptions {
  /**
   * Time for the response, all tries included.
   *
   * @default - Istio's: no limit
   */
  readonly timeout?: Duration;

  /**
   * How often, and after what, a proxy tries again.
   *
   * @default - Istio's: 2 more tries
   */
  readonly retries?: Retries;

  /**
   * What is changed of the path and host.
   *
   * @default - nothing
   */
  readonly rewrite?: Rewrite;

  /**
   * Who gets a copy of the requests: one or several.
   *
   * @default - no one
   */
  readonly mirror?: Mirror | readonly Mirror[];

  /**
   * What goes wrong on purpose.
   *
   * @default - the policy's `fault`
   */
  readonly fault?: Fault;
}

/**
 * Where some of the requests to a host go, and how.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
export interface ForwardingRoute extends RouteBase, ForwardingOptions {
  /** Where they go; with several destinations, each has a weight. */
  readonly to: readonly Destination[];

  readonly redirect?: never;
  readonly directResponse?: never;
  readonly delegate?: never;
}

/** A VirtualService without hosts, by name. */
export interface DelegateName {
  /** Its name. */
  readonly name: string;

  /**
   * Its namespace, as the construct or by name.
   *
   * @default - the namespace of the policy that delegates
   */
  readonly namespace?: NamespaceReference;
}

/** What is used of a `TrafficPolicy` that others delegate to. */
export interface DelegatePolicy extends IConstruct {
  /** Name of its objects. */
  readonly name: string;

  /** Name of their namespace. */
  readonly namespace: string;

  /** Whether its routes are for what other policies delegate. */
  readonly delegated: boolean;

  /** Its routes. */
  readonly routes: readonly TrafficRoute[];

  /** Whether policies of a namespace may delegate to it. */
  isExportedTo(namespace: string): boolean;
}

/**
 * Some of the requests, for which the routes of another policy are. What this route says besides holds where the other
 * policy's routes say nothing; what they match has to be within what this route matches, or they are left out.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
 */
export interface DelegateRoute extends RouteBase, ForwardingOptions {
  /** The other policy, whose `hosts` are `'delegated'`; or the name of its VirtualService. */
  readonly delegate: DelegatePolicy | DelegateName;

  readonly to?: never;
  readonly redirect?: never;
  readonly directResponse?: never;
}

/** What a route that forwards nothing cannot have. */
export interface NotForwarding {
  readonly to?: never;
  readonly timeout?: never;
  readonly retries?: never;
  readonly rewrite?: never;
  readonly mirror?: never;
  readonly fault?: never;
  readonly delegate?: never;
}

/** A redirect for some of the requests. */
export interface RedirectRoute extends RouteBase, NotForwarding {
  /** The new target of the request. */
  readonly redirect: Redirect;

  readonly directResponse?: never;
}

/** Some of the requests, answered by the proxy itself. */
export interface DirectResponseRoute extends RouteBase, NotForwarding {
  /** The answer. */
  readonly directResponse: DirectResponse;

  readonly redirect?: never;
}

/**
 * A response that the proxy sends without forwarding the request.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse
 */
export interface DirectResponse {
  /** The response's status, 200 to 599. */
  readonly status: number;

  /**
   * The response's body, up to 100 KB.
   *
   * @default - none
   */
  readonly body?: string;
}

/** A route: it forwards, or redirects, or answers, or delegates. */
export type TrafficRoute = ForwardingRoute | RedirectRoute | DirectResponseRoute | DelegateRoute;

/** What of a policy its routes are rendered with. */
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
