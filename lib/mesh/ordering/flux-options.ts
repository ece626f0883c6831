import type { Duration } from 'cdk8s';
import { labelNameProblem, objectNameProblem } from '../object-name';

/** The source in which Flux finds the manifests. */
export interface FluxSource {
  /** Kind of the source. */
  readonly kind: 'GitRepository' | 'OCIRepository' | 'Bucket';

  /** Name of the source. */
  readonly name: string;

  /**
   * Namespace of the source.
   *
   * @default - the namespace of the Kustomizations
   */
  readonly namespace?: string;
}

/** Options of `Ordering.flux`. */
export interface FluxOptions {
  /**
   * The source in which Flux finds the manifests.
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
   * Prefix of the names of the Kustomizations.
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
   * Interval at which Flux corrects drift.
   *
   * @default Duration.minutes(10)
   */
  readonly interval?: Duration;

  /**
   * Time for which Flux waits until the objects of a stage are ready.
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
