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
   * The part of the mesh that the sidecars know.
   *
   * @default - the whole mesh
   */
  readonly egress?: EgressScope;

  /**
   * Listeners of the sidecars for inbound traffic of their pods.
   *
   * @default - the ports of the pods' Services
   */
  readonly ingress?: readonly IngressListener[];

  /**
   * Settings of the connections from the sidecars to their own application, unless a listener overrides them.
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
 * Configures which part of the mesh sidecars know, and on which ports they listen. It applies to the sidecars of the
 * whole mesh, a namespace, or some of its workloads. Sidecar resources are not merged: only the most specific one
 * applies to a proxy. `MeshNamespace.egress` is a shortcut for the Sidecar of a namespace.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
export class Sidecar extends MeshConstruct {
  /** The workloads to whose sidecars the construct applies. */
  readonly scope: PolicyScope;

  /** The raw Sidecar. */
  readonly sidecar: ApiObject;

  private readonly egress: EgressScope;

  /**
   * @throws Error that lists all problems with the props. At synthesis, if the Sidecar excludes hosts and the app's
   * Istio is older than 1.31, or if it applies to the mesh and neither the app nor the props set the root namespace
   */
  constructor(scope: Construct, id: string, props: SidecarProps) {
    super(scope, id);
    const { egress, ingress, inboundConnectionPool, workload } = props;
    const name = props.name ?? (workload ? id : 'default');
    // In a Sidecar for the whole mesh, `.` is the namespace of each sidecar, not the root namespace.
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
        `egress excludes '${excluded}', which Istio ${version} does not support: name the remaining hosts, or use a version of at least 1.31.0`,
    );
  }
}
