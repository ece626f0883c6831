import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from './namespace-reference';
import { objectNameProblem } from '../object-name';
import { scopeProblems } from '../policy-scope';
import { MutualTls } from '../security/mutual-tls';
import { PeerAuthentication } from '../security/peer-authentication';
import { serviceHost, serviceName, serviceProblems, type ServiceReference } from './service-reference';

/** A Service that takes plain text, and its pods. */
export interface PlaintextServiceOptions {
  /** The Service, as an object or by its name. */
  readonly service: ServiceReference;

  /**
   * Labels of its pods, which get a PeerAuthentication with the mode PERMISSIVE.
   *
   * @default - no PeerAuthentication: without sidecars, nothing enforces one
   */
  readonly workload?: Readonly<Record<string, string>>;
}

/** Properties of {@link PlaintextService}. */
export interface PlaintextServiceProps extends PlaintextServiceOptions {
  /** The namespace of the Service, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /**
   * `metadata.name` of the objects.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Makes clients in the mesh send plain text to one Service: a DestinationRule with `tls: DISABLE`. It is for
 *
 * - pods without sidecars, in a namespace that has them otherwise;
 * - headless Services some of whose pods have none, or are DISABLE by a {@link PeerAuthentication} of their own: clients
 *   of these do not look at each pod.
 *
 * Where mutual TLS is STRICT, name the pods with `workload`: they take plain text then even while they still run a sidecar,
 * as those of a Service that is just leaving the mesh do.
 *
 * Istio uses only one traffic policy for a host and namespace: where a `TrafficPolicy` of the namespace sets one for this
 * Service, add `tls` to its raw DestinationRule instead.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
 */
export class PlaintextService extends MeshConstruct {
  /** The host of the Service in full. */
  readonly host: string;

  /** The raw DestinationRule. */
  readonly destinationRule: ApiObject;

  /** The raw PeerAuthentication, where the pods' labels are known. */
  readonly peerAuthentication?: ApiObject;

  /** @throws Error when the Service is in another namespace, or a name or label is not one */
  constructor(scope: Construct, id: string, props: PlaintextServiceProps) {
    super(scope, id);
    const { service, workload } = props;
    const name = props.name ?? id;
    const namespace = namespaceName(props.namespace);
    this.host = serviceHost(service, namespace);
    throwProblems(this, [...objectNameProblem(name), ...plaintextProblems(props, namespace)]);

    this.destinationRule = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name, namespace },
      spec: { host: this.host, trafficPolicy: { tls: { mode: 'DISABLE' } } },
    });
    MeshOrder.of(this).addObjects(this);
    if (workload) {
      const mode = MutualTls.PERMISSIVE;
      const pods = new PeerAuthentication(this, 'pods', { namespace, workload, mode, name });
      this.peerAuthentication = pods.peerAuthentication;
    }
  }
}

/** The problems with Services that a namespace has without sidecars, one sentence each. */
export function plaintextServicesProblems(services: readonly PlaintextServiceOptions[], namespace: string): string[] {
  const names = services.map(({ service }) => serviceName(service));
  return [
    ...(services.length === 0 ? ['withoutSidecars is empty: name a Service, or leave it out'] : []),
    ...services.flatMap((options) => plaintextProblems(options, namespace)),
    ...names
      .filter((name, index) => names.indexOf(name) < index)
      .map((name) => `withoutSidecars has service '${name}' twice: name it once`),
  ];
}

function plaintextProblems({ service, workload }: PlaintextServiceOptions, namespace: string): string[] {
  return [...serviceProblems('service', service, namespace), ...scopeProblems({ namespace, workload })];
}
