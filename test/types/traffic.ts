/** What the types of traffic accept, and what they refuse; compiled by `npm run types`, and never run. */
import { Duration, type Chart } from 'cdk8s';
import { Service } from 'cdk8s-plus-27';
import {
  Destination,
  Fault,
  GrpcStatus,
  HashKey,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  Match,
  MeshNamespace,
  Mirror,
  Origin,
  RetryOn,
  Routes,
  TrafficPolicy,
  type CircuitBreaker,
  type ConnectionPool,
  type CorsPolicy,
  type Destination as DestinationType,
  type DelegateRoute,
  type DirectResponse,
  type ForwardingRoute,
  type HeaderChanges,
  type LoadBalancing,
  type Redirect,
  type RedirectFields,
  type Retries,
  type RewriteFields,
  type RouteOptions,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import type { Holds, IsReadonly, Same } from './claims';

const v1 = Destination.subset('v1');

export const accepted: readonly TrafficRoute[] = [
  { to: [v1, Destination.subset('v2', { weight: 10 }), Destination.otherHost('ratings', { subset: 'v1' })] },
  { to: [v1], mirror: Mirror.to('v2') },
  { to: [v1], mirror: [Mirror.to('v2', { percent: 5 }), Mirror.toHost('audit', { port: 80 })] },
  { to: [v1], timeout: Duration.seconds(3), retries: { attempts: 2, on: [RetryOn.RESET] }, rewrite: { uri: '/' } },
  { to: [v1], fault: Fault.delay(Duration.seconds(1)).and(Fault.abortGrpc(GrpcStatus.UNAVAILABLE)) },
  { to: [v1], rewrite: { uriRegex: { match: '^/a', rewrite: '/b' }, authority: 'example.com' } },
  { match: [Match.uri().prefix('/a').and(Match.port(80))], redirect: { prefixRewrite: '/b', code: 308 } },
  { redirect: { uri: '/b', port: 'FROM_REQUEST_PORT', scheme: 'https' }, name: 'moved' },
  { directResponse: { status: 503, body: 'closed' }, cors: { allowOrigins: [Origin.ANY], allowMethods: ['GET'] } },
  ...Routes.canary({ stable: 'v1', canary: 'v2', percent: 10, timeout: Duration.seconds(3) }),
];

export function acceptedPolicies(chart: Chart): void {
  const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
  new TrafficPolicy(chart, 'by-name', { namespace: 'shop', host: 'reviews', circuitBreaker: { maxConnections: 1 } });
  const service = new Service(chart, 'service', { ports: [{ port: 80 }] });
  new TrafficPolicy(chart, 'by-object', { namespace, host: service, routes: accepted });
}

export const refused: readonly TrafficRoute[] = [
  // @ts-expect-error a route forwards, redirects or answers
  { name: 'nothing' },
  // @ts-expect-error a redirect forwards nothing
  { redirect: { uri: '/b' }, to: [v1] },
  // @ts-expect-error a redirect waits for no response
  { redirect: { uri: '/b' }, timeout: Duration.seconds(1) },
  // @ts-expect-error a direct response is not mirrored
  { directResponse: { status: 200 }, mirror: Mirror.to('v2') },
  // @ts-expect-error a route does not both redirect and answer
  { redirect: { uri: '/b' }, directResponse: { status: 200 } },
  // @ts-expect-error a redirect changes the path by uri or by prefixRewrite
  { redirect: { uri: '/b', prefixRewrite: '/c' } },
  // @ts-expect-error 304 is not a redirect
  { redirect: { uri: '/b', code: 304 } },
  // @ts-expect-error a rewrite changes the path by uri or by uriRegex
  { to: [v1], rewrite: { uri: '/', uriRegex: { match: '^/a', rewrite: '/b' } } },
  // @ts-expect-error a duration is a Duration, not seconds
  { to: [v1], timeout: 3 },
  // @ts-expect-error a duration is a Duration, not a string
  { to: [v1], retries: { attempts: 2, perTryTimeout: '1s' } },
  // @ts-expect-error retries need a number of attempts
  { to: [v1], retries: { on: [RetryOn.GATEWAY_ERROR] } },
  // @ts-expect-error conditions of retries are RetryOn, not strings
  { to: [v1], retries: { attempts: 1, on: ['gateway-error'] } },
  // @ts-expect-error a destination is a Destination, not the name of a subset
  { to: ['v1'] },
  // @ts-expect-error a destination is not written by hand
  { to: [{ subset: 'v1', weight: 100 }] },
  // @ts-expect-error destinations are a list, even a single one
  { to: v1 },
  // @ts-expect-error a mirror is a Mirror, not the name of a subset
  { to: [v1], mirror: 'v2' },
  // @ts-expect-error a fault is a Fault, not a status
  { to: [v1], fault: { httpStatus: 500 } },
  // @ts-expect-error a match is not written by hand
  { match: [{ uri: { exact: '/a' } }], to: [v1] },
  // @ts-expect-error a string comparison is not a match before it has a string
  { match: [Match.uri()], to: [v1] },
  // @ts-expect-error a direct response needs a status
  { directResponse: { body: 'closed' } },
  // @ts-expect-error a method is written in upper case
  { to: [v1], cors: { allowOrigins: [Origin.ANY], allowMethods: ['get'] } },
  // @ts-expect-error values of headers are strings
  { to: [v1], headers: { request: { set: { 'x-tries': 1 } } } },
];

export function refusedPolicies(chart: Chart): void {
  // @ts-expect-error a policy needs a host
  new TrafficPolicy(chart, 'no-host', { namespace: 'shop' });
  // @ts-expect-error a policy needs a namespace
  new TrafficPolicy(chart, 'no-namespace', { host: 'reviews' });
  // @ts-expect-error the labels of a subset are strings
  new TrafficPolicy(chart, 'labels', { namespace: 'shop', host: 'reviews', subsets: { v1: { version: 1 } } });
  // @ts-expect-error a misspelt prop
  new TrafficPolicy(chart, 'misspelt', { namespace: 'shop', host: 'reviews', circuitBraker: {} });
}

export const refusedBalancing: readonly LoadBalancing[] = [
  // @ts-expect-error an algorithm is a LoadBalancingAlgorithm, not its name
  { algorithm: 'ROUND_ROBIN' },
  // @ts-expect-error a ring is hashed by a HashKey
  { algorithm: LoadBalancingAlgorithm.ringHash('x-user') },
  // @ts-expect-error failover needs a region to fail over to
  { locality: LocalityLoadBalancing.failover({ from: 'eu-west' }) },
  // @ts-expect-error the lifetime of a cookie is a Duration
  { algorithm: LoadBalancingAlgorithm.maglev(HashKey.cookie('session', { ttl: 3600 })) },
];

// @ts-expect-error matches come from Match's own methods
export const matchByHand = new Match({ uri: { exact: '/a' } });

// @ts-expect-error destinations come from Destination's own methods
export const destinationByHand = new Destination({ subset: 'v1' });

// @ts-expect-error a canary needs a share
export const canary = Routes.canary({ stable: 'v1', canary: 'v2' });

/** Each kind of route has a property that no other kind has, which identifies it. */
export function narrowed(
  route: TrafficRoute,
): readonly DestinationType[] | Redirect | DirectResponse | DelegateRoute['delegate'] {
  if (route.redirect) return route.redirect;
  if (route.directResponse) return route.directResponse;
  if (route.delegate) return route.delegate;
  return route.to;
}

export type Claims = [
  Holds<Same<ReturnType<typeof Routes.abTest>, ForwardingRoute[]>>,
  Holds<Same<RouteOptions['timeout'], Duration | undefined>>,
  Holds<Same<ForwardingRoute['redirect'], undefined>>,
  Holds<IsReadonly<ForwardingRoute>>,
  Holds<IsReadonly<TrafficPolicyProps>>,
  Holds<IsReadonly<CircuitBreaker>>,
  Holds<IsReadonly<ConnectionPool>>,
  Holds<IsReadonly<CorsPolicy>>,
  Holds<IsReadonly<HeaderChanges>>,
  Holds<IsReadonly<RedirectFields>>,
  Holds<IsReadonly<Retries>>,
  Holds<IsReadonly<RewriteFields>>,
  Holds<Same<TrafficPolicyProps['routes'], readonly TrafficRoute[] | undefined>>,
];
