import type { Duration } from 'cdk8s';
import { labelNameProblem, objectNameProblem } from '../object-name';

/** Where Flux finds the manifests. */
export interface FluxSource {
  /** Its kind. */
  readonly kind: 'GitRepository' | 'OCIRepository' | 'Bucket';

  /** Its name. */
  readonly name: string;

  /**
   * Its namespace.
   *
   * @default - that of the Kustomizations
   */
  readonly namespace?: string;
}

/** Options of `Ordering.flux`. */
export interface FluxOptions {
  /**
   * Where Flux finds the manifests.
   *
   * @default - the GitRepository `flux-system`, which `flux bootstrap` creates
   */
  readonly source?: FluxSource;

  /**
   * Path of the output directory in the source, such as `./mesh/dist`.
   *
   * @default - `./` and the app's `outdir`
   */
  readonly path?: string;

  /**
   * What the names of the Kustomizations start with.
   *
   * @default 'mesh'
   */
  readonly name?: string;

  /**
   * Namespace of the Kustomizations.
   *
   * @default 'flux-system'
   */
  readonly namespace?: string;

  /**
   * How often Flux corrects drift.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;

  /**
   * How long Flux waits until the objects of a stage are ready.
   *
   * @default Duration.minutes(10), and Duration.hours(1) for the stage `RESTART`
   */
  readonly timeout?: Duration;
}

/** The problems with the options, one sentence each. */
export function fluxProblems({ source, path, name = 'mesh', namespace = 'flux-system' }: FluxOptions): string[] {
  return [
    ...objectNameProblem(name),
    ...labelNameProblem('namespace', namespace),
    ...(source ? objectNameProblem(source.name) : []),
    ...(path !== undefined && (path.startsWith('/') || path.split('/').includes('..'))
      ? [`path '${path}' is not within the source: write a path such as './mesh/dist'`]
      : []),
  ];
}
