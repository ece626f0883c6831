/**
 * Objects of the oldest and of the newest cdk8s-plus are accepted wherever such objects are expected; compiled by
 * `npm run types`, never run.
 */
import { ApiObject, type Chart } from 'cdk8s';
import * as oldest from 'cdk8s-plus-27';
import * as newest from 'cdk8s-plus-34';
import type { SidecarSettings } from 'istio-module';
import {
  AccessLog,
  Destination,
  ExternalAuthorizer,
  KubernetesGateway,
  MeshNamespace,
  Mirror,
  PlaintextService,
  RouteParent,
  Sidecar,
  SidecarRestartAccess,
  Tracing,
  TrafficPolicy,
  type ContainerResources,
  type EgressHost,
  type RestartSubject,
  type ServiceReference,
} from 'istio-module';

const namespace = 'shop';

export function services(chart: Chart): readonly ServiceReference[] {
  const props = { ports: [{ port: 80 }] };
  return [
    new oldest.Service(chart, 'oldest', props),
    new newest.Service(chart, 'newest', props),
    new newest.Deployment(chart, 'web').exposeViaService(),
    new ApiObject(chart, 'plain', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }),
  ];
}

export function wherever(chart: Chart, service: oldest.Service | newest.Service): readonly unknown[] {
  const hosts: readonly EgressHost[] = [service, './*'];
  return [
    new Sidecar(chart, 'sidecar', { namespace, egress: { hosts, listeners: [{ port: { number: 80 }, hosts }] } }),
    new MeshNamespace(chart, 'shop', { name: namespace, withoutSidecars: [service, { service, workload: {} }] }),
    new PlaintextService(chart, 'plaintext', { namespace, service }),
    new TrafficPolicy(chart, 'policy', { namespace, host: service, routes: [{ to: [Destination.host()] }] }),
    new TrafficPolicy(chart, 'routes', {
      namespace,
      hosts: [service, 'web.example.com'],
      routes: [{ to: [Destination.otherHost(service, { port: 80 })], mirror: Mirror.toHost(service) }],
    }),
    RouteParent.service(service),
    new KubernetesGateway(chart, 'gateway', { namespace, service, listeners: [] }),
    Tracing.otlp({ service, port: 4317 }),
    Tracing.zipkin({ service, port: 9411 }),
    AccessLog.openTelemetry({ service, port: 4317 }),
    ExternalAuthorizer.http({ name: 'authorizer', service, port: 80 }),
    ExternalAuthorizer.grpc({ name: 'authorizer', service, port: 9000 }),
  ];
}

export function subjects(chart: Chart): readonly RestartSubject[] {
  const found = [
    new oldest.ServiceAccount(chart, 'oldest-account'),
    oldest.Group.fromName(chart, 'oldest-group', 'deployers'),
    new newest.ServiceAccount(chart, 'newest-account'),
    newest.User.fromName(chart, 'newest-user', 'jane'),
  ];
  new SidecarRestartAccess(chart, 'access', { subjects: found });
  return found;
}

export const amounts: readonly ContainerResources[] = [
  { requests: { cpu: oldest.Cpu.millis(50) }, limits: { cpu: newest.Cpu.units(1) } },
];

export function applied(settings: SidecarSettings, pod: oldest.Pod, deployment: newest.Deployment): void {
  settings.applyTo(pod);
  settings.applyTo(deployment);
}

export function refused(chart: Chart): void {
  const mesh = new MeshNamespace(chart, 'mesh', { name: 'mesh' });
  // @ts-expect-error a namespace is not a host
  new TrafficPolicy(chart, 'by-namespace', { namespace, host: mesh });
  // @ts-expect-error a Service has metadata
  new TrafficPolicy(chart, 'by-name', { namespace, host: { name: 'web' } });
  // @ts-expect-error a namespace is not a Service
  new PlaintextService(chart, 'namespace', { namespace, service: mesh });
}
