import type { Workload } from '../../snapshot/snapshot';
import { answerFor, type InjectorAnswers } from '../ask-injector';
import { givesSidecar } from '../gives-sidecar';

/**
 * Whether all pods of the workload have a sidecar, and the injector gives them one again, even if the rest of admission
 * refuses them. Such a workload neither enters nor leaves the mesh, even if its sidecar cannot be compared.
 */
export function keepsSidecar(workload: Workload, answers: InjectorAnswers): boolean {
  return workload.pods.every((pod) => {
    const answer = answerFor(answers, workload, pod);
    return pod.sidecar !== undefined && [answer, answer?.alone].some(givesSidecar);
  });
}
