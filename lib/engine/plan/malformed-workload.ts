import { shellCommand } from '../cluster/shell-command';
import { STATUS_ANNOTATION } from '../injector/sidecar';
import type { Workload } from '../snapshot/snapshot';
import type { WorkloadPlan } from './plan';
import { planEntry } from './plan-entry';
import type { Purpose } from './plan-options';

/** The entry for a workload that contains data in a wrong format; undefined if there is none. */
export function malformedWorkload(workload: Workload, purpose: Purpose): WorkloadPlan | undefined {
  const { namespace, kind, name, pods } = workload;
  const undetermined = (why: string, ...object: readonly string[]): WorkloadPlan => ({
    ...planEntry(workload, 'undetermined', 'MalformedRecord', `its sidecar cannot be compared, since ${why}`),
    remedy: shellCommand('kubectl', '-n', namespace, 'get', ...object, '-o', 'yaml'),
    pods: pods.map((pod) => pod.name),
  });
  if (workload.type === 'rollable' && workload.object.invalidField !== undefined) {
    const why = `the field ${workload.object.invalidField} of its ${kind} is invalid`;
    return undetermined(why, kind.toLowerCase(), name);
  }
  const pod = pods.find(({ hasMalformedRecord }) => hasMalformedRecord);
  return pod && purpose === 'update'
    ? undetermined(
        `the annotation ${STATUS_ANNOTATION} of pod ${pod.name} does not have the format that Istio writes`,
        'pod',
        pod.name,
      )
    : undefined;
}
