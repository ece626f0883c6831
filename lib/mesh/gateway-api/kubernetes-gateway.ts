import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { definedFields } from '../fields';
import { gatewayApiObject } from './gateway-api-object';
import { gatewayTlsProblems, renderGatewayTls, type GatewayTlsProps } from './gateway-tls';
import {
  listenerProblems,
  listenerWarnings,
  namespaceProblems,
  namespaceWarnings,
  renderListener,
  renderNamespaces,
  type Listener,
  type NamespacesAllowed,
} from './listener';
import { annotationProblems, labelProblems, type Labels } from '../labels';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';
import { isIpAddress } from '../security/ip-block';
import { serviceHost, serviceProblems, type ServiceReference } from '../namespaces/service-reference';
import { warn } from '../warnings';

/** Metadata and configuration of the pods and other objects that istiod deploys for a {@link KubernetesGateway}. */
export interface GatewayInfrastructure {
  /**
   * Labels of the objects.
   *
   * @default - only Istio's
   */
  readonly labels?: Labels;

  /**
   * Annotations of the objects, such as `networking.istio.io/service-type: ClusterIP`.
   *
   * @default - only Istio's
   */
  readonly annotations?: Readonly<Record<string, string>>;

  /**
   * Name of the ConfigMap in the Gateway's namespace whose keys `deployment`, `service`, `horizontalPodAutoscaler` and
   * so on are merged into the objects.
   *
   * @default - none
   */
  readonly configMap?: string;
}

/** Properties of {@link KubernetesGateway}. */
export interface KubernetesGatewayProps extends GatewayTlsProps {
  /** The namespace of the Gateway, in which its pods run, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /** Listeners of the Gateway, 1 to 64. */
  readonly listeners: readonly Listener[];

  /**
   * Name of the GatewayClass. istiod creates the class `istio` and deploys the pods of its Gateways.
   *
   * @default 'istio'
   */
  readonly gatewayClass?: string;

  /**
   * Service of existing pods, such as those of a gateway that the module installs. It must be in the Gateway's
   * namespace; give it as an object or by name. The ports of the listeners must be ports of this Service. Policies that
   * have the Gateway in `targets` apply to these pods only if the pods have the label
   * `gateway.networking.k8s.io/gateway-name` with the name of the Gateway as its value. istiod does not set it there.
   *
   * @default - istiod deploys pods and a Service for the Gateway
   */
  readonly service?: ServiceReference;

  /**
   * The IP address that the Service of type LoadBalancer requests.
   *
   * @default - the cloud provider chooses the address
   */
  readonly loadBalancerIp?: string;

  /**
   * The namespaces whose ListenerSets may add listeners.
   *
   * @default - none
   */
  readonly allowedListeners?: NamespacesAllowed;

  /**
   * Metadata and configuration of the pods and other objects that istiod deploys.
   *
   * @default - only Istio's
   */
  readonly infrastructure?: GatewayInfrastructure;

  /**
   * `metadata.name` of the Gateway. The names of the objects that istiod deploys have the name of the class as a
   * suffix, such as `public-istio`.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * A gateway through which traffic enters the mesh, of the Gateway API kind `Gateway` (`gateway.networking.k8s.io`).
 * {@link HTTPRoute}s and other routes whose parent is this Gateway define where its requests go. For Istio's own kind,
 * use the construct {@link Gateway}.
 *
 * istiod deploys the pods, and updates their image with a new version of Istio, so they need no restart. The
 * CustomResourceDefinitions are not part of Istio: install those of the Gateway API, version 1.5 or newer.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/
 */
export class KubernetesGateway extends MeshConstruct {
  /** Name of the Gateway. */
  readonly name: string;

  /** Namespace of the Gateway. */
  readonly namespace: string;

  readonly listeners: readonly Listener[];

  /** The raw Gateway. */
  readonly gatewayObject: ApiObject;

  /**
   * @throws Error that lists all problems: listeners that share a name, or a port and a host; TLS with a protocol
   * without TLS, or missing TLS; a Service in another namespace; invalid hostnames, labels or names
   */
  constructor(scope: Construct, id: string, props: KubernetesGatewayProps) {
    super(scope, id);
    const { listeners, allowedListeners, gatewayClass = 'istio', service, loadBalancerIp, infrastructure } = props;
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    this.listeners = listeners;
    throwProblems(this, [
      ...labelNameProblem('gateway', this.name),
      ...labelNameProblem('namespace', this.namespace),
      ...labelNameProblem('gatewayClass', gatewayClass),
      ...listenerProblems(listeners),
      ...namespaceProblems('allowedListeners', allowedListeners),
      ...gatewayTlsProblems(props),
      ...(service === undefined ? [] : serviceProblems('service', service, this.namespace)),
      ...(infrastructure ? infrastructureProblems(infrastructure) : []),
      ...(loadBalancerIp === undefined || isIpAddress(loadBalancerIp)
        ? []
        : [`loadBalancerIp '${loadBalancerIp}' is not an IP address: write one such as '203.0.113.1'`]),
      ...(service !== undefined && loadBalancerIp !== undefined ? [undeployed('loadBalancerIp')] : []),
    ]);
    this.gatewayObject = gatewayApiObject(
      this,
      'Gateway',
      { name: this.name, namespace: this.namespace },
      definedFields({
        gatewayClassName: gatewayClass,
        addresses: renderAddresses(props, this.namespace),
        infrastructure: infrastructure && renderInfrastructure(infrastructure),
        allowedListeners: allowedListeners && { namespaces: renderNamespaces(allowedListeners) },
        tls: renderGatewayTls(props, this.namespace),
        listeners: listeners.map((listener) => renderListener(listener, this.namespace)),
      }),
    );
    if (service !== undefined && infrastructure) warn(this, undeployed('infrastructure'));
    warn(this, ...listenerWarnings(listeners), ...namespaceWarnings('allowedListeners', allowedListeners));
  }
}

function renderInfrastructure({ labels, annotations, configMap }: GatewayInfrastructure) {
  return definedFields({
    labels,
    annotations,
    parametersRef: configMap === undefined ? undefined : { group: '', kind: 'ConfigMap', name: configMap },
  });
}

function renderAddresses({ service, loadBalancerIp }: KubernetesGatewayProps, namespace: string) {
  if (service !== undefined) return [{ type: 'Hostname', value: serviceHost(service, namespace) }];
  return loadBalancerIp === undefined ? undefined : [{ type: 'IPAddress', value: loadBalancerIp }];
}

function infrastructureProblems({ labels = {}, annotations = {}, configMap }: GatewayInfrastructure): string[] {
  return [
    ...labelProblems('infrastructure.labels', labels),
    ...annotationProblems('infrastructure.annotations', annotations),
    ...(configMap === undefined ? [] : labelNameProblem('infrastructure.configMap', configMap)),
  ];
}

const undeployed = (prop: string) =>
  `${prop} configures what istiod deploys, but with the prop service, it deploys nothing: leave out one of them`;
