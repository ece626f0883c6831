import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { NEVER_INJECTED } from '../../never-injected';
import { withoutNamespace } from '../cluster-scoped';
import { describe, throwProblems } from '../construct-error';
import { egressScopeProblems, type EgressScope } from './egress-scope';
import { IstioInstallation } from '../installation/istio-installation';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { MutualTls } from '../security/mutual-tls';
import { NamespaceOwnership, OWNERSHIP_ANNOTATION } from './namespace-ownership';
import { labelNameProblem } from '../object-name';
import { PlaintextService, plaintextServicesProblems, type PlaintextServiceOptions } from './plaintext-service';
import {
  POD_SECURITY_PREFIX,
  podSecurityLabels,
  podSecurityProblems,
  refusedWithoutCni,
  type PodSecurity,
  type PodSecurityLevel,
} from './pod-security';
import { serviceName, type ServiceReference } from './service-reference';
import { Sidecar } from './sidecar';
import { SidecarInjection } from './sidecar-injection';
import { annotationProblems, labelProblems } from '../labels';

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
   * Whether the stack creates and deletes the Namespace, or uses an existing one and keeps it.
   *
   * @default NamespaceOwnership.CREATE
   */
  readonly ownership?: NamespaceOwnership;

  /**
   * The hosts that the sidecars of the namespace know, unless a {@link Sidecar} for workloads overrides them.
   *
   * @default - the hosts of a Sidecar for the mesh, otherwise all hosts
   */
  readonly egress?: EgressScope;

  /**
   * Services whose pods have no sidecar. Clients in the mesh send plain text to them. If mutual TLS is STRICT, name the
   * labels of the pods with each Service (`workload`); see {@link PlaintextService}.
   *
   * @default - with injection, none; without injection, every Service of the namespace
   */
  readonly withoutSidecars?: readonly (ServiceReference | PlaintextServiceOptions)[];

  /**
   * The Pod Security Standards of the namespace.
   *
   * @default - the defaults of the cluster
   */
  readonly podSecurity?: PodSecurity;

  /**
   * Further labels of the Namespace. Use `injection` for injection labels, and `podSecurity` for Pod Security labels.
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
 * A Namespace, created or adopted, with or without sidecars.
 *
 * If `withoutSidecars` lists Services, each of them has a {@link PlaintextService}. Otherwise, with
 * {@link SidecarInjection.DISABLED}, two objects keep traffic from the mesh to the namespace working:
 *
 * - a DestinationRule `no-sidecars`, so that clients send plain text to every Service of the namespace;
 * - a PeerAuthentication `default`, PERMISSIVE. Without sidecars, nothing in the namespace enforces it. It matters
 *   while pods of a namespace that has just left the mesh still run their sidecar. With STRICT, that sidecar would
 *   refuse the plain text that clients now send. With DISABLE, the application would receive the mutual TLS of clients
 *   that do not have the DestinationRule yet. PERMISSIVE accepts both.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
export class MeshNamespace extends MeshConstruct {
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

  /** The Services in `withoutSidecars`, in the same order. */
  readonly plaintextServices: readonly PlaintextService[];

  /** The hosts that the sidecars know, if `egress` is set. */
  readonly sidecar?: Sidecar;

  /**
   * @throws Error that lists all problems: invalid names, labels, annotations or hosts, labels or annotations that
   * other props set, a Service in another namespace, injection where Istio never injects sidecars. At synthesis, if
   * `podSecurity` rejects what pods need without Istio's CNI node agent, or if the app has control planes, but none
   * with the revision that `injection` selects
   */
  constructor(scope: Construct, id: string, props: MeshNamespaceProps) {
    super(scope, id);
    const { egress, podSecurity = {} } = props;
    const withoutSidecars = props.withoutSidecars?.map(plaintextOptions);
    this.name = props.name;
    this.injection = props.injection ?? SidecarInjection.ENABLED;
    this.ownership = props.ownership ?? NamespaceOwnership.CREATE;
    throwProblems(this, this.problems(props, withoutSidecars));

    this.namespaceObject = new ApiObject(this, 'Default', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: this.name,
        labels: { ...props.labels, ...this.injection.labels, ...podSecurityLabels(podSecurity) },
        annotations: {
          ...props.annotations,
          ...(this.ownership === NamespaceOwnership.ADOPT ? { [OWNERSHIP_ANNOTATION]: 'adopted' } : {}),
        },
      },
    });
    withoutNamespace(this.namespaceObject);

    const order = MeshOrder.of(this);
    if (this.injection.injected) {
      order.addInjectedNamespace(this.name);
    } else if (!withoutSidecars) {
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
    this.plaintextServices = (withoutSidecars ?? []).map(({ service, workload }) => {
      const name = `no-sidecars-${serviceName(service)}`;
      return new PlaintextService(this, name, { namespace: this.name, service, workload });
    });
    if (egress) this.sidecar = new Sidecar(this, 'sidecar', { namespace: this.name, egress });
    const level = refusedWithoutCni(podSecurity);
    if (level !== undefined && this.injection.injected) {
      this.node.addValidation({ validate: () => this.refusedPods(level) });
    }
    this.node.addValidation({ validate: () => this.unservedInjection(order) });
  }

  private unservedInjection(order: MeshOrder): string[] {
    const { injected, revisionName } = this.injection;
    const known = [...new Set(order.controlPlanesOf(this).flatMap(({ revisions }) => revisions))];
    if (!injected || known.length === 0 || known.includes(revisionName ?? 'default')) return [];
    const asked =
      revisionName === undefined ? 'SidecarInjection.ENABLED' : `SidecarInjection.revision('${revisionName}')`;
    return [
      `no control plane of the app serves injection ${asked}; the app has only the revisions and tags ${known.map((name) => `'${name}'`).join(', ')}: ` +
        (revisionName === undefined
          ? "name one of them with SidecarInjection.revision, or give a module the revision tag 'default'"
          : 'name one of them, or declare the other control plane with ExistingIstio'),
    ];
  }

  /** The problem with Pod Security for the init container that pods get without the CNI node agent. */
  private refusedPods(level: PodSecurityLevel): string[] {
    const controlPlanes = MeshOrder.of(this).controlPlanesOf(this);
    if (controlPlanes.length === 0 || controlPlanes.some(({ cni }) => cni !== false)) return [];
    // The node agent belongs to the installation that the others run beside.
    const owners = controlPlanes.map(({ module }) =>
      module instanceof IstioInstallation ? module.foundation : module,
    );
    const titles = [...new Set(owners.map(describe))].join(' and ');
    return [
      `podSecurity.enforce '${level}' rejects every pod with a sidecar, because without the CNI node agent it has an init container with NET_ADMIN and NET_RAW: use the node agent (prop cni of ${titles}), or write PodSecurityLevel.PRIVILEGED`,
    ];
  }

  private problems(
    { name, labels = {}, annotations = {}, egress, podSecurity }: MeshNamespaceProps,
    withoutSidecars: readonly PlaintextServiceOptions[] | undefined,
  ): string[] {
    const problems = labelNameProblem('namespace', name);
    const { revisionName, injected } = this.injection;
    if (revisionName !== undefined) problems.push(...labelNameProblem('revision', revisionName));
    for (const [label, value] of Object.entries(labels)) {
      const prop = propOfLabel(label);
      if (prop !== undefined) {
        problems.push(`label '${label}: ${value}' belongs to the prop ${prop}: set it there and leave the label out`);
      }
      if (label === 'istio.io/dataplane-mode' && value !== 'none') {
        problems.push(`label '${label}: ${value}' puts pods without a sidecar into another data plane: leave it out`);
      }
    }
    problems.push(...labelProblems('labels', labels), ...annotationProblems('annotations', annotations));
    if (podSecurity) problems.push(...podSecurityProblems(podSecurity));
    if (withoutSidecars) problems.push(...plaintextServicesProblems(withoutSidecars, name));
    if (egress) problems.push(...egressScopeProblems(egress, name));
    // A control plane may run in a namespace of NEVER_INJECTED, because its own pods need no sidecar.
    if (injected && NEVER_INJECTED.includes(name) && !(this.node.scope instanceof IstioInstallation)) {
      problems.push(
        `Istio never injects sidecars in namespace '${name}', even with a label for injection: write SidecarInjection.DISABLED`,
      );
    }
    if (egress && !injected) {
      problems.push('egress configures sidecars, but injection is disabled: leave out egress, or change injection');
    }
    const ownership = annotations[OWNERSHIP_ANNOTATION];
    if (ownership !== undefined) {
      problems.push(`annotation '${OWNERSHIP_ANNOTATION}: ${ownership}' belongs to the prop ownership: set it there`);
    }
    return problems;
  }
}

function propOfLabel(label: string): string | undefined {
  if (label === 'istio-injection' || label === 'istio.io/rev') return 'injection';
  return label.startsWith(POD_SECURITY_PREFIX) ? 'podSecurity' : undefined;
}

function plaintextOptions(service: ServiceReference | PlaintextServiceOptions): PlaintextServiceOptions {
  return typeof service === 'object' && 'service' in service ? service : { service };
}
