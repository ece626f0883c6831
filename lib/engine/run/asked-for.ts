import { selectsPod } from '../istio/injection-webhooks';
import { mayBeOfTemplate } from '../plan/of-template';
import { isChosen, type PlanOptions } from '../plan/plan-options';
import { labelsOfNamespace, type Snapshot } from '../snapshot/snapshot';
import type { IsUsed } from './await-injector';

/**
 * Whether a webhook injects, or would inject, one of the selected workloads. The labels of running pods count as well
 * as those of the template, because other webhooks may have added some.
 */
export function askedFor(snapshot: Snapshot, options: PlanOptions): IsUsed {
  const chosen = snapshot.workloads.filter((workload) => isChosen(workload, snapshot, options));
  const pods = chosen.flatMap((workload) => {
    const { namespace, template } = workload;
    const namespaceLabels = labelsOfNamespace(snapshot, { namespace });
    const made = workload.pods.filter((pod) => mayBeOfTemplate(workload, pod));
    // Pods of a controller share their labels, so this set is small.
    const distinct = new Set([template.metadata?.labels ?? {}, ...made.map(({ labels }) => labels)]);
    return [...distinct].map((labels) => ({ namespace, namespaceLabels, labels }));
  });
  return (webhook) => pods.some((pod) => selectsPod(webhook, pod));
}
