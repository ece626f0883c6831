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

/** A Service that accepts plain text, and its pods. */
export interface PlaintextServiceOptions {
  /** The Service, as an object or by its name. */
  readonly service: ServiceReference;

  /**
   * Labels of the Service's pods, which get a PeerAuthentication with the mode PERMISSIVE.
   *
   * @default - none, and no PeerAuthentication; without sidecars, nothing would enforce one
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
 * Makes clients in the mesh send plain text to a Service, with a DestinationRule with `tls: DISABLE`. Use it for
 *
 * - pods without sidecars in a namespace with injection;
 * - headless Services if some of their pods have no sidecar, or if a {@link PeerAuthentication} sets the mode DISABLE
 *   for some of them: clients of headless Services do not consider individual pods.
 *
 * If mutual TLS is STRICT, select the pods with `workload`. They then also accept plain text while they still have a
 * sidecar, for example while the Service leaves the mesh.
 *
 * Istio uses only one traffic policy for a host and namespace. If a `TrafficPolicy` in the namespace sets one for this
 * Service, add `tls` to its raw DestinationRule instead.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
 */
export class PlaintextService extends MeshConstruct {
  /** The full host of the Service. */
  readonly host: string;

  /** The raw DestinationRule. */
  readonly destinationRule: ApiObject;

  /** The raw PeerAuthentication, if `workload` is set. */
  readonly peerAuthentication?: ApiObject;

  /** @throws Error if the Service is in another namespace, or a name or label is invalid */
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

/** The problems with the Services without sidecars of a namespace, one sentence each. */
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
