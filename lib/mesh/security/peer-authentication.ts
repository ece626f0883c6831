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

// Types already prevent other values. The check is for programs in plain JavaScript.
const MODES: readonly string[] = Object.values(MutualTls);

/** Properties of {@link PeerAuthentication}. */
export interface PeerAuthenticationProps extends PolicyScope {
  /**
   * The connections that the workloads accept.
   *
   * @default - inherited: the mode of the namespace, otherwise of the mesh, otherwise PERMISSIVE
   */
  readonly mode?: MutualTls;

  /**
   * Modes of individual ports, by container port number. Needs `workload`.
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
 * Sets the connections that workloads accept from each other. It applies to the whole mesh, a namespace, or some
 * workloads of a namespace. The most specific PeerAuthentication applies to a workload.
 *
 * Clients with a sidecar adapt automatically (auto mTLS, unless `meshConfig.enableAutoMtls` is false). For each pod,
 * they send plain text if its mode is DISABLE or it has no sidecar, and mutual TLS otherwise. Clients consider only the
 * mode of the namespace or mesh in two cases, which therefore need more than this object:
 *
 * - pods behind a headless Service: if DISABLE applies to some workloads or ports, add a `PlaintextService`, which
 *   creates a DestinationRule;
 * - workloads with STRICT in a namespace or mesh with DISABLE: clients send plain text, which these workloads refuse.
 *   Make the namespace PERMISSIVE and set DISABLE for its other workloads, or add a DestinationRule with `tls:
 *   ISTIO_MUTUAL`.
 *
 * A DestinationRule that sets `tls` overrides all of this.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export class PeerAuthentication extends MeshConstruct {
  /** The workloads to which the mode applies. */
  readonly scope: PolicyScope;

  /** The connections that the workloads accept; undefined if the mode is inherited. */
  readonly mode?: MutualTls;

  /** Modes of individual ports. */
  readonly ports: Readonly<Record<number, MutualTls>>;

  /** The raw PeerAuthentication. */
  readonly peerAuthentication: ApiObject;

  private readonly namespace: () => string | undefined;

  /**
   * @throws Error if it has a workload without a namespace, ports without a workload, or an invalid label, name or
   * port. At synthesis, if it applies to the mesh and neither the app nor the props set the root namespace, or if it
   * applies to individual workloads in the root namespace
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
            `${prop === 'mode' ? prop : `ports ${prop}`} '${given as string}' is not a mode: write one of ${MODES.join(', ')}`,
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

  /** Istio ignores PeerAuthentications with a selector in the root namespace. */
  private unheeded(): string[] {
    const { workload = {} } = this.scope;
    const namespace = this.namespace();
    const roots = MeshOrder.of(this).controlPlanesOf(this);
    return namespace !== undefined && roots.some(({ rootNamespace }) => rootNamespace === namespace)
      ? [
          `workload ${showLabels(workload)} is in the root namespace '${namespace}', where Istio ignores a PeerAuthentication for individual workloads: leave workload out to apply it to the mesh, or move the workload to another namespace`,
        ]
      : [];
  }
}
