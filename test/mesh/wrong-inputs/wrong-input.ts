import type { Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  Destination,
  Jwks,
  JwtAuthentication,
  MeshTelemetry,
  TrafficPolicy,
  type AuthorizationPolicyProps,
  type AuthorizationRule,
  type JwtRule,
  type MeshTelemetryProps,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import type { Manifest } from '../synthesis';

/** A mistake, as an object that the API server or istiod refuses and as props of a construct. */
export interface WrongInput {
  readonly name: string;
  readonly manifest: Manifest;
  readonly construct: (chart: Chart) => unknown;

  /** What the construct says about it; nothing where it does not notice. */
  readonly says?: string;

  /** Whether it does not compile, which an expected error above the line shows. */
  readonly type?: true;
}

type Build = WrongInput['construct'];

/** A mistake that the construct says something about. */
export const wrong = (name: string, manifest: Manifest, construct: Build, says: string): WrongInput => {
  return { name, manifest, construct, says };
};

/** A mistake that does not compile; in plain JavaScript, the construct may say something about it. */
export const untyped = (name: string, manifest: Manifest, construct: Build, says?: string): WrongInput => {
  return { name, manifest, construct, says, type: true };
};

const object = (apiVersion: string, kind: string) => (spec: Record<string, unknown>) => {
  return { apiVersion, kind, metadata: { name: 'wrong', namespace: 'shop' }, spec };
};
const TO = [{ destination: { host: 'reviews' } }];

export const virtualService = (spec: Record<string, unknown>): Manifest =>
  object('networking.istio.io/v1', 'VirtualService')({ hosts: ['reviews'], http: [{ route: TO }], ...spec });
/** A VirtualService with one route, to the host itself unless it says something else. */
export const http = (route: Record<string, unknown>): Manifest =>
  virtualService({ http: [{ ...('redirect' in route || 'directResponse' in route ? {} : { route: TO }), ...route }] });
export const destinationRule = (trafficPolicy: Record<string, unknown>): Manifest =>
  object('networking.istio.io/v1', 'DestinationRule')({ host: 'reviews', trafficPolicy });
export const subsets = (...list: readonly object[]): Manifest =>
  object('networking.istio.io/v1', 'DestinationRule')({ host: 'reviews', subsets: list });
export const authorizationPolicy = object('security.istio.io/v1', 'AuthorizationPolicy');
export const peerAuthentication = object('security.istio.io/v1', 'PeerAuthentication');
export const jwtRule = (rule: Record<string, unknown>): Manifest =>
  object('security.istio.io/v1', 'RequestAuthentication')({ jwtRules: [{ issuer: 'https://a.b', ...rule }] });
export const telemetry = object('telemetry.istio.io/v1', 'Telemetry');

/** A policy with one route, to the host itself unless the props say something else. */
export const policy =
  (props: Partial<TrafficPolicyProps>): Build =>
  (chart) =>
    new TrafficPolicy(chart, 'one', {
      namespace: 'shop',
      host: 'reviews',
      routes: [{ to: [Destination.host()] }],
      ...props,
    });
export const route = (props: Partial<TrafficRoute>): Build =>
  policy({
    routes: [
      {
        ...('redirect' in props || 'directResponse' in props ? {} : { to: [Destination.host()] }),
        ...props,
      } as TrafficRoute,
    ],
  });
export const settings = (props: Partial<TrafficPolicyProps>): Build => policy({ routes: undefined, ...props });
export const authorize =
  (props: Partial<AuthorizationPolicyProps>): Build =>
  (chart) =>
    new AuthorizationPolicy(chart, 'one', { namespace: 'shop', rules: [], ...props });
export const rule = (...rules: readonly AuthorizationRule[]): Build => authorize({ rules });
export const authenticate =
  (props: Partial<JwtRule>): Build =>
  (chart) =>
    new JwtAuthentication(chart, 'one', {
      namespace: 'shop',
      jwtRules: [{ issuer: 'https://a.b', jwks: Jwks.DISCOVERY, ...props }],
    });
export const observe =
  (props: Omit<MeshTelemetryProps, 'namespace'>): Build =>
  (chart) =>
    new MeshTelemetry(chart, 'one', { namespace: 'shop', ...props });
