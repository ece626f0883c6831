import { createHash } from 'node:crypto';
import type { KubernetesApi } from '../cluster/api';
import { ApiFailure } from '../cluster/api-failure';
import { apiPath } from '../cluster/api-path';
import { cleanText } from '../cluster/clean-text';
import { isAborted } from '../restart-error';
import { keyOf } from '../snapshot/snapshot';
import type { RestartOptions } from './restart-options';
import type { RunEvent, RunWorkload } from './run-event';

/** An Event that `kubectl describe` shows for a workload. */
interface KubernetesEvent {
  readonly workload: RunWorkload;
  readonly reason:
    'SidecarRestarted' | 'SidecarUpdated' | 'SidecarRestartFailed' | 'SidecarRestartDeferred' | 'SidecarOutOfDate';
  readonly message: string;
  /** Distinguishes Events with the same text. Recording the same Event again has no effect. */
  readonly occasion: string;
}

const COMPONENT = 'istio-module';
const NORMAL: ReadonlySet<string> = new Set(['SidecarRestarted', 'SidecarUpdated', 'SidecarRestartDeferred']);
const CONCURRENCY = 8;
/** The limit of the API server. */
const MAX_MESSAGE = 1024;

/**
 * Records what a run does as Kubernetes Events on the workloads. `kubectl describe` shows them, and they expire.
 * Rollouts do not wait for them, and a run continues if they cannot be recorded.
 */
export class EventRecorder {
  private readonly waiting: KubernetesEvent[] = [];
  private done: Promise<unknown> = Promise.resolve();
  private underWay = 0;
  /** When the round started, and why each of its workloads is due. */
  private round: { readonly time: string; readonly why: ReadonlyMap<string, string> } = { time: '', why: new Map() };
  private isOn: boolean;

  /** @param onRefused called once if no Events can be recorded */
  constructor(
    private readonly api: KubernetesApi,
    { events = true }: Pick<RestartOptions, 'events'>,
    private readonly onRefused: (message: string) => void,
  ) {
    this.isOn = events;
  }

  /** Records the event on its workload in the background. */
  readonly onEvent = (event: RunEvent): void => {
    if (event.type === 'roundBegan') {
      this.round = { time: event.time, why: new Map(event.workloads.map((one) => [keyOf(one), one.message])) };
    }
    const found = this.isOn ? this.kubernetesEvent(event) : undefined;
    if (found) {
      this.waiting.push(found);
      if (this.underWay < CONCURRENCY) {
        this.done = Promise.all([this.done, this.recordWaiting()]);
      }
    }
  };

  /** Returns when all Events are recorded. */
  async settled(): Promise<void> {
    await this.done;
  }

  private kubernetesEvent(event: RunEvent): KubernetesEvent | undefined {
    switch (event.type) {
      case 'rolloutEnded':
        return this.ofRollout(event);
      case 'left':
        return ofWorkloadLeft(event);
      default:
        return undefined;
    }
  }

  private ofRollout({
    workload,
    outcome,
    message,
  }: Extract<RunEvent, { readonly type: 'rolloutEnded' }>): KubernetesEvent | undefined {
    const { time: occasion, why } = this.round;
    switch (outcome) {
      case 'restarted':
        return { workload, reason: 'SidecarRestarted', message: why.get(keyOf(workload)) ?? '', occasion };
      case 'updated':
        return { workload, reason: 'SidecarUpdated', message: why.get(keyOf(workload)) ?? '', occasion };
      case 'failed':
        return { workload, reason: 'SidecarRestartFailed', message, occasion };
      default:
        return undefined;
    }
  }

  private async recordWaiting(): Promise<void> {
    this.underWay += 1;
    for (let event = this.waiting.shift(); event; event = this.waiting.shift()) {
      try {
        await this.record(event);
      } catch (error) {
        this.waiting.length = 0;
        if (this.isOn && !isAborted(error)) {
          this.onRefused(error instanceof Error ? error.message : String(error));
        }
        this.isOn = false;
      }
    }
    this.underWay -= 1;
  }

  private async record(event: KubernetesEvent): Promise<void> {
    try {
      await this.api.request(apiPath({ apiVersion: 'v1', resource: 'events', namespace: event.workload.namespace }), {
        method: 'POST',
        body: manifestOf(event, new Date(this.api.clock.now).toISOString().replace(/\.\d+Z$/, 'Z')),
      });
    } catch (error) {
      if (!(error instanceof ApiFailure && isOfOneEvent(error))) {
        throw error;
      }
    }
  }
}

/**
 * Whether the failure concerns only this Event, so that others can still be recorded. Admission may refuse Events in
 * one namespace, or the namespace is gone together with the workload. 409: the Event is already recorded. 422: the API
 * server does not accept its reference to the workload.
 */
function isOfOneEvent({ status, isOfAdmission, isOfGoneNamespace }: ApiFailure): boolean {
  return isOfAdmission || isOfGoneNamespace || status === 409 || status === 422;
}

function ofWorkloadLeft({
  workload,
  plan: { decision, message, remedy },
}: Extract<RunEvent, { readonly type: 'left' }>): KubernetesEvent | undefined {
  switch (decision) {
    case 'warn':
      return {
        workload,
        reason: 'SidecarOutOfDate',
        message: remedy ? `${message}. By hand: ${remedy}` : message,
        occasion: '',
      };
    case 'deferred':
      return { workload, reason: 'SidecarRestartDeferred', message, occasion: '' };
    default:
      return undefined;
  }
}

function manifestOf({ workload, reason, message, occasion }: KubernetesEvent, now: string): object {
  const { namespace, name, reference } = workload;
  const text = cleanText(message);
  const digest = createHash('sha256').update([reference.uid, reason, message, occasion].join('\n')).digest('hex');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${digest.slice(0, 16)}`, namespace },
    involvedObject: { ...reference, namespace, name },
    reason,
    message: text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text,
    type: NORMAL.has(reason) ? 'Normal' : 'Warning',
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: COMPONENT,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
