import type { ApiObject, Helm } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { fieldsAt, textAt } from '../checks/spec-fields';
import type { GatewayServer } from './gateway-server';
import { canMatchBoth, type Labels } from '../labels';
import { MeshOrder } from '../mesh-order';

/** The value of the label `istio` that the gateway chart sets on a gateway's pods, unless its values set another. */
export function gatewayLabel(name: string): string {
  return name.replace(/^istio-/, '');
}

/** The reasons why servers cannot be reached through a gateway that the app's modules install, one sentence each. */
export function installedGatewayProblems(
  construct: IConstruct,
  name: string,
  servers: readonly GatewayServer[],
): string[] {
  const planes = MeshOrder.of(construct).controlPlanesOf(construct);
  const known = planes.flatMap(({ gateways }) => (gateways ? [gateways] : []));
  if (planes.length === 0 || known.length < planes.length) return [];
  const gateways = new Map(known.flatMap((some) => [...some]));
  const label = gatewayLabel(name);
  const found = [...gateways].filter(([other]) => gatewayLabel(other) === label).map(([, gateway]) => gateway);
  if (found.length === 0) {
    const names = [...gateways.keys()].map((one) => `'${one}'`).join(', ');
    return [
      `ingressGateway '${name}' is not one of the gateways that the app installs (${names === '' ? 'there are none' : names}): name one of them, or write selector: { istio: '${label}' } for pods that are installed otherwise`,
    ];
  }
  const [gateway] = found;
  if (!gateway || found.length > 1) return [];
  return [...labelProblems(name, gateway), ...portProblems(construct, name, gateway, servers)];
}

/** The problem with values of the gateway chart that set the label `istio` to a value other than the selected one. */
function labelProblems(name: string, gateway: Helm): string[] {
  const workload = gateway.apiObjects.find(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
  const manifest = (workload?.toJson() ?? {}) as Readonly<Record<string, unknown>>;
  const template = fieldsAt(fieldsAt(manifest, 'spec'), 'template');
  const own = textAt(fieldsAt(fieldsAt(template, 'metadata'), 'labels'), 'istio');
  return own === undefined || own === gatewayLabel(name)
    ? []
    : [
        `ingressGateway '${name}' has pods with the label 'istio: ${own}', which its values set, so they are not selected: write selector: { istio: '${own}' } instead of ingressGateway`,
      ];
}

function portProblems(construct: IConstruct, name: string, gateway: Helm, servers: readonly GatewayServer[]): string[] {
  const services = gateway.apiObjects.filter(({ kind }) => kind === 'Service');
  const ports = services.flatMap(portsOf);
  const [service] = services;
  // Another Service of the app may select the same pods.
  if (!service || ports.length === 0 || hasOtherService(construct, service, { app: name, istio: gatewayLabel(name) }))
    return [];
  return servers
    .filter(({ port }) => !ports.some((one) => one.port === port || one.targetPort === port))
    .map(
      ({ port }) =>
        `port ${String(port)} is not a port of the Service of ingressGateway '${name}', which has ${ports.map((one) => String(one.port)).join(', ')}: add it to values.service.ports of the gateway, or write one of those`,
    );
}

interface ServicePort {
  readonly port?: number;
  readonly targetPort?: number | string;
}

function portsOf(service: ApiObject): readonly ServicePort[] {
  const { spec } = service.toJson() as { readonly spec?: { readonly ports?: readonly ServicePort[] } };
  return spec?.ports ?? [];
}

/** Whether the app has another Service that may select the pods with these labels. */
function hasOtherService(construct: IConstruct, service: ApiObject, labels: Labels): boolean {
  return construct.node.root.node
    .findAll()
    .some(
      (one) =>
        one !== service &&
        isService(one) &&
        one.metadata.namespace === service.metadata.namespace &&
        mayLeadTo(one, labels),
    );
}

function mayLeadTo(service: ApiObject, labels: Labels): boolean {
  const { spec } = service.toJson() as { readonly spec?: { readonly selector?: Labels } };
  const selector = spec?.selector ?? {};
  return Object.keys(selector).length > 0 && canMatchBoth(selector, labels);
}

function isService(construct: IConstruct): construct is ApiObject {
  return 'kind' in construct && construct.kind === 'Service' && 'metadata' in construct;
}
