import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { fieldOf } from '../fields';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { MutualTls } from './mutual-tls';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  namespacedScopeProblems,
  renderSelector,
  scopedMetadata,
  type PolicyScope,
} from '../policy-scope';
import { showLabels } from '../labels';
import { warn } from '../warnings';

// Types already prevent this. The check is for programs in plain JavaScript.
const MODES: readonly string[] = Object.values(MutualTls);

/** Properties of {@link PeerAuthentication}. */
export interface PeerAuthenticationProps extends PolicyScope {
  /**
   * How the workloads accept connections from each other.
   *
   * @default - as for the workloads around them: the namespace's, else the mesh's, else PERMISSIVE
   */
  readonly mode?: MutualTls;

  /**
   * Ports, by container port number, that are treated differently; needs `workload`.
   *
   * @default - none
   */
  readonly ports?: Readonly<Record<number, MutualTls>>;

  /**
   * `metadata.name` of the object.
   *
   * @default - `default` for the mesh or a namespace, the construct's id for workloads
   */
  readonly name?: string;
}

/**
 * How workloads accept connections from each other: all of the mesh, those of a namespace, or some of a namespace's. The
 * narrowest one applies to a workload.
 *
 * Clients with a sidecar follow by themselves (auto mTLS, unless `meshConfig.enableAutoMtls` is false): pod by pod, they
 * send plain text where DISABLE holds and where there is no sidecar, and mutual TLS elsewhere. So it needs no
 * DestinationRule beside it, but in two cases, in which they look at the mode of the namespace or mesh alone:
 *
 * - pods behind a headless Service: where DISABLE is for some workloads or ports, add a `PlaintextService`;
 * - workloads that are STRICT in a namespace or mesh with DISABLE: clients send them plain text, which they refuse. Make
 *   the namespace PERMISSIVE, and DISABLE its other workloads; or add a DestinationRule with `tls: ISTIO_MUTUAL`.
 *
 * A DestinationRule that says `tls` itself overrides all of this.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export class PeerAuthentication extends MeshConstruct {
  /** The workloads that it is for. */
  readonly scope: PolicyScope;

  /** How they accept connections; as those around them, without. */
  readonly mode?: MutualTls;

  /** Ports that are treated differently. */
  readonly ports: Readonly<Record<number, MutualTls>>;

  /** The raw PeerAuthentication. */
  readonly peerAuthentication: ApiObject;

  private readonly namespace: () => string | undefined;

  /**
   * @throws Error when it says nothing, a workload comes without a namespace, ports without a workload, or a label, name
   * or port is not one; on synthesis, when it covers the mesh and neither the app nor the props know the root namespace,
   * or when it is for workloads of the root namespace
   */
  constructor(scope: Construct, id: string, props: PeerAuthenticationProps) {
    super(scope, id);
    const name = props.name ?? (props.workload ? id : 'default');
    this.scope = props;
    this.mode = props.mode;
    this.ports = props.ports ?? {};
    throwProblems(this, [...objectNameProblem(name), ...namespacedScopeProblems(props), ...this.problems()]);

    this.peerAuthentication = new ApiObject(this, 'Default', {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: scopedMetadata(name, props),
      spec: {
        ...renderSelector(props),
        ...fieldOf('mtls', { mode: this.mode }),
        ...fieldOf(
          'portLevelMtls',
          Object.fromEntries(Object.entries(this.ports).map(([port, mode]) => [port, { mode }])),
        ),
      },
    });
    if (this.mode === undefined && Object.keys(this.ports).length === 0) {
      warn(this, 'is empty: set mode or ports, or leave it out');
    }
    MeshOrder.of(this).addObjects(this);
    this.namespace = intoRootNamespace(this, props, this.peerAuthentication);
    if (props.workload) this.node.addValidation({ validate: () => this.unheeded() });
  }

  private problems(): string[] {
    const { mode, ports } = this;
    const modes = Object.entries({ mode, ...ports }).flatMap(([prop, given]) =>
      given === undefined || MODES.includes(given)
        ? []
        : [
            `${prop === 'mode' ? prop : `ports ${prop}`} '${given as string}' is none: write one of ${MODES.join(', ')}`,
          ],
    );
    const found = Object.keys(ports).flatMap((port) => {
      if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
        return [`ports has '${port}', which is not a port: write a whole number from 1 to 65535`];
      }
      return this.scope.workload
        ? []
        : [`ports ${port} needs a workload: set the prop workload to the labels of the pods that listen on it`];
    });
    return [...modes, ...found];
  }

  /** Istio skips those with a selector in the root namespace. */
  private unheeded(): string[] {
    const { workload = {} } = this.scope;
    const namespace = this.namespace();
    const roots = MeshOrder.of(this).controlPlanesOf(this);
    return namespace !== undefined && roots.some(({ rootNamespace }) => rootNamespace === namespace)
      ? [
          `workload ${showLabels(workload)} is in the root namespace '${namespace}', where Istio heeds no PeerAuthentication for single workloads: leave workload out to cover the mesh, or move the workload to another namespace`,
        ]
      : [];
  }
}
