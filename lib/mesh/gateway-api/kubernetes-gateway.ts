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

/** What istiod gives the pods of a {@link KubernetesGateway} and the objects around them. */
export interface GatewayInfrastructure {
  /**
   * Their labels.
   *
   * @default - Istio's alone
   */
  readonly labels?: Labels;

  /**
   * Their annotations, such as `networking.istio.io/service-type: ClusterIP`.
   *
   * @default - Istio's alone
   */
  readonly annotations?: Readonly<Record<string, string>>;

  /**
   * Name of the ConfigMap in the Gateway's namespace whose keys `deployment`, `service`, `horizontalPodAutoscaler` and so on
   * are merged into the objects.
   *
   * @default - none
   */
  readonly configMap?: string;
}

/** Properties of {@link KubernetesGateway}. */
export interface KubernetesGatewayProps extends GatewayTlsProps {
  /** The namespace of the Gateway, in which its pods run, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /** The ports, and what is taken there, 1 to 64. */
  readonly listeners: readonly Listener[];

  /**
   * Name of the GatewayClass. istiod makes `istio`, whose pods it deploys.
   *
   * @default 'istio'
   */
  readonly gatewayClass?: string;

  /**
   * The Service of pods that are there already, such as those of a gateway that the module installs: one of the Gateway's
   * namespace, as an object or by its name. A port of the listeners is one of the Service's.
   *
   * @default - istiod deploys pods and a Service for the Gateway
   */
  readonly service?: ServiceReference;

  /**
   * The IP address that the Service of type LoadBalancer requests.
   *
   * @default - whatever the cloud gives
   */
  readonly loadBalancerIp?: string;

  /**
   * The namespaces whose ListenerSets may add listeners.
   *
   * @default - none
   */
  readonly allowedListeners?: NamespacesAllowed;

  /**
   * What istiod gives the pods and the objects around them.
   *
   * @default - Istio's alone
   */
  readonly infrastructure?: GatewayInfrastructure;

  /**
   * `metadata.name` of the Gateway. The objects that istiod deploys have the name of the class behind it: `public-istio`.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * What comes into the mesh through a gateway, in the words of the Gateway API: the kind `Gateway` of
 * `gateway.networking.k8s.io`. The construct {@link Gateway} is Istio's own kind. Where requests go, say the
 * {@link HTTPRoute}s and other routes whose parent it is.
 *
 * istiod deploys the pods, and with a new version of Istio a new image: nothing has to be restarted. The
 * CustomResourceDefinitions come from the Gateway API, version 1.5 or newer, and not with Istio.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/
 */
export class KubernetesGateway extends MeshConstruct {
  /** Name of the Gateway. */
  readonly name: string;

  /** Name of its namespace. */
  readonly namespace: string;

  readonly listeners: readonly Listener[];

  /** The raw Gateway. */
  readonly gatewayObject: ApiObject;

  /**
   * @throws Error that lists all problems: listeners that share a name, or a port and a host; TLS where the protocol
   * has none, and none where it needs it; a Service of another namespace; hostnames, labels or names that are none
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
  `${prop} is for what istiod deploys, and with service it deploys nothing: leave out one of them`;
