import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import {
  egressScopeProblems,
  egressScopeWarnings,
  excludedFromScope,
  renderEgressScope,
  type EgressScope,
} from './egress-scope';
import { fieldOf } from '../fields';
import { inboundPoolProblems, renderInboundPool, type InboundConnectionPool } from './inbound-connection-pool';
import { ingressProblems, renderIngressListener, type IngressListener } from './ingress-listener';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName } from './namespace-reference';
import { objectNameProblem } from '../object-name';
import { intoRootNamespace, namespacedScopeProblems, scopedMetadata, type PolicyScope } from '../policy-scope';
import { warn } from '../warnings';

/** Properties of {@link Sidecar}. */
export interface SidecarProps extends PolicyScope {
  /**
   * What the sidecars know of the mesh.
   *
   * @default - all of it
   */
  readonly egress?: EgressScope;

  /**
   * What the sidecars listen to on behalf of their pods.
   *
   * @default - the ports of the pods' Services
   */
  readonly ingress?: readonly IngressListener[];

  /**
   * The connections of the sidecars to their own application, unless a listener overrides it.
   *
   * @default - Istio's
   */
  readonly inboundConnectionPool?: InboundConnectionPool;

  /**
   * `metadata.name` of the object.
   *
   * @default - `default` for the mesh or a namespace, the construct's id for workloads
   */
  readonly name?: string;
}

/**
 * What sidecars know of the mesh, and what they listen to: those of the whole mesh, of a namespace, or of some of its
 * workloads. The narrowest one applies to a sidecar, and alone: nothing is merged. `MeshNamespace.egress` is the short way
 * to the one of a namespace.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export class Sidecar extends MeshConstruct {
  /** The workloads whose sidecars it is for. */
  readonly scope: PolicyScope;

  /** The raw Sidecar. */
  readonly sidecar: ApiObject;

  private readonly egress: EgressScope;

  /**
   * @throws Error that lists all problems with the props; on synthesis, when it takes hosts away and the app's Istio is
   * older than 1.31, or when it covers the mesh and neither the app nor the props know the root namespace
   */
  constructor(scope: Construct, id: string, props: SidecarProps) {
    super(scope, id);
    const { egress, ingress, inboundConnectionPool, workload } = props;
    const name = props.name ?? (workload ? id : 'default');
    // Of one for the whole mesh, `.` is the namespace of each sidecar, and not the root namespace.
    const namespace = props.namespace === undefined ? undefined : namespaceName(props.namespace);
    this.scope = props;
    this.egress = egress ?? {};
    throwProblems(this, [
      ...objectNameProblem(name),
      ...namespacedScopeProblems(props),
      ...((egress ?? ingress ?? inboundConnectionPool) ? [] : ['is empty: set egress, or ingress']),
      ...(egress ? egressScopeProblems(egress, namespace) : []),
      ...(ingress ? ingressProblems(ingress) : []),
      ...(inboundConnectionPool ? inboundPoolProblems('inboundConnectionPool', inboundConnectionPool) : []),
    ]);

    this.sidecar = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: scopedMetadata(name, props),
      spec: {
        ...(workload ? { workloadSelector: { labels: workload } } : {}),
        ...(ingress ? { ingress: ingress.map(renderIngressListener) } : {}),
        ...renderEgressScope(this.egress, namespace),
        ...fieldOf('inboundConnectionPool', renderInboundPool(inboundConnectionPool ?? {})),
      },
    });
    warn(this, ...egressScopeWarnings(this.egress, namespace));
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.sidecar);
    this.node.addValidation({ validate: () => this.unknownExclusions() });
  }

  private unknownExclusions(): string[] {
    const [excluded] = excludedFromScope(this.egress);
    if (excluded === undefined) return [];
    const older = MeshOrder.of(this)
      .controlPlanesOf(this)
      .flatMap(({ version }) => (version !== undefined && /^1\.([12]?\d|30)\./.test(version) ? [version] : []));
    return older.map(
      (version) =>
        `egress takes away '${excluded}', which Istio ${version} does not know: name the hosts that are left, or use a version from 1.31.0 on`,
    );
  }
}
