import { listed } from './listed';

/** The codes of errors, as a closed set that callers can branch on. */
export type RestartErrorCode =
  /** An option has a value that cannot be used. */
  | 'InvalidOption'
  /** The kubeconfig cannot be read, does not contain the context, or contains invalid credentials. */
  | 'KubeconfigInvalid'
  /** The API server did not answer, or closed the connection. */
  | 'ClusterUnreachable'
  /** The credentials lack a required permission. */
  | 'Forbidden'
  /** The API server returned an answer that the engine cannot use. */
  | 'UnexpectedAnswer'
  /** The cluster has no injection webhook of Istio. */
  | 'InjectorMissing'
  /** The API server cannot call the injection webhook. */
  | 'InjectorUnreachable'
  /** The control plane has not finished its rollout. */
  | 'ControlPlaneNotReady'
  /** The injector does not use the current configuration in the cluster. */
  | 'InjectorOutOfDate'
  /** The injector would remove sidecars from workloads that request one. */
  | 'SidecarsWouldBeRemoved'
  /** An unsupported change of version: more than one minor version, or a downgrade that is not allowed. */
  | 'UpgradeRefused'
  /** Resources of Istio's API groups that others own block an uninstall. */
  | 'ForeignResources'
  /** One or more workloads were not brought up to date. */
  | 'RolloutFailed'
  /** The caller stopped the work with `signal` or `drain`, or declined the plan. */
  | 'Aborted';

/**
 * What a restart had done before an error ended it, with workloads in the form `Deployment shop/cart`. If `restarted`,
 * `updated` and `begun` are empty, no workload was changed.
 */
export interface RestartProgress {
  /** Restarted, with a complete rollout. */
  readonly restarted: readonly string[];
  /** Updated in place, with the updated sidecars running; undefined if there are none. */
  readonly updated?: readonly string[];
  /** Started, but not confirmed complete. Includes failed rollouts, and workloads with only a part of their pods replaced. */
  readonly begun: readonly string[];
  /** Not changed, because the run ended first. */
  readonly notStarted: readonly string[];
}

/** Details of a {@link RestartError}. */
export interface RestartErrorOptions {
  /**
   * What to do, as a clause that follows the problem in the message.
   *
   * @default - none
   */
  readonly remedy?: string;

  /**
   * The cause of the error.
   *
   * @default - none
   */
  readonly cause?: unknown;

  /**
   * What the failed restart had done. The message includes it.
   *
   * @default - none; the error is not of a restart, but for example of a plan
   */
  readonly done?: RestartProgress;
}

/** The error class of the restart engine. Its `message` states what happened, where, and what to do. */
export class RestartError extends Error {
  override readonly name = 'RestartError';

  /** What to do, if the message has a separate clause for it. */
  readonly remedy: string | undefined;

  /** What the failed restart had done; undefined if the error is not of a restart, but for example of a plan. */
  readonly done: RestartProgress | undefined;

  constructor(
    readonly code: RestartErrorCode,
    /** What happened and where: the message without the remedy and the progress. */
    readonly problem: string,
    { remedy, cause, done }: RestartErrorOptions = {},
  ) {
    const text = remedy === undefined ? problem : `${problem}; ${remedy}.`;
    const message = done ? [text.endsWith('.') ? text : `${text}.`, ...sentences(code, done)].join(' ') : text;
    super(message, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
    this.done = done;
  }

  /** The same error, with the progress of the restart that it ended. */
  after(done: RestartProgress): RestartError {
    const { code, problem, remedy, cause } = this;
    const error = new RestartError(code, problem, { ...(remedy === undefined ? {} : { remedy }), cause, done });
    error.stack = `${error.name}: ${error.message}${(this.stack ?? '').slice(`${this.name}: ${this.message}`.length)}`;
    return error;
  }
}

/** Whether work ended because its caller stopped it or declined the plan. */
export function isAborted(error: unknown): boolean {
  return error instanceof RestartError && error.code === 'Aborted';
}

function sentences(code: RestartErrorCode, { restarted, updated = [], begun, notStarted }: RestartProgress): string[] {
  // The message of `RolloutFailed` already names the workloads that were begun or not started.
  const isTold = code !== 'RolloutFailed';
  return [
    ...(restarted.length + updated.length + begun.length === 0 ? ['Nothing was restarted.'] : []),
    ...(restarted.length > 0 ? [`Restarted before the error: ${listed(restarted)}.`] : []),
    ...(updated.length > 0 ? [`Updated in place before the error: ${listed(updated)}.`] : []),
    ...(begun.length > 0 && isTold ? [`Started, but not confirmed complete: ${listed(begun)}.`] : []),
    ...(notStarted.length > 0 && isTold ? [`Not started: ${listed(notStarted)}.`] : []),
  ];
}
