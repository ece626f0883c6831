import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { withoutNamespace } from '../cluster-scoped';
import { throwProblems } from '../construct-error';
import { MeshOrder } from '../mesh-order';
import { MutualTls } from '../security/mutual-tls';
import { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './namespace-ownership';
import { labelNameProblem } from '../object-name';
import { SidecarInjection } from './sidecar-injection';
import { annotationProblems, labelProblems } from '../workload-selector';

/** Properties of {@link MeshNamespace}. */
export interface MeshNamespaceProps {
  /** Name of the Namespace. */
  readonly name: string;

  /**
   * Which control plane, if any, adds sidecars to its pods.
   *
   * @default SidecarInjection.ENABLED
   */
  readonly injection?: SidecarInjection;

  /**
   * Whether the Namespace comes and goes with the stack, or exists already and survives it.
   *
   * @default NamespaceOwnership.CREATE
   */
  readonly ownership?: NamespaceOwnership;

  /**
   * Further labels of the Namespace; those of injection belong to `injection`.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Further annotations of the Namespace.
   *
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * A Namespace and its place in the mesh.
 *
 * With {@link SidecarInjection.DISABLED} two objects keep traffic from the mesh to it working:
 *
 * - a DestinationRule `no-sidecars`, by which clients send plain text to every Service of the namespace;
 * - a PeerAuthentication `default`, PERMISSIVE. Without sidecars nothing in the namespace enforces it; it matters while
 *   pods of a namespace that was just switched out still run the sidecar they had. Under the mesh's STRICT that sidecar
 *   would refuse the plain text that clients now send, and under DISABLE it would hand mutual TLS from clients that have
 *   not heard of the DestinationRule to the application as it is. PERMISSIVE takes both.
 *
 * The Namespace itself is `namespaceObject`, the escape hatch to the raw object.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
export class MeshNamespace extends Construct {
  /** Name of the Namespace. */
  readonly name: string;

  readonly injection: SidecarInjection;
  readonly ownership: NamespaceOwnership;

  /** The raw Namespace. */
  readonly namespaceObject: ApiObject;

  /** The raw DestinationRule of a namespace without sidecars. */
  readonly destinationRule?: ApiObject;

  /** The raw PeerAuthentication of a namespace without sidecars. */
  readonly peerAuthentication?: ApiObject;

  /** @throws Error when the name is no DNS label, or a label is one of those that `injection` sets */
  constructor(scope: Construct, id: string, props: MeshNamespaceProps) {
    super(scope, id);
    this.name = props.name;
    this.injection = props.injection ?? SidecarInjection.ENABLED;
    this.ownership = props.ownership ?? NamespaceOwnership.CREATE;
    throwProblems(this, this.problems(props));

    this.namespaceObject = new ApiObject(this, 'Default', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: this.name,
        labels: { ...props.labels, ...this.injection.labels },
        annotations: {
          ...props.annotations,
          ...(this.ownership === NamespaceOwnership.ADOPT ? { [OWNERSHIP_ANNOTATION]: 'adopted' } : {}),
        },
      },
    });
    withoutNamespace(this.namespaceObject);

    const order = MeshOrder.of(this);
    if (this.injection.injected) {
      order.addInjectedNamespace(this, this.name);
    } else {
      this.destinationRule = new ApiObject(this, 'destination-rule', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'no-sidecars', namespace: this.name },
        spec: { host: `*.${this.name}.svc.cluster.local`, trafficPolicy: { tls: { mode: 'DISABLE' } } },
      });
      this.peerAuthentication = new ApiObject(this, 'peer-authentication', {
        apiVersion: 'security.istio.io/v1',
        kind: 'PeerAuthentication',
        metadata: { name: 'default', namespace: this.name },
        spec: { mtls: { mode: MutualTls.PERMISSIVE } },
      });
    }
    order.addObjects(this);
  }

  private problems(props: MeshNamespaceProps): string[] {
    const { labels = {}, annotations = {} } = props;
    const problems = [
      ...labelNameProblem('namespace', props.name),
      ...labelProblems('labels', labels),
      ...annotationProblems('annotation', annotations),
    ];
    const { revisionName } = this.injection;
    if (revisionName !== undefined) problems.push(...labelNameProblem('revision', revisionName));
    for (const label of ['istio-injection', 'istio.io/rev']) {
      const value = labels[label];
      if (value !== undefined) {
        problems.push(`label '${label}: ${value}' belongs to the prop injection: set it there and leave the label out`);
      }
    }
    const ownership = annotations[OWNERSHIP_ANNOTATION];
    if (ownership !== undefined) {
      problems.push(`annotation '${OWNERSHIP_ANNOTATION}: ${ownership}' belongs to the prop ownership: set it there`);
    }
    return problems;
  }
}

/** A namespace, as the construct or by its name. */
export type NamespaceReference = MeshNamespace | string;

/** The name of a namespace that is given as the construct or by its name. */
export function namespaceName(namespace: NamespaceReference): string {
  return typeof namespace === 'string' ? namespace : namespace.name;
}
