import { listed } from './listed';

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
  /** The injector does not use the configuration that is in the cluster. */
  | 'InjectorOutOfDate'
  /** The injector would take sidecars away from workloads that are meant to have one. */
  | 'SidecarsWouldBeRemoved'
  /** A version step that is not supported: more than one minor version at once, or one back that nobody has allowed. */
  | 'UpgradeRefused'
  /** Resources of Istio's API groups that others own are in the way of an uninstall. */
  | 'ForeignResources'
  /** One or more workloads did not finish their rollout. */
  | 'RolloutFailed'
  /** The caller stopped the work: by its signal, by draining it, or by declining the plan. */
  | 'Aborted';

/**
 * What a restart had done when an error ended it, each workload as `Deployment shop/cart`. Nothing was changed where
 * `restarted`, `updated` and `begun` are empty.
 */
export interface RestartProgress {
  /** Restarted, and seen to finish. */
  readonly restarted: readonly string[];
  /** Updated in place, and seen to run; undefined where nothing was. */
  readonly updated?: readonly string[];
  /** Told to restart, and not seen to finish; those whose rollout failed among them. */
  readonly begun: readonly string[];
  /** Left as they were, since the run ended before it came to them. */
  readonly notStarted: readonly string[];
}

/** What a {@link RestartError} says beyond its problem. */
export interface RestartErrorOptions {
  /**
   * What to do about it, as a clause that follows the problem in the message.
   *
   * @default - none
   */
  readonly remedy?: string;

  /**
   * What it follows from.
   *
   * @default - nothing else
   */
  readonly cause?: unknown;

  /**
   * What the restart that it ended had done, which the message says as well.
   *
   * @default - none; it is the error of something else, such as a plan
   */
  readonly done?: RestartProgress;
}

/** The one error class of the restart engine; `message` says what happened, where, and what to do about it. */
export class RestartError extends Error {
  override readonly name = 'RestartError';

  /** What to do about it, where that is a clause of its own. */
  readonly remedy: string | undefined;

  /** What the restart that it ended had done; undefined for the error of something else, such as a plan. */
  readonly done: RestartProgress | undefined;

  constructor(
    readonly code: RestartErrorCode,
    /** What happened and where: the message without the remedy, and without what had been done. */
    readonly problem: string,
    { remedy, cause, done }: RestartErrorOptions = {},
  ) {
    const text = remedy === undefined ? problem : `${problem}; ${remedy}.`;
    const message = done ? [text.endsWith('.') ? text : `${text}.`, ...sentences(code, done)].join(' ') : text;
    super(message, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
    this.done = done;
  }

  /** The same error, as that of a restart which had done so much. */
  after(done: RestartProgress): RestartError {
    const { code, problem, remedy, cause } = this;
    const error = new RestartError(code, problem, { ...(remedy === undefined ? {} : { remedy }), cause, done });
    error.stack = `${error.name}: ${error.message}${(this.stack ?? '').slice(`${this.name}: ${this.message}`.length)}`;
    return error;
  }
}

function sentences(code: RestartErrorCode, { restarted, updated = [], begun, notStarted }: RestartProgress): string[] {
  // A failed rollout names all others itself.
  const isTold = code !== 'RolloutFailed';
  return [
    ...(restarted.length + updated.length + begun.length === 0 ? ['Nothing was restarted.'] : []),
    ...(restarted.length > 0 ? [`Restarted before that: ${listed(restarted)}.`] : []),
    ...(updated.length > 0 ? [`Updated in place before that: ${listed(updated)}.`] : []),
    ...(begun.length > 0 && isTold ? [`Begun, and not seen to finish: ${listed(begun)}.`] : []),
    ...(notStarted.length > 0 && isTold ? [`Not started: ${listed(notStarted)}.`] : []),
  ];
}
