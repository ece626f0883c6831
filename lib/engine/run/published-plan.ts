import type { RestartPlan, WorkloadPlan } from '../plan/plan';

/** The plan in the key `plan.json` of a ConfigMap. */
export interface PublishedPlan {
  readonly schemaVersion: 1;
  /** When the plan was made, in RFC 3339. */
  readonly generatedAt: string;
  readonly summary: RestartPlan['summary'];
  /** The selected workloads with a decision other than `current`, in the order of the plan. */
  readonly workloads: readonly PublishedWorkload[];
  /** The number of workloads that were omitted for lack of space. */
  readonly omitted: number;
}

/** A workload of a published plan, with the decision and its reason. */
export interface PublishedWorkload extends Pick<
  WorkloadPlan,
  'namespace' | 'kind' | 'name' | 'decision' | 'reason' | 'message' | 'deferredUntil'
> {
  /** The number of its outdated pods. If it is unknown which pods are outdated, the number of those that may be. */
  readonly pods: number;
}

/** The maximum size of all workloads in bytes. A ConfigMap may have 1 MiB. */
const MOST_BYTES = 256 * 1024;

/** The part of a plan that is published, with a bounded size for any number of workloads. */
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
