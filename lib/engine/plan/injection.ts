import type { DryRuns } from '../injector/dry-runs';
import type { InjectorAlone } from '../injector/injector-alone';
import type { InjectionWebhook, PodWebhook } from '../istio/injection-webhooks';
import type { RestartMark } from './restart-mark';

/** Whom a plan asks, and how. */
export interface Injection {
  /** Istio's webhooks. */
  readonly webhooks: readonly InjectionWebhook[];
  /** Those of others. */
  readonly others: readonly PodWebhook[];
  /** Asks injectors without the rest of admission. */
  readonly alone: InjectorAlone;
  /**
   * Finds out where dry runs are granted; elsewhere the injector alone is asked.
   *
   * @default - they are needed
   */
  readonly dryRuns?: DryRuns;
  /** What the run has restarted already, by the workload's `id`. */
  readonly tried?: ReadonlyMap<string, RestartMark>;
}
