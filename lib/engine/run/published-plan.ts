import type { RestartPlan, WorkloadPlan } from '../plan/plan';

/** A plan as a ConfigMap holds it, under the key `plan.json`. */
export interface PublishedPlan {
  readonly schemaVersion: 1;
  /** When the plan was made, in RFC 3339. */
  readonly generatedAt: string;
  readonly summary: RestartPlan['summary'];
  /** The selected workloads that are not up to date, in the order of the plan. */
  readonly workloads: readonly PublishedWorkload[];
  /** How many further workloads there are, for which there is no room. */
  readonly omitted: number;
}

/** A workload of a published plan: what is decided about it, and why. */
export interface PublishedWorkload extends Pick<
  WorkloadPlan,
  'namespace' | 'kind' | 'name' | 'decision' | 'reason' | 'message' | 'deferredUntil'
> {
  /** How many pods it has. */
  readonly pods: number;
}

/** Bytes of all workloads together; a ConfigMap holds 1 MiB. */
const MOST_BYTES = 256 * 1024;

/** What of a plan is published: bounded in size, however many workloads there are. */
export function publishedPlan({ generatedAt, summary, workloads }: RestartPlan): PublishedPlan {
  const due = workloads.filter(({ decision, selected }) => decision !== 'current' && selected !== false);
  const published: PublishedWorkload[] = [];
  let bytes = 0;
  for (const workload of due.map(publishedWorkload)) {
    bytes += Buffer.byteLength(JSON.stringify(workload));
    if (bytes > MOST_BYTES) {
      break;
    }
    published.push(workload);
  }
  return { schemaVersion: 1, generatedAt, summary, workloads: published, omitted: due.length - published.length };
}

function publishedWorkload(workload: WorkloadPlan): PublishedWorkload {
  const { namespace, kind, name, decision, reason, message, deferredUntil, pods } = workload;
  const until = deferredUntil === undefined ? {} : { deferredUntil };
  return { namespace, kind, name, decision, reason, message, ...until, pods: pods.length };
}
