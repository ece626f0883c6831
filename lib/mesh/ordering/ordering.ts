import type { FluxOptions } from './flux-options';

/** How the first installation is ordered, by the tool that applies the manifests; see `InstallationStage`. */
export class Ordering {
  /**
   * Sync waves of Argo CD: every object has the annotation `argocd.argoproj.io/sync-wave` of its stage, unless it has one
   * already. Jobs in the stage `RESTART` are hooks of the phase `Sync`, which run on every sync. Adopted Namespaces are
   * neither pruned nor deleted.
   *
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   */
  static argoCd(): Ordering {
    return new Ordering('argoCd');
  }

  /**
   * A folder for each stage, and a Kustomization of Flux for each folder, in the folder `flux`. Each Kustomization waits
   * until its objects are ready, and depends on the one before.
   *
   * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
   */
  static flux(options: FluxOptions = {}): Ordering {
    return new Ordering('flux', options);
  }

  /** A folder for each stage, to be applied in the order of their names with `kubectl apply --server-side -f FOLDER`. */
  static kubectl(): Ordering {
    return new Ordering('kubectl');
  }

  private constructor(
    /** What applies the manifests. */
    readonly tool: 'argoCd' | 'flux' | 'kubectl',
    /** Settings of Flux; empty for the other tools. */
    readonly fluxOptions: FluxOptions = {},
  ) {}
}
