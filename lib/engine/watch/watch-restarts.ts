import type { KubernetesApi } from '../cluster/api';
import { withCluster } from '../cluster/with-cluster';
import { readInjectionWebhooks } from '../istio/control-planes';
import { RestartError } from '../restart-error';
import { handOn } from '../run/hand-on';
import { checkOptions, type RestartOptions } from '../run/restart-options';
import type { RestartReport } from '../run/restart-report';
import { restartWorkloads } from '../run/restart-workloads';
import { ChangeSignal } from './change-signal';
import { whileLeading, type LeaseOptions } from './leadership';
import { SidecarChanges } from './sidecar-changes';
import type { NextRunReason, WatchEvent } from './watch-event';

/** Options of {@link watchRestarts}. All of them have a default. */
export interface WatchOptions extends Omit<RestartOptions, 'confirm' | 'onEvent' | 'strictFollows' | 'except'> {
  /**
   * Seconds after which a run begins although nothing has changed.
   *
   * @default 600
   */
  readonly resyncSeconds?: number;
  /**
   * Seconds without a further change that a run waits for after a change, ten times as long at most.
   *
   * @default 5
   */
  readonly quietSeconds?: number;
  /**
   * A Lease that one of several processes holds, the one that restarts.
   *
   * @default - there is only this process
   */
  readonly lease?: LeaseOptions;
  /**
   * Receives what happens; errors in this function do not stop the watch.
   *
   * @default - events are not passed on
   */
  readonly onEvent?: (event: WatchEvent) => void;
}

const RESYNC_SECONDS = 600;
const QUIET_SECONDS = 5;
const MOST_QUIETS = 10;
const FIRST_RETRY_SECONDS = 30;

/**
 * Restarts workloads whenever their sidecars become outdated: after a change of the injection webhooks, of istiod or its
 * configuration, and of Namespaces; when a maintenance window opens; and from time to time. It returns when `drain`
 * fires, after the rollouts that are under way.
 *
 * A run that fails is tried again, after a pause that grows up to `resyncSeconds`, or after the next change.
 *
 * @throws RestartError `InvalidOption`; `KubeconfigInvalid` at the beginning
 */
export async function watchRestarts(options: WatchOptions = {}): Promise<void> {
  checkOptions(options);
  checkSeconds(options);
  const { lease, drain, signal } = options;
  const ends = AbortSignal.any([drain, signal].filter((one) => one !== undefined));
  const emit = handOn<WatchEvent>(options);
  try {
    await withCluster({ ...options, signal: ends }, async (api) => {
      const watch = new Watch(api, options, emit, ends);
      await (lease ? leading(options, lease, watch, ends, emit) : watch.run(ends));
    });
  } catch (error) {
    if (!ends.aborted || !isStop(error)) {
      throw error;
    }
  }
}

/** With a connection of its own, by which the Lease is released at the end. */
async function leading(
  options: WatchOptions,
  lease: LeaseOptions,
  watch: Watch,
  until: AbortSignal,
  emit: (event: WatchEvent) => void,
): Promise<void> {
  const work = async (lost: AbortSignal) => {
    emit({ type: 'leading' });
    await watch.run(AbortSignal.any([until, lost]), lost);
  };
  const onWait = (holder: string) => {
    emit({ type: 'standingBy', holder });
  };
  await withCluster(options, (api) => whileLeading(api, lease, { work, onWait, until }));
}

type Outcome = { readonly report: RestartReport } | { readonly error: RestartError };

class Watch {
  private readonly changed = new ChangeSignal();
  private readonly changes: SidecarChanges;
  private failures = 0;

  constructor(
    private readonly api: KubernetesApi,
    private readonly options: WatchOptions,
    private readonly emit: (event: WatchEvent) => void,
    private readonly ends: AbortSignal,
  ) {
    this.changes = new SidecarChanges(api, {
      onChange: (what) => {
        emit({ type: 'changed', message: what });
        this.changed.notify();
      },
      onRefused: (message) => {
        if (!ends.aborted) {
          emit({ type: 'watchRefused', message });
        }
      },
    });
  }

  /** Runs until the signal fires. A loss of the Lease ends the run under way at once. */
  async run(until: AbortSignal, lost?: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.follow();
      // What has changed by now is part of this run.
      this.changed.clear();
      const outcome = await this.runOnce(lost);
      if (until.aborted) {
        return;
      }
      const { reason, milliseconds } = this.nextRun(outcome);
      this.emit({ type: 'watching', until: new Date(Date.now() + milliseconds).toISOString(), reason });
      if (await this.changed.next(milliseconds, until)) {
        await this.quiet(until);
      }
    }
  }

  /** Control planes come and go, and without webhooks there are none. */
  private async follow(): Promise<void> {
    try {
      const webhooks = await readInjectionWebhooks(this.api);
      await this.changes.follow(new Set(webhooks.flatMap(({ service }) => service?.namespace ?? [])));
    } catch (error) {
      this.api.checkAborted();
      this.emit({ type: 'watchRefused', message: `changes cannot be watched: ${(error as Error).message}` });
    }
  }

  private async runOnce(lost: AbortSignal | undefined): Promise<Outcome> {
    const { signal, drain } = this.options;
    const signals = [signal, lost].filter((one) => one !== undefined);
    try {
      const report = await restartWorkloads({
        ...this.options,
        ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
        ...(drain ? { drain } : {}),
        onEvent: this.emit,
      });
      this.failures = 0;
      this.emit({ type: 'runEnded', report });
      return { report };
    } catch (error) {
      if (!(error instanceof RestartError)) {
        throw error;
      }
      this.failures += 1;
      if (!(isStop(error) && (this.ends.aborted || lost?.aborted))) {
        this.emit({ type: 'runFailed', error });
      }
      return { error };
    }
  }

  private nextRun(outcome: Outcome): { readonly reason: NextRunReason; readonly milliseconds: number } {
    const resync = (this.options.resyncSeconds ?? RESYNC_SECONDS) * 1_000;
    if ('error' in outcome) {
      const retry = FIRST_RETRY_SECONDS * 1_000 * 2 ** (this.failures - 1);
      return { reason: 'retry', milliseconds: Math.min(retry, resync) };
    }
    const opening = outcome.report.deferred.map(
      ({ deferredUntil = '' }) => Date.parse(deferredUntil) - this.api.clock.now,
    );
    const window = Math.max(Math.min(...opening.filter((time) => !Number.isNaN(time))), 1_000);
    return window < resync ? { reason: 'window', milliseconds: window } : { reason: 'resync', milliseconds: resync };
  }

  /** Changes come in groups: an upgrade writes many objects. */
  private async quiet(until: AbortSignal): Promise<void> {
    const milliseconds = (this.options.quietSeconds ?? QUIET_SECONDS) * 1_000;
    const latest = Date.now() + milliseconds * MOST_QUIETS;
    do {
      this.changed.clear();
    } while (Date.now() < latest && (await this.changed.next(milliseconds, until)));
  }
}

function isStop(error: unknown): boolean {
  return error instanceof RestartError && error.code === 'Aborted';
}

function checkSeconds({ resyncSeconds, quietSeconds, lease }: WatchOptions): void {
  const problem = (name: string, value: number | undefined, least: number) =>
    value === undefined || (Number.isFinite(value) && value >= least)
      ? []
      : [`${name} is ${String(value)}: write seconds, ${String(least)} or more`];
  const problems = [
    ...problem('resyncSeconds', resyncSeconds, 1),
    ...problem('quietSeconds', quietSeconds, 0),
    ...problem('lease.durationSeconds', lease?.durationSeconds, 3),
  ];
  if (problems.length > 0) {
    throw new RestartError('InvalidOption', `${problems.join('; ')}.`);
  }
}
