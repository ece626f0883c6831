import type { KubernetesApi } from '../cluster/api';
import { apiPath } from '../cluster/api-path';
import { cleanText } from '../cluster/clean-text';
import { FIELD_MANAGER } from '../cluster/field-manager';
import type { RestartPlan } from '../plan/plan';
import { isAborted } from '../restart-error';
import { publishedPlan } from './published-plan';
import type { RestartOptions } from './restart-options';
import type { RunEvent } from './run-event';

const KEY = 'plan.json';

/**
 * Publishes the plans of a run in a ConfigMap. Each plan replaces the previous one. Rollouts do not wait for this, and
 * a run continues if it fails.
 */
export class PlanPublisher {
  private target: RestartOptions['publishPlan'];
  private latest: RestartPlan | undefined;
  private writing: Promise<void> | undefined;

  /** @param onRefused called once if plans cannot be published */
  constructor(
    private readonly api: KubernetesApi,
    { publishPlan }: Pick<RestartOptions, 'publishPlan'>,
    private readonly onRefused: (message: string) => void,
  ) {
    this.target = publishPlan;
  }

  /** Publishes a plan in the background. */
  readonly onEvent = (event: RunEvent): void => {
    if (event.type === 'planned' && this.target) {
      this.latest = event.plan;
      this.writing ??= this.writeLatest(this.target);
    }
  };

  /** Returns when the latest plan is published, or cannot be published. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async writeLatest({ namespace, name }: NonNullable<RestartOptions['publishPlan']>): Promise<void> {
    try {
      const path = apiPath({ apiVersion: 'v1', resource: 'configmaps', namespace, name });
      for (let plan = this.latest; plan; plan = this.latest) {
        this.latest = undefined;
        await this.api.mergePatch(path, { data: { [KEY]: textOf(plan) } }, FIELD_MANAGER);
      }
    } catch (error) {
      this.target = undefined;
      if (!isAborted(error)) {
        const { message } = error as Error;
        this.onRefused(`ConfigMap ${namespace}/${name}: ${message.replace(/\.$/, '')}`);
      }
    } finally {
      this.writing = undefined;
    }
  }
}

/** Indented JSON, so that `kubectl describe` shows it in lines. */
function textOf(plan: RestartPlan): string {
  return JSON.stringify(
    publishedPlan(plan),
    (_, value: unknown) => (typeof value === 'string' ? cleanText(value) : value),
    1,
  );
}
