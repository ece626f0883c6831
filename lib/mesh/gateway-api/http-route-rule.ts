import type { Duration } from 'cdk8s';
import { renderBackends, renderTarget, type BackendSurroundings } from './backend-reference';
import { definedFields } from '../fields';
import { gatewayApiDuration } from './gateway-api-duration';
import { renderHeaderFilters } from './header-filters';
import { renderPathChange, type PathChange } from './path-change';
import { renderHttpMatch } from './route-match';
import { renderRouteCors } from './route-cors';
import type { Destination } from '../traffic/destination';
import type { Mirror } from '../traffic/mirror';
import type { ForwardingOptions, RouteBase } from '../traffic/traffic-route';

/**
 * The number and timing of retries. Connection failures and refused streams are always retried. All props except
 * `perTryTimeout` are experimental: only the CustomResourceDefinitions of the experimental channel have them.
 *
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1731/
 */
export interface HTTPRouteRetries {
  /**
   * Maximum number of retries, 1 or more.
   *
   * @default - Istio's: 2
   */
  readonly attempts?: number;

  /**
   * Timeout of each try, including the first one.
   *
   * @default - the rule's timeout
   */
  readonly perTryTimeout?: Duration;

  /**
   * Response statuses on which a request is retried, 400 to 599.
   *
   * @default - none
   */
  readonly on?: readonly number[];

  /**
   * Time before the first retry; it grows with each retry.
   *
   * @default - Istio's: 25 milliseconds
   */
  readonly backoff?: Duration;
}

/**
 * Changes to a request's path and host before it is forwarded.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httpurlrewritefilter
 */
export type HTTPRouteRewrite = PathChange & {
  /**
   * New host.
   *
   * @default - unchanged
   */
  readonly authority?: string;
};

/**
 * The redirect target. Omitted parts, except for `port`, keep the value of the request.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 */
export type HTTPRouteRedirect = PathChange & {
  /**
   * New host, such as `shop.example.com`.
   *
   * @default - unchanged
   */
  readonly authority?: string;

  /**
   * New scheme.
   *
   * @default - unchanged
   */
  readonly scheme?: 'http' | 'https';

  /**
   * New port.
   *
   * @default - the default port of `scheme` if that is set, otherwise the port of the request
   */
  readonly port?: number;

  /**
   * Status of the response.
   *
   * @default - the Gateway API's: 302
   */
  readonly code?: 301 | 302 | 303 | 307 | 308;
};

/** Properties that all rules of an {@link HTTPRoute} have in common. Several matches are alternatives. */
export type HTTPRouteRuleBase = Pick<RouteBase, 'name' | 'match' | 'headers' | 'cors'>;

/** A rule that forwards requests. */
export interface HTTPForwardingRule extends HTTPRouteRuleBase, Pick<ForwardingOptions, 'timeout' | 'mirror'> {
  /** Destinations of requests. If there are several, each needs a weight, up to 1,000,000. */
  readonly to: readonly Destination[];

  /**
   * The number and timing of retries. Mostly experimental: see {@link HTTPRouteRetries}.
   *
   * @default - Istio's: 2 retries
   */
  readonly retries?: HTTPRouteRetries;

  /**
   * Changes to the path and host.
   *
   * @default - nothing
   */
  readonly rewrite?: HTTPRouteRewrite;

  readonly redirect?: never;
}

/** A rule that redirects requests. */
export interface HTTPRedirectRule extends HTTPRouteRuleBase {
  /** Target of the redirect. */
  readonly redirect: HTTPRouteRedirect;

  readonly to?: never;
  readonly timeout?: never;
  readonly retries?: never;
  readonly rewrite?: never;
  readonly mirror?: never;
}

/**
 * A rule of an {@link HTTPRoute}, which forwards or redirects requests. The most specific matching rule gets a request,
 * regardless of the order.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export type HTTPRouteRule = HTTPForwardingRule | HTTPRedirectRule;

/** The mirrors of a rule. */
export function ruleMirrors({ mirror = [] }: Pick<ForwardingOptions, 'mirror'>): readonly Mirror[] {
  return 'render' in mirror ? [mirror] : mirror;
}

/** A rule as an entry of the `rules` of an HTTPRoute. */
export function renderHttpRule(
  rule: HTTPRouteRule,
  surroundings: BackendSurroundings,
): Readonly<Record<string, unknown>> {
  const { name, match = [], headers = {}, cors } = rule;
  const filters = [
    ...renderHeaderFilters(headers),
    ...(cors ? [{ type: 'CORS', cors: renderRouteCors(cors) }] : []),
    ...(rule.redirect ? [{ type: 'RequestRedirect', requestRedirect: renderRedirect(rule.redirect) }] : []),
    ...(rule.rewrite ? [{ type: 'URLRewrite', urlRewrite: renderRewrite(rule.rewrite) }] : []),
    ...renderMirrors(rule, surroundings),
  ];
  return definedFields({
    name,
    matches: match.length > 0 ? match.map(renderHttpMatch) : undefined,
    filters: filters.length > 0 ? filters : undefined,
    ...(rule.redirect ? {} : renderForwarding(rule, surroundings)),
  });
}

/** The mirrors of a rule, each as a separate filter. */
export function renderMirrors(
  rule: Pick<ForwardingOptions, 'mirror'>,
  surroundings: BackendSurroundings,
): Readonly<Record<string, unknown>>[] {
  return ruleMirrors(rule).map((mirror) => ({
    type: 'RequestMirror',
    requestMirror: { backendRef: renderTarget(mirror, surroundings), ...renderShare(mirror.percent) },
  }));
}

function renderForwarding({ to, timeout, retries }: HTTPForwardingRule, surroundings: BackendSurroundings) {
  const { attempts, on = [], backoff, perTryTimeout } = retries ?? {};
  const timeouts = definedFields({
    request: timeout && gatewayApiDuration(timeout),
    backendRequest: perTryTimeout && gatewayApiDuration(perTryTimeout),
  });
  const retry = definedFields({
    attempts,
    codes: on.length > 0 ? on : undefined,
    backoff: backoff && gatewayApiDuration(backoff),
  });
  return {
    backendRefs: renderBackends(to, surroundings),
    timeouts: Object.keys(timeouts).length > 0 ? timeouts : undefined,
    retry: Object.keys(retry).length > 0 ? retry : undefined,
  };
}

/**
 * A share of requests; empty if it is all of them. Fractions have the denominator 1,000,000, because proxies count in
 * millionths.
 */
function renderShare(percent: number): Readonly<Record<string, unknown>> {
  if (percent === 100) return {};
  return Number.isInteger(percent)
    ? { percent }
    : { fraction: { numerator: Math.round(percent * 10_000), denominator: 1_000_000 } };
}

function renderRewrite({ authority, ...path }: HTTPRouteRewrite): Readonly<Record<string, unknown>> {
  return definedFields({ hostname: authority, path: renderPathChange(path) });
}

function renderRedirect({ authority, scheme, port, code, ...path }: HTTPRouteRedirect) {
  return definedFields({ scheme, hostname: authority, path: renderPathChange(path), port, statusCode: code });
}
