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
  /** The caller's signal stopped the work. */
  | 'Aborted';

/** The one error class of the restart engine; `message` says what happened, where, and what to do about it. */
export class RestartError extends Error {
  override readonly name = 'RestartError';

  constructor(
    readonly code: RestartErrorCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
