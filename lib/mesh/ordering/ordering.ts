import type { FluxOptions } from './flux-options';

/**
 * The tool that applies the manifests, which determines how the first installation is ordered; see `InstallationStage`.
 */
export class Ordering {
  /**
   * Orders objects by sync waves of Argo CD. Every object has the annotation `argocd.argoproj.io/sync-wave` of its
   * stage, unless it already has one. Jobs in the stage `RESTART` are hooks of the phase `Sync`, which run on every
   * sync. Adopted Namespaces are neither pruned nor deleted.
   *
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   */
  static argoCd(): Ordering {
    return new Ordering('argoCd');
  }

  /**
   * Writes a folder for each stage, and a Flux Kustomization for each folder into the folder `flux`. Each Kustomization
   * waits until its objects are ready, and depends on the previous one.
   *
   * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
   */
  static flux(options: FluxOptions = {}): Ordering {
    return new Ordering('flux', options);
  }

  /**
   * Writes a folder for each stage. Apply the folders in the order of their names with `kubectl apply --server-side -f
   * FOLDER`.
   */
  static kubectl(): Ordering {
    return new Ordering('kubectl');
  }

  private constructor(
    /** The tool that applies the manifests. */
    readonly tool: 'argoCd' | 'flux' | 'kubectl',
    /** Settings of Flux; empty for the other tools. */
    readonly fluxOptions: FluxOptions = {},
  ) {}
}
