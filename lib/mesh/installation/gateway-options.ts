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

/** How a gateway's Service is reached. */
export type GatewayServiceType = 'LoadBalancer' | 'NodePort' | 'ClusterIP';

/** What ingress and egress gateways have in common. */
export interface GatewayOptions {
  /** Name of the gateway's Deployment, Service and ServiceAccount; the pods' labels `app` and `istio` derive from it. */
  readonly name: string;

  /**
   * The namespace that it runs in, in which injection is not disabled.
   *
   * @default - the module's
   */
  readonly namespace?: string;

  /**
   * The revision or tag whose control plane gives the gateway its proxy. In a namespace that is labelled for injection,
   * as the module's is, that label decides.
   *
   * @default - the module's
   */
  readonly revision?: string;

  /**
   * Whether connections from outside reach pods of their own node alone, which keeps the client's address, or any pod.
   *
   * @default 'Cluster'
   * @see https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
   */
  readonly externalTrafficPolicy?: 'Local' | 'Cluster';

  /**
   * How many pods there are: a fixed number, or a range that follows the load.
   *
   * @default - the chart's: 1 to 5, at 80 % of the requested processor time
   */
  readonly replicas?: Replicas;

  /**
   * Resources of the gateway's proxy.
   *
   * @default - the chart's: requests of 100m and 128Mi, limits of 2000m and 1024Mi
   */
  readonly resources?: ContainerResources;

  /**
   * Raw values of the chart gateway, merged last.
   *
   * @default - none
   * @see https://istio.io/latest/docs/setup/additional-setup/gateway/
   */
  readonly values?: HelmValues;
}

/** An ingress gateway. */
export interface IngressGateway extends GatewayOptions {
  /**
   * How the Service is reached.
   *
   * @default 'LoadBalancer'
   */
  readonly serviceType?: GatewayServiceType;
}

/** An egress gateway. */
export interface EgressGateway extends GatewayOptions {
  /**
   * How the Service is reached.
   *
   * @default 'ClusterIP'
   */
  readonly serviceType?: GatewayServiceType;
}

/** A gateway, with what it is for. */
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
    if (names.indexOf(name) < index) found.push(`${title} is there twice: give each another name`);
    if (namespace !== undefined) found.push(...labelNameProblem(`${title}: namespace`, namespace));
    if (revision !== undefined) found.push(...revisionProblem(`${title}: revision`, revision));
    if (externalTrafficPolicy !== undefined && serviceType(gateway) === 'ClusterIP') {
      found.push(
        `${title}: externalTrafficPolicy '${externalTrafficPolicy}' is not for a Service of type ClusterIP, which nothing outside reaches: leave it out, or set serviceType`,
      );
    }
    const inner = [
      ...replicasProblems('replicas', replicas),
      ...resourceProblems('resources', resources, CHART_PROXY_RESOURCES),
    ];
    return [...found, ...inner.map((problem) => `${title}: ${problem}`)];
  });
}

/** A gateway, as values of the chart gateway, before the raw ones. */
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
