import type { IConstruct } from 'constructs';
import { constructError } from '../construct-error';

const assigned = new WeakMap<IConstruct, InstallationStage>();

/**
 * A stage of the first installation. Stages follow each other: the objects of one are applied and ready before those of
 * the next one are applied. An uninstall goes through them in reverse.
 *
 * An `OrderedApp` derives the stage of each object from the object itself, from the control planes of the app and, for
 * `STRICT`, from the other policies, unless `add` put the object into a stage.
 */
export class InstallationStage {
  /**
   * Existing Namespaces, which are not deleted: those with `NamespaceOwnership.ADOPT`. An uninstall skips this stage.
   */
  static readonly ADOPTED = new InstallationStage('adopted', 0);

  /**
   * Objects that only need the API server: CustomResourceDefinitions and Namespaces; and objects of built-in Kubernetes
   * kinds that do not run pods, if they are cluster-scoped, or in the namespace or root namespace of a control plane,
   * such as the Secret `cacerts`.
   */
  static readonly FOUNDATION = new InstallationStage('foundation', 1);

  /** istiod and the CNI node agent, with what they need. */
  static readonly CONTROL_PLANE = new InstallationStage('control-plane', 2);

  /** Istio's webhook configurations. They are ready when istiod has set their `caBundle`. */
  static readonly WEBHOOKS = new InstallationStage('webhooks', 3);

  /** Everything else: gateways, Istio's resources, and workloads, which get their sidecars immediately. */
  static readonly MESH = new InstallationStage('mesh', 4);

  /** Objects that restart existing workloads: see `InstallationStage.add`. */
  static readonly RESTART = new InstallationStage('restart', 5);

  /**
   * Objects that refuse clients without a sidecar: PeerAuthentications that make mutual TLS STRICT, for the mesh, a
   * namespace or a workload; and AuthorizationPolicies that decide by the identities of clients: ALLOW policies that
   * name identities, and DENY policies that exempt identities. All other ALLOW policies for the same workloads are in
   * this stage as well, because a workload with ALLOW policies refuses every request that none of them allows. A first
   * installation enforces them only after the restart. Policies for gateways, which have `targets` or select the label
   * `istio`, are in the stage `MESH`.
   */
  static readonly STRICT = new InstallationStage('strict', 6);

  /** All stages, in order. */
  static readonly ALL: readonly InstallationStage[] = [
    InstallationStage.ADOPTED,
    InstallationStage.FOUNDATION,
    InstallationStage.CONTROL_PLANE,
    InstallationStage.WEBHOOKS,
    InstallationStage.MESH,
    InstallationStage.RESTART,
    InstallationStage.STRICT,
  ];

  private constructor(
    /** Name of the stage, such as `mesh`. */
    readonly name: string,
    private readonly position: number,
  ) {}

  /** Name of the folder with the manifests of the stage, such as `4-mesh`. */
  get folder(): string {
    return `${String(this.position)}-${this.name}`;
  }

  /**
   * The sync wave of the stage in Argo CD: -40, -30, and so on. The wave of `MESH` is 0, the default for objects
   * without the annotation. You can use the numbers in between for your own objects.
   */
  get syncWave(): number {
    return 10 * (this.position - 4);
  }

  /**
   * Puts objects of any kind into this stage, for example a Job that runs `istio-module restart` into `RESTART`.
   *
   * @param constructs objects, or constructs with all objects below them
   * @throws Error if one of them is already in another stage
   */
  add(...constructs: readonly IConstruct[]): void {
    for (const construct of constructs) {
      const other = assigned.get(construct);
      if (other && other !== this) {
        throw constructError(
          construct,
          `is already in stage '${other.name}', so it cannot be added to stage '${this.name}': add it to one of them`,
        );
      }
      assigned.set(construct, this);
    }
  }
}

/** The stage into which a construct, or one of its scopes, was put. */
export function assignedStage(construct: IConstruct): InstallationStage | undefined {
  return construct.node.scopes
    .reverse()
    .map((scope) => assigned.get(scope))
    .find((stage) => stage !== undefined);
}
