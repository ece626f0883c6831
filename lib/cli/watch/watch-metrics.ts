import { Counter, Gauge, Histogram, Registry } from '../../bundled-libraries/prometheus';
import { WORKLOAD_KINDS } from '../../engine/kinds/workload-kinds';
import { packageVersion } from '../package-version';
import { nameOf, type RestartPlan, type WatchEvent, type WorkloadName } from '../../engine/index';

const PREFIX = 'istio_module';
const OUTDATED = new Set(['restart', 'update', 'wait', 'warn', 'deferred']);
/** Seconds; a rollout may take hours. */
const BUCKETS = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/**
 * The metrics of a watch, following Prometheus' conventions. No label contains the name of a workload or namespace, so
 * the number of series does not grow with the cluster.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export class WatchMetrics {
  private readonly registry = new Registry();
  private readonly workloads = this.gauge('workloads', 'Workloads in the last plan.', 'decision', 'kind');
  private readonly deferred = this.gauge('workloads_deferred', 'Outdated workloads that are deferred.', 'reason');
  private readonly oldest = new Gauge({
    ...this.named(
      'outdated_seconds',
      'Seconds since this process found the first of the workloads that are still outdated.',
    ),
    collect: () => {
      this.oldest.set(this.secondsOutdated());
    },
  });
  private readonly planned = this.gauge('last_plan_timestamp_seconds', 'When the last plan was complete.');
  private readonly isInjectorReady = this.gauge(
    'injector_ready',
    'Whether the injector uses its current configuration.',
  );
  private readonly isLeader = this.gauge(
    'leader',
    'Whether this process can restart workloads: it holds the Lease, or uses none.',
  );
  private readonly inProgress = new Gauge({
    ...this.named('rollouts_in_progress', 'Rollouts that this process has started or waits for.'),
    collect: () => {
      this.inProgress.set(this.begun.size);
    },
  });
  private readonly rollouts = new Counter({
    ...this.named('rollouts_total', 'Rollouts that have ended, by action and outcome.'),
    labelNames: ['action', 'kind', 'outcome'],
  });
  private readonly runs = new Counter({
    ...this.named('runs_total', 'Runs that have ended, by outcome.'),
    labelNames: ['outcome'],
  });
  private readonly errors = new Counter({
    ...this.named('run_errors_total', 'Runs that have failed, by the code of the error.'),
    labelNames: ['code'],
  });
  private readonly planSeconds = new Histogram({
    ...this.named(
      'plan_duration_seconds',
      'Time from reading the cluster to the plan, including waits for the injector.',
    ),
    buckets: BUCKETS,
  });
  private readonly rolloutSeconds = new Histogram({
    ...this.named('rollout_duration_seconds', 'Duration of rollouts that have ended.'),
    buckets: BUCKETS,
  });
  private readonly outdatedSince = new Map<string, number>();
  private readonly begun = new Map<string, { readonly at: number; readonly action: string }>();
  private readingSince: number | undefined;

  /** @param leads whether this process may restart workloads without waiting for a Lease, because it uses none */
  constructor(
    leads: boolean,
    private readonly now: () => number = Date.now,
  ) {
    new Gauge({
      ...this.named('build_info', 'Version of istio-module; always 1.'),
      labelNames: ['version'],
    }).set({ version: packageVersion() }, 1);
    this.isLeader.set(leads ? 1 : 0);
    // Prometheus sees an increase only if the series existed before.
    for (const outcome of ['complete', 'failed']) {
      this.runs.inc({ outcome }, 0);
    }
    for (const { kind } of WORKLOAD_KINDS) {
      this.rollouts.inc({ action: 'restart', kind, outcome: 'failed' }, 0);
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  readonly onEvent = (event: WatchEvent) => {
    switch (event.type) {
      case 'reading':
        this.readingSince ??= this.now();
        return;
      case 'waiting':
        this.isInjectorReady.set(0);
        return;
      case 'planned':
        this.onPlan(event.plan);
        return;
      case 'rolloutBegan':
        this.begun.set(nameOf(event.workload), { at: this.now(), action: event.action });
        return;
      case 'rolloutEnded':
        this.onRollout(event.workload, event.outcome);
        return;
      case 'runEnded':
        this.onIdle();
        this.runs.inc({ outcome: 'complete' });
        return;
      case 'runFailed':
        this.onIdle();
        this.runs.inc({ outcome: 'failed' });
        this.errors.inc({ code: event.error.code });
        return;
      case 'leading':
        this.onIdle();
        this.isLeader.set(1);
        return;
      case 'lost':
        this.onIdle();
        this.isLeader.set(0);
        return;
      case 'standingBy':
        this.isLeader.set(0);
        // Only the leader counts workloads, so this process reports none.
        this.count([]);
        return;
      default:
        return;
    }
  };

  private onIdle(): void {
    this.begun.clear();
    this.readingSince = undefined;
  }

  private onPlan({ workloads }: RestartPlan): void {
    const now = this.now();
    this.isInjectorReady.set(1);
    this.planned.set(now / 1_000);
    if (this.readingSince !== undefined) {
      this.planSeconds.observe((now - this.readingSince) / 1_000);
      this.readingSince = undefined;
    }
    this.count(workloads);
  }

  private count(workloads: RestartPlan['workloads']): void {
    const now = this.now();
    this.workloads.reset();
    this.deferred.reset();
    for (const { decision, kind, reason } of workloads) {
      this.workloads.inc({ decision, kind: kindLabel(kind) });
      if (decision === 'deferred') {
        this.deferred.inc({ reason });
      }
    }
    const outdated = new Set(workloads.filter(({ decision }) => OUTDATED.has(decision)).map(nameOf));
    for (const name of this.outdatedSince.keys()) {
      if (!outdated.has(name)) {
        this.outdatedSince.delete(name);
      }
    }
    for (const name of outdated) {
      this.outdatedSince.set(name, this.outdatedSince.get(name) ?? now);
    }
  }

  private onRollout(workload: WorkloadName, outcome: string): void {
    const name = nameOf(workload);
    const begun = this.begun.get(name);
    this.begun.delete(name);
    this.rollouts.inc({ action: begun?.action ?? 'none', kind: kindLabel(workload.kind), outcome });
    if (begun) {
      this.rolloutSeconds.observe((this.now() - begun.at) / 1_000);
    }
  }

  private secondsOutdated(): number {
    const now = this.now();
    let oldest = now;
    for (const since of this.outdatedSince.values()) {
      oldest = Math.min(oldest, since);
    }
    return (now - oldest) / 1_000;
  }

  private gauge(name: string, help: string, ...labelNames: readonly string[]): Gauge {
    return new Gauge({ ...this.named(name, help), labelNames: [...labelNames] });
  }

  private named(name: string, help: string) {
    return { name: `${PREFIX}_${name}`, help, registers: [this.registry] };
  }
}

/** Limits the values of the label, since owner references may name any kind. */
function kindLabel(kind: string): string {
  return WORKLOAD_KINDS.some((known) => known.kind === kind) ? kind : 'other';
}
