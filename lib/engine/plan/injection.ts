import type { DryRuns } from '../injector/dry-runs';
import type { InjectorAlone } from '../injector/injector-alone';
import type { InjectionWebhook, PodWebhook } from '../istio/injection-webhooks';
import type { SidecarPool } from '../snapshot/sidecar-pool';
import type { RestartMark } from './restart-mark';

/** How a plan asks the injectors. */
export interface Injection {
  /** Istio's webhooks. */
  readonly webhooks: readonly InjectionWebhook[];
  /** Webhooks of others. */
  readonly others: readonly PodWebhook[];
  /** Asks injectors without the rest of admission. */
  readonly alone: InjectorAlone;
  /**
   * Determines where dry runs are granted. Elsewhere, only the injector is asked. Without this field, a dry run that is
   * not granted is an error.
   *
   * @default - dry runs are required everywhere
   */
  readonly dryRuns?: DryRuns;
  /**
   * The pool of the snapshot's sidecars. Answers share its values, which makes comparisons with pods faster.
   *
   * @default - a new pool
   */
  readonly sidecars?: SidecarPool;
  /** The reasons of restarts earlier in the run, by the workload's `id`. */
  readonly tried?: ReadonlyMap<string, RestartMark>;
}
