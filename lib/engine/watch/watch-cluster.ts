import type { KubernetesApi } from '../cluster/api';
import { withCluster } from '../cluster/with-cluster';
import { controlPlaneNamespaces, readInjectionWebhooks, readIstiods } from '../istio/control-planes';
import type { InjectionWebhook } from '../istio/injection-webhooks';
import { rootNamespaceOf } from '../istio/root-namespace';
import { isDue, nameOf, type RestartPlan } from '../plan/plan';
import { isAborted, RestartError } from '../restart-error';
import { planRestarts } from '../run/plan-restarts';
import { restartWorkloads } from '../run/restart-workloads';
import type { RunEvent } from '../run/run-event';
import { ChangeSignal } from './change-signal';
import { whileLeading, type LeaseOptions } from './leadership';
import { SidecarChanges } from './sidecar-changes';
import type { NextRunReason, WatchEvent } from './watch-event';
import type { WatchOptions } from './watch-options';

const RESYNC_SECONDS = 600;
const QUIET_SECONDS = 5;
const MOST_QUIETS = 10;
const FIRST_RETRY_SECONDS = 30;

/**
 * Restarts workloads after each change until a signal fires; with a Lease, only while it is held.
 *
 * @param ends ends the watch; also fires when a signal of the options does
 * @throws RestartError `Aborted` when the signal fires during a request; the other errors of `watchRestarts`
 */
export async function watchCluster(
  options: WatchOptions,
  emit: (event: WatchEvent) => void,
  ends: AbortSignal,
): Promise<void> {
  const { lease } = options;
  await withCluster({ ...options, signal: ends }, async (api) => {
    const watch = new Watch(api, options, emit, ends);
    await (lease ? leading(options, lease, watch, ends, emit) : watch.run(ends));
  });
}

/** Uses a separate connection, so that the Lease can be released at the end. */
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
  const listener = {
    onWait: (holder: string) => {
      emit({ type: 'standingBy', holder });
    },
    onLoss: () => {
      emit({ type: 'lost' });
    },
    onTrouble: (message: string) => {
      emit({ type: 'leaseTrouble', message });
    },
  };
  await withCluster(options, (api) => whileLeading(api, lease, { ...listener, work, until }));
}

class Watch {
  private readonly changed = new ChangeSignal();
  private readonly changes: SidecarChanges;
  private failures = 0;
  /** The times at which maintenance windows open, by the local clock. */
  private openings: readonly number[] = [];
  /** Workloads with failed rollouts. */
  private failed: ReadonlySet<string> | undefined;
  /** Whether the mesh has changed since the last plan of a run. The restarts of the run itself do not count. */
  private hasMeshChanged = false;
  /** Namespaces that have changed since the last plan of a run; undefined stands for any. */
  private readonly changedNamespaces = new Set<string | undefined>();
  private isHeldBack = false;

  constructor(
    private readonly api: KubernetesApi,
    private readonly options: WatchOptions,
    private readonly emit: (event: WatchEvent) => void,
    private readonly ends: AbortSignal,
  ) {
    this.changes = new SidecarChanges(api, {
      onChange: (message, scope) => {
        if (typeof scope === 'object') {
          this.changedNamespaces.add(scope.namespace);
        } else {
          // A change of the mesh, or of a Deployment in the namespace of a control plane, may have fixed the failure.
          this.failed = undefined;
          this.hasMeshChanged ||= scope === 'mesh';
        }
        emit({ type: 'changed', message });
        this.changed.notify();
      },
      onRefused: (message) => {
        if (!ends.aborted) {
          emit({ type: 'watchRefused', message });
        }
      },
    });
  }

  /** Runs until the signal fires. The loss of the Lease ends the current run immediately. */
  async run(until: AbortSignal, lost?: AbortSignal): Promise<void> {
    const isOver = () => until.aborted;
    while (!isOver()) {
      await this.follow();
      // This run includes all changes so far.
      this.changed.clear();
      await this.runOnce(lost);
      if (isOver()) {
        return;
      }
      const { reason, milliseconds } = this.nextRun();
      this.emit({ type: 'watching', until: new Date(Date.now() + milliseconds).toISOString(), reason });
      if (await this.changed.next(milliseconds, until)) {
        await this.quiet(until);
      }
    }
  }

  /** Follows the current control planes. Without webhooks, there are none. */
  private async follow(): Promise<void> {
    try {
      const webhooks = await readInjectionWebhooks(this.api);
      await this.changes.follow({ controlPlanes: controlPlaneNamespaces(webhooks), root: await this.root(webhooks) });
    } catch (error) {
      this.api.checkAborted();
      this.emit({ type: 'watchRefused', message: `changes cannot be watched: ${(error as Error).message}` });
    }
  }

  /** The root namespace; undefined if the mesh configuration cannot be read, which the next run reports. */
  private async root(webhooks: readonly InjectionWebhook[]): Promise<string | undefined> {
    try {
      return rootNamespaceOf(await readIstiods(this.api, webhooks));
    } catch {
      this.api.checkAborted();
      return undefined;
    }
  }

  private async runOnce(lost: AbortSignal | undefined): Promise<void> {
    const { signal, drain } = this.options;
    const signals = [signal, lost].filter((one) => one !== undefined);
    const stopping = {
      ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
      ...(drain ? { drain } : {}),
    };
    let retried: readonly string[] | undefined;
    try {
      retried = await this.retriedNamespaces(stopping);
      if (retried?.length === 0) {
        return;
      }
      const namespaces = retried ? { namespaces: retried } : {};
      const onEvent = (event: RunEvent) => {
        if (event.type === 'planned') {
          this.forgetChanges(retried);
        }
        this.onEvent(event);
      };
      const report = await restartWorkloads({ ...this.options, ...namespaces, ...stopping, onEvent });
      this.failures = 0;
      this.emit({ type: 'runEnded', report });
      if (retried) {
        // The next run is for all namespaces, if no failed workloads are left.
        this.changed.notify();
      }
    } catch (error) {
      if (!(error instanceof RestartError)) {
        throw error;
      }
      this.failures += 1;
      if (isAborted(error) && (this.ends.aborted || lost?.aborted)) {
        return;
      }
      // A workload whose restart was refused holds back no other, and a change of the mesh may have fixed the failure.
      const begun = error.done?.begun ?? [];
      const isFailed = error.code === 'RolloutFailed' && this.options.onFailure !== 'continue' && begun.length > 0;
      if (isFailed && !this.hasMeshChanged) {
        this.failed = new Set([...(retried ? (this.failed ?? []) : []), ...begun]);
        this.isHeldBack = false;
      }
      this.emit({ type: 'runFailed', error });
    }
  }

  /**
   * After a failed rollout, the namespaces to which this run is limited: those that contain failed workloads and have
   * changed since. In other namespaces, it must not restart the workloads that `onFailure: 'stop'` has held back.
   * Undefined for all namespaces, if no failed workload is left; empty for none.
   */
  private async retriedNamespaces(
    stopping: Pick<WatchOptions, 'signal' | 'drain'>,
  ): Promise<readonly string[] | undefined> {
    const { failed } = this;
    if (failed === undefined) {
      return undefined;
    }
    const plan = await planRestarts({ ...this.options, ...stopping, onEvent: this.onEvent });
    this.onPlan(plan);
    const changed = [...this.changedNamespaces];
    this.changedNamespaces.clear();
    const still = plan.workloads.filter((workload) => isDue(workload) && failed.has(nameOf(workload)));
    if (still.length === 0 || this.failed === undefined) {
      this.failed = undefined;
      return undefined;
    }
    const isChanged = (namespace: string) => changed.includes(namespace) || changed.includes(undefined);
    const retried = [...new Set(still.map(({ namespace }) => namespace))].filter(isChanged);
    if (retried.length > 0) {
      return retried;
    }
    this.failures += 1;
    if (!this.isHeldBack) {
      this.isHeldBack = true;
      this.emit({ type: 'heldBack', workloads: still.map(nameOf) });
    }
    return [];
  }

  /** Forgets the changes that a plan for these namespaces, or for all, includes. */
  private forgetChanges(namespaces: readonly string[] | undefined): void {
    this.hasMeshChanged = false;
    for (const namespace of namespaces ?? this.changedNamespaces) {
      this.changedNamespaces.delete(namespace);
    }
  }

  private readonly onEvent = (event: RunEvent) => {
    if (event.type === 'planned') {
      this.onPlan(event.plan);
    }
    this.emit(event);
  };

  private onPlan({ workloads, generatedAt }: RestartPlan): void {
    const [now, planned] = [Date.now(), Date.parse(generatedAt)];
    this.openings = workloads
      .map(({ deferredUntil = '' }) => now + Date.parse(deferredUntil) - planned)
      .filter((opening) => !Number.isNaN(opening));
  }

  private nextRun(): { readonly reason: NextRunReason; readonly milliseconds: number } {
    const resync = (this.options.resyncSeconds ?? RESYNC_SECONDS) * 1_000;
    const retry = FIRST_RETRY_SECONDS * 1_000 * 2 ** (this.failures - 1);
    const window = Math.max(Math.min(...this.openings) - Date.now(), 1_000);
    const [reason, milliseconds] = (
      [['resync', resync], ['window', window], ...(this.failures > 0 ? [['retry', retry] as const] : [])] as const
    ).reduce((first, other) => (other[1] < first[1] ? other : first));
    return { reason: this.failures > 0 && reason === 'resync' ? 'retry' : reason, milliseconds };
  }

  /** Waits for the end of a group of changes, because an upgrade writes many objects. */
  private async quiet(until: AbortSignal): Promise<void> {
    const milliseconds = (this.options.quietSeconds ?? QUIET_SECONDS) * 1_000;
    const latest = Date.now() + milliseconds * MOST_QUIETS;
    do {
      this.changed.clear();
    } while (Date.now() < latest && (await this.changed.next(milliseconds, until)));
  }
}
