import type { IConstruct } from 'constructs';
import { constructError } from '../construct-error';

const assigned = new WeakMap<IConstruct, InstallationStage>();

/**
 * A stage of the first installation. Stages follow each other: the objects of one are applied and ready before those of
 * the next one are applied. An uninstall goes through them in reverse.
 *
 * An `OrderedApp` finds the stage of each object by what the object is, whichever construct created it.
 */
export class InstallationStage {
  /** Namespaces that exist already and stay: those with `NamespaceOwnership.ADOPT`. An uninstall skips this stage. */
  static readonly ADOPTED = new InstallationStage('adopted', 0);

  /**
   * What only needs the API server: CustomResourceDefinitions and Namespaces; and, in no namespace or in that of a control
   * plane, objects of the kinds that are part of Kubernetes, unless they run pods. A Secret `cacerts` is one of them.
   */
  static readonly FOUNDATION = new InstallationStage('foundation', 1);

  /** istiod and the CNI node agent, with what they need. */
  static readonly CONTROL_PLANE = new InstallationStage('control-plane', 2);

  /** Istio's webhook configurations. They are ready when istiod has set their `caBundle`. */
  static readonly WEBHOOKS = new InstallationStage('webhooks', 3);

  /** Everything else: gateways, Istio's resources, and workloads, which get their sidecars at once. */
  static readonly MESH = new InstallationStage('mesh', 4);

  /** What restarts the workloads that existed before: see `InstallationStage.add`. */
  static readonly RESTART = new InstallationStage('restart', 5);

  /** What makes mutual TLS STRICT, for the mesh, a namespace or a workload. */
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
    /** Its name, such as `mesh`. */
    readonly name: string,
    private readonly position: number,
  ) {}

  /** Name of the folder with the manifests of the stage, such as `4-mesh`. */
  get folder(): string {
    return `${String(this.position)}-${this.name}`;
  }

  /**
   * The sync wave of the stage in Argo CD: -40, -30, and so on. That of `MESH` is 0, the wave of objects without one. The
   * numbers in between are free for objects of your own.
   */
  get syncWave(): number {
    return 10 * (this.position - 4);
  }

  /**
   * Puts objects into this stage, whatever they are, such as a Job that runs `istio-module restart` into `RESTART`.
   *
   * @param constructs objects, or constructs with all objects below them
   * @throws Error when one of them is in another stage already
   */
  add(...constructs: readonly IConstruct[]): void {
    for (const construct of constructs) {
      const other = assigned.get(construct);
      if (other && other !== this) {
        throw constructError(construct, `stage '${this.name}': it is in stage '${other.name}' already: add it to one`);
      }
      assigned.set(construct, this);
    }
  }
}

/** The stage that a construct was put into, itself or with a construct around it. */
export function assignedStage(construct: IConstruct): InstallationStage | undefined {
  return construct.node.scopes
    .reverse()
    .map((scope) => assigned.get(scope))
    .find((stage) => stage !== undefined);
}
