import { ApiObject, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  EnvoyFilter,
  GRPCRoute,
  Gateway,
  HTTPRoute,
  JwtAuthentication,
  KubernetesGateway,
  MeshTelemetry,
  PeerAuthentication,
  ReferenceGrant,
  ServiceEntry,
  Sidecar,
  TLSRoute,
  TrafficExtension,
  TrafficPolicy,
  WasmPlugin,
  WorkloadEntry,
  WorkloadGroup,
  WorkloadProxyConfig,
} from 'istio-module';
import { emptyChart, type Manifest } from '../synthesis';
import { Fields } from './fields';
import { policyOfDestinationRule } from './typed-destinations';
import { envoyFilterProps, proxyConfigProps, trafficExtensionProps, wasmPluginProps } from './typed-extensions';
import {
  authorizationPolicyProps,
  jwtAuthenticationProps,
  peerAuthenticationProps,
  telemetryProps,
} from './typed-policies';
import { policyOfVirtualService } from './typed-routes';
import {
  grpcRouteProps,
  httpRouteProps,
  kubernetesGatewayProps,
  referenceGrantProps,
  tlsRouteProps,
} from './typed-gateway-api';
import {
  gatewayProps,
  serviceEntryProps,
  sidecarProps,
  workloadEntryProps,
  workloadGroupProps,
} from './typed-services';

type Write = (
  chart: Chart,
  name: string,
  spec: Fields,
  namespace: string,
  annotations?: Record<string, string>,
) => void;

/** How the construct for each kind writes an object. */
const CONSTRUCTS: Readonly<Record<string, Write>> = {
  VirtualService: (chart, name, spec, namespace) =>
    new TrafficPolicy(chart, 'one', { name, ...policyOfVirtualService(spec, namespace) }),
  DestinationRule: (chart, name, spec, namespace) =>
    new TrafficPolicy(chart, 'one', { name, ...policyOfDestinationRule(spec, namespace) }),
  Gateway: (chart, name, spec, namespace) => new Gateway(chart, 'one', { name, ...gatewayProps(spec, namespace) }),
  ServiceEntry: (chart, name, spec, namespace) =>
    new ServiceEntry(chart, 'one', { name, ...serviceEntryProps(spec, namespace) }),
  Sidecar: (chart, name, spec, namespace) => new Sidecar(chart, 'one', { name, ...sidecarProps(spec, namespace) }),
  WorkloadEntry: (chart, name, spec, namespace) =>
    new WorkloadEntry(chart, 'one', { name, ...workloadEntryProps(spec, namespace) }),
  WorkloadGroup: (chart, name, spec, namespace) =>
    new WorkloadGroup(chart, 'one', { name, ...workloadGroupProps(spec, namespace) }),
  ProxyConfig: (chart, name, spec, namespace) =>
    new WorkloadProxyConfig(chart, 'one', { name, ...proxyConfigProps(spec, namespace) }),
  EnvoyFilter: (chart, name, spec, namespace) =>
    new EnvoyFilter(chart, 'one', { name, ...envoyFilterProps(spec, namespace) }),
  WasmPlugin: (chart, name, spec, namespace) =>
    new WasmPlugin(chart, 'one', { name, ...wasmPluginProps(spec, namespace) }),
  TrafficExtension: (chart, name, spec, namespace) =>
    new TrafficExtension(chart, 'one', { name, ...trafficExtensionProps(spec, namespace) }),
  AuthorizationPolicy: (chart, name, spec, namespace, annotations) =>
    new AuthorizationPolicy(chart, 'one', { name, ...authorizationPolicyProps(spec, namespace, annotations) }),
  RequestAuthentication: (chart, name, spec, namespace) =>
    new JwtAuthentication(chart, 'one', { name, ...jwtAuthenticationProps(spec, namespace) }),
  PeerAuthentication: (chart, name, spec, namespace) =>
    new PeerAuthentication(chart, 'one', { name, ...peerAuthenticationProps(spec, namespace) }),
  Telemetry: (chart, name, spec, namespace) =>
    new MeshTelemetry(chart, 'one', { name, ...telemetryProps(spec, namespace) }),
};

/** The same for the kinds of the Gateway API. */
const GATEWAY_API_CONSTRUCTS: Readonly<Record<string, Write>> = {
  HTTPRoute: (chart, name, spec, namespace) =>
    new HTTPRoute(chart, 'one', { name, ...httpRouteProps(spec, namespace) }),
  GRPCRoute: (chart, name, spec, namespace) =>
    new GRPCRoute(chart, 'one', { name, ...grpcRouteProps(spec, namespace) }),
  TLSRoute: (chart, name, spec, namespace) => new TLSRoute(chart, 'one', { name, ...tlsRouteProps(spec, namespace) }),
  ReferenceGrant: (chart, name, spec, namespace) =>
    new ReferenceGrant(chart, 'one', { name, ...referenceGrantProps(spec, namespace) }),
  Gateway: (chart, name, spec, namespace) =>
    new KubernetesGateway(chart, 'one', { name, ...kubernetesGatewayProps(spec, namespace) }),
};

/** An object as the construct for its kind writes it, or why there is none. */
export type Written = { readonly object: Manifest } | { readonly refused: string } | { readonly unsaid: string };

/** Writes an object with the construct for its kind. The given spec is as protobuf or the API server serializes it. */
export function writtenTyped({ apiVersion, kind, metadata, spec }: Manifest): Written {
  const write = (apiVersion.startsWith('gateway.') ? GATEWAY_API_CONSTRUCTS : CONSTRUCTS)[kind];
  if (!write) return { unsaid: `no construct makes a ${kind}` };
  const chart = emptyChart();
  try {
    const { name, namespace = 'default', annotations } = metadata;
    write(chart, name, new Fields(spec ?? {}), namespace, annotations);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // The constructs' own errors begin with the construct; any other error is a crash, not a refusal.
    if (/^\w+ mesh\/one: /.test(text)) return { refused: text.replace(/^\w+ mesh\/one: /, '') };
    return { unsaid: text };
  }
  // Whether other objects have to exist is not checked here.
  const [object, ...others] = chart.node.findAll().filter((one) => ApiObject.isApiObject(one));
  return object && others.length === 0
    ? { object: object.toJson() as Manifest }
    : { unsaid: `${String(others.length + 1)} objects instead of one` };
}
