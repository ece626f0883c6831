/** What went wrong, as a closed set that callers can branch on. */
export type RestartErrorCode =
  /** An option has a value that cannot be used. */
  | 'InvalidOption'
  /** The kubeconfig cannot be read, or the context it should use does not exist. */
  | 'KubeconfigInvalid'
  /** The API server did not answer, or went away half-way. */
  | 'ClusterUnreachable'
  /** The credentials lack a permission that the work needs. */
  | 'Forbidden'
  /** The API server answered something that the engine cannot work with. */
  | 'UnexpectedAnswer'
  /** Istio is meant to be there, but no injection webhook is. */
  | 'InjectorMissing'
  /** The API server cannot call the injection webhook. */
  | 'InjectorUnreachable'
  /** The control plane has not finished its own rollout. */
  | 'ControlPlaneNotReady'
  /** The injector did not take over the configuration that is in the cluster. */
  | 'InjectorOutOfDate'
  /** The injector would take sidecars away from workloads that are meant to have one. */
  | 'SidecarsWouldBeRemoved'
  /** A version step that is not supported: a downgrade, or more than one minor version at once. */
  | 'UpgradeRefused'
  /** Resources of Istio's API groups that others own are in the way of an uninstall. */
  | 'ForeignResources'
  /** One or more workloads did not finish their rollout. */
  | 'RolloutFailed'
  /** The caller stopped the work: by its signal, by draining it, or by declining the plan. */
  | 'Aborted';

/** What a {@link RestartError} says beyond its problem. */
export interface RestartErrorOptions {
  /**
   * What to do about it, as a clause that the message ends with.
   *
   * @default - none; the problem is the whole message
   */
  readonly remedy?: string;

  /**
   * What it follows from.
   *
   * @default - nothing else
   */
  readonly cause?: unknown;
}

/** The one error class of the restart engine; `message` says what happened, where, and what to do about it. */
export class RestartError extends Error {
  override readonly name = 'RestartError';

  /** What to do about it, where that is a clause of its own. */
  readonly remedy: string | undefined;

  constructor(
    readonly code: RestartErrorCode,
    /** What happened and where: the message without the remedy. */
    readonly problem: string,
    { remedy, cause }: RestartErrorOptions = {},
  ) {
    super(remedy === undefined ? problem : `${problem}; ${remedy}.`, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
  }
}
