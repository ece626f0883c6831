import { apiPath } from '../cluster/api-path';
import type { KubernetesApi } from '../cluster/api';
import { groupBy } from '../../group-by';
import type { Pod } from '../cluster/objects';
import type { InjectorAnswer } from '../injector/ask-for-pod';
import { originalTemplate } from '../snapshot/original-template';
import { podsAlike, type PodsAlike } from '../snapshot/pods-alike';
import { readTemplateHolder } from '../snapshot/read-template-holder';
import type { PodRecord, RollableWorkload, Workload } from '../snapshot/snapshot';
import { outdatedOf } from './compare-sidecars';
import { isOfTemplate } from './of-template';

/**
 * The templates of pods that may come from an older template, and that no restart replaces with pods of the current
 * one, such as those below a partition. The answer for the current template does not apply to them.
 */
export async function ownTemplates(
  api: KubernetesApi,
  workload: Workload,
  pods: readonly PodRecord[],
  answer: InjectorAnswer,
): Promise<readonly PodsAlike[]> {
  if (workload.type !== 'rollable' || 'denied' in answer) {
    return [];
  }
  const { owner, object } = workload;
  const isOld = (pod: PodRecord) => !isOfTemplate(workload, pod);
  // Most workloads have no old pods, and checking for them is faster than a comparison.
  const outdated = pods.some(isOld) ? outdatedOf(pods, answer, workload) : [];
  if (outdated.length === 0 || !(owner.keepsTemplates ?? owner.blocked(object, outdated))) {
    return [];
  }
  const old = outdated.filter(isOld);
  return owner.replicaSets ? templatesOfReplicaSets(api, workload, old) : templatesOfPods(api, workload, old);
}

async function templatesOfReplicaSets(
  api: KubernetesApi,
  { namespace }: RollableWorkload,
  pods: readonly PodRecord[],
): Promise<readonly PodsAlike[]> {
  const sets = groupBy(pods, ({ origin }) => origin.controller?.uid ?? '');
  const found = await Promise.all(
    [...sets].map(async ([uid, members]) => {
      const controller = members[0]?.origin.controller;
      const set = controller && (await readTemplateHolder(api, namespace, controller));
      const template = set?.metadata.uid === uid ? set.spec.template : undefined;
      return template ? [{ pods: members.map((pod) => pod.uid), template }] : [];
    }),
  );
  return found.flat();
}

async function templatesOfPods(
  api: KubernetesApi,
  { namespace }: RollableWorkload,
  pods: readonly PodRecord[],
): Promise<readonly PodsAlike[]> {
  const found = await Promise.all(
    pods.map(async ({ name, uid }) => {
      const pod = await api.find<Pod>(apiPath({ apiVersion: 'v1', resource: 'pods', namespace, name }));
      return pod?.metadata.uid === uid ? [{ uid, template: originalTemplate(pod) }] : [];
    }),
  );
  return podsAlike(found.flat(), ({ template }) => JSON.stringify(template));
}
