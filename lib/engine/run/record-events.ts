import { apiPath } from '../cluster/api-path';
import { createHash } from 'node:crypto';
import { eachOf } from '../cluster/each-of';
import type { KubernetesApi } from '../cluster/api';
import { cleanText } from '../cluster/clean-text';
import { ApiFailure } from '../cluster/api-failure';
import type { WorkloadPlan } from '../plan/plan';
import { RestartError } from '../restart-error';
import type { RollOutResult } from '../rollout/roll-out';
import type { Workload } from '../snapshot/snapshot';

/** What is told about a workload. */
export type EventReason = 'SidecarRestarted' | 'SidecarRestartFailed' | 'SidecarRestartDeferred' | 'SidecarOutOfDate';

export interface WorkloadEvent {
  /** The object in whose description it shows. */
  readonly object: EventObject;
  readonly reason: EventReason;
  readonly message: string;
  /** What tells it from another event of the same words; the same event recorded again changes nothing. */
  readonly occasion: string;
}

export interface EventObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

const COMPONENT = 'istio-module';
const CONCURRENCY = 8;
/** What the API server takes at most. */
const MAX_MESSAGE = 1024;

/** Records the Events of one run, until that turns out not to be possible, which is told once. */
export class EventRecorder {
  private isOff: boolean;

  constructor(
    private readonly api: KubernetesApi,
    private readonly tell: (message: string) => void,
    isWanted: boolean,
  ) {
    this.isOff = !isWanted;
  }

  /** @throws RestartError `Aborted` */
  async record(...events: readonly WorkloadEvent[]): Promise<void> {
    if (this.isOff) {
      return;
    }
    const problem = await recordEvents(this.api, events);
    if (problem !== undefined && !this.isOff) {
      this.isOff = true;
      this.tell(`Events are not recorded: ${problem}`);
    }
  }
}

/** The event of a workload that is left as it is, if the plan has something to tell about it. */
export function eventOfPlan(
  object: EventObject,
  { decision, message, remedy }: WorkloadPlan,
): readonly WorkloadEvent[] {
  switch (decision) {
    case 'warn':
      return [
        {
          object,
          reason: 'SidecarOutOfDate',
          message: remedy ? `${message}. By hand: ${remedy}` : message,
          occasion: '',
        },
      ];
    case 'deferred':
      return [{ object, reason: 'SidecarRestartDeferred', message, occasion: '' }];
    default:
      return [];
  }
}

/** The event of a workload that was rolled, or was meant to be. */
export function eventOfResult(
  object: EventObject,
  { outcome, message }: RollOutResult,
  because: string,
  occasion: string,
): readonly WorkloadEvent[] {
  switch (outcome) {
    case 'restarted':
      return [{ object, reason: 'SidecarRestarted', message: because, occasion }];
    case 'failed':
      return [{ object, reason: 'SidecarRestartFailed', message, occasion }];
    default:
      return [];
  }
}

/** A workload as the object that an event is about. */
export function eventObject({ namespace, name, reference }: Workload): EventObject {
  return { ...reference, namespace, name };
}

/**
 * Records Events, which `kubectl describe` shows and which expire by themselves. They only tell: where they cannot be
 * recorded, the run goes on, and the reason is returned.
 *
 * @throws RestartError `Aborted`
 */
async function recordEvents(api: KubernetesApi, events: readonly WorkloadEvent[]): Promise<string | undefined> {
  let problem: string | undefined;
  await eachOf(events, { limit: CONCURRENCY }, async (event) => {
    if (problem !== undefined) {
      return;
    }
    try {
      await api.request(apiPath({ apiVersion: 'v1', resource: 'events', namespace: event.object.namespace }), {
        method: 'POST',
        body: manifestOf(event, new Date(api.serverTime).toISOString().replace(/\.\d+Z$/, 'Z')),
      });
    } catch (error) {
      if (error instanceof ApiFailure) {
        // 409: it is recorded already; 422: it names an owner that no object can be; 404 or a refusal: the namespace is going,
        // and the workload with it.
        const isHarmless =
          error.status === 409 ||
          error.status === 422 ||
          error.status === 404 ||
          error.message.includes('being terminated');
        problem = isHarmless ? problem : error.message;
      } else if (error instanceof RestartError && error.code !== 'Aborted') {
        problem = error.message;
      } else {
        throw error;
      }
    }
  });
  return problem;
}

function manifestOf({ object, reason, message, occasion }: WorkloadEvent, now: string): object {
  const text = cleanText(message);
  const digest = createHash('sha256').update([object.uid, reason, message, occasion].join('\n')).digest('hex');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${object.name}.${digest.slice(0, 16)}`, namespace: object.namespace },
    involvedObject: object,
    reason,
    message: text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text,
    type: reason === 'SidecarRestarted' || reason === 'SidecarRestartDeferred' ? 'Normal' : 'Warning',
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: COMPONENT,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
