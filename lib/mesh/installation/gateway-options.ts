import { definedFields, fieldOf } from '../fields';
import { labelNameProblem } from '../object-name';
import {
  CHART_PROXY_RESOURCES,
  renderResources,
  resourceProblems,
  type ContainerResources,
} from './container-resources';
import type { HelmValues } from './istio-values';
import { releaseName } from './release-name';
import { gatewayReplicas, replicasProblems, type Replicas } from './replicas';
import { revisionProblem } from './revisions';

/** Type of a gateway's Service. */
export type GatewayServiceType = 'LoadBalancer' | 'NodePort' | 'ClusterIP';

/** Options that ingress and egress gateways have in common. */
export interface GatewayOptions {
  /**
   * Name of the gateway's Deployment, Service and ServiceAccount; the labels `app` and `istio` of the pods are derived
   * from it.
   */
  readonly name: string;

  /**
   * The namespace in which the gateway runs. Injection must not be disabled in it.
   *
   * @default - the module's
   */
  readonly namespace?: string;

  /**
   * Revision or tag of the control plane that injects the gateway's proxy. In a namespace with an injection label, such
   * as the module's, the label takes precedence.
   *
   * @default - the module's
   */
  readonly revision?: string;

  /**
   * Whether connections from outside only reach pods on the node at which they arrive, which preserves the client's
   * address (`Local`), or any pod (`Cluster`).
   *
   * @default 'Cluster'
   * @see https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
   */
  readonly externalTrafficPolicy?: 'Local' | 'Cluster';

  /**
   * Number of pods: a fixed number, or a range for autoscaling.
   *
   * @default - the chart's: 1 to 5, at 80% of the requested CPU
   */
  readonly replicas?: Replicas;

  /**
   * Resources of the gateway's proxy.
   *
   * @default - the chart's: requests of 100m and 128Mi, limits of 2000m and 1024Mi
   */
  readonly resources?: ContainerResources;

  /**
   * Raw values of the gateway chart, merged last.
   *
   * @default - none
   * @see https://istio.io/latest/docs/setup/additional-setup/gateway/
   */
  readonly values?: HelmValues;
}

/** An ingress gateway. */
export interface IngressGateway extends GatewayOptions {
  /**
   * Type of the Service.
   *
   * @default 'LoadBalancer'
   */
  readonly serviceType?: GatewayServiceType;
}

/** An egress gateway. */
export interface EgressGateway extends GatewayOptions {
  /**
   * Type of the Service.
   *
   * @default 'ClusterIP'
   */
  readonly serviceType?: GatewayServiceType;
}

/** A gateway with its kind. */
export interface ModuleGateway extends GatewayOptions {
  readonly kind: 'ingress' | 'egress';
  readonly serviceType?: GatewayServiceType;
}

/** The gateways of a module in one list. */
export function moduleGateways(
  ingress: readonly IngressGateway[] = [],
  egress: readonly EgressGateway[] = [],
): readonly ModuleGateway[] {
  return [
    ...ingress.map((gateway) => ({ kind: 'ingress' as const, ...gateway })),
    ...egress.map((gateway) => ({ kind: 'egress' as const, ...gateway })),
  ];
}

/** The problems with the gateways of a module, one sentence each. */
export function gatewayProblems(gateways: readonly ModuleGateway[]): string[] {
  const names = gateways.map(({ name }) => name);
  return gateways.flatMap((gateway, index) => {
    const { kind, name, namespace, revision, externalTrafficPolicy, replicas, resources = {} } = gateway;
    const title = `${kind} gateway '${name}'`;
    const found = labelNameProblem(`${kind} gateway`, name);
    if (names.indexOf(name) < index) found.push(`${title} is defined twice: give each a different name`);
    if (namespace !== undefined) found.push(...labelNameProblem(`${title}: namespace`, namespace));
    if (revision !== undefined) found.push(...revisionProblem(`${title}: revision`, revision));
    if (externalTrafficPolicy !== undefined && serviceType(gateway) === 'ClusterIP') {
      found.push(
        `${title}: externalTrafficPolicy '${externalTrafficPolicy}' is not supported for a Service of type ClusterIP, which is not reachable from outside: leave it out, or set serviceType`,
      );
    }
    const inner = [
      ...replicasProblems('replicas', replicas),
      ...resourceProblems('resources', resources, CHART_PROXY_RESOURCES),
    ];
    return [...found, ...inner.map((problem) => `${title}: ${problem}`)];
  });
}

/** A gateway as values of the gateway chart, without the raw values. */
export function gatewayValues(gateway: ModuleGateway, revision: string | undefined): HelmValues {
  const { externalTrafficPolicy, replicas, resources = {} } = gateway;
  const type = gateway.kind === 'egress' ? serviceType(gateway) : gateway.serviceType;
  return {
    ...(releaseName(gateway.name) === gateway.name ? {} : { name: gateway.name }),
    ...definedFields({ revision: gateway.revision ?? revision }),
    ...fieldOf('service', { type, externalTrafficPolicy }),
    ...gatewayReplicas(replicas),
    ...fieldOf('resources', { ...renderResources(resources) }),
  };
}

function serviceType({ kind, serviceType: given }: ModuleGateway): GatewayServiceType {
  return given ?? (kind === 'ingress' ? 'LoadBalancer' : 'ClusterIP');
}
