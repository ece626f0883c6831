import type { InjectorAnswer } from '../injector/ask-for-pod';
import { isGateway } from '../injector/sidecar';
import { answerFor, templateOf } from '../plan/ask-injector';
import { comparison } from '../plan/compare-sidecars';
import { outdatedChanges } from '../plan/outdated-changes';
import { podUpdates } from '../plan/plan-in-place';
import type { WorkloadPlan } from '../plan/plan';
import {
  MARK_ANNOTATION,
  markOfOthers,
  markText,
  restartMark,
  untilNextRollout,
  type RestartMark,
} from '../plan/restart-mark';
import type { EvictionTask, RestartTask, RollOutTask } from '../rollout/roll-out-task';
import type { PodTarget, UpdateTask } from '../rollout/update-in-place';
import { evictable, keyOf, type Snapshot, type Workload } from '../snapshot/snapshot';
import type { Planned } from './plan-cluster';

/** A rollout that is due. */
export interface DueRollOut {
  readonly workload: Workload;
  readonly plan: WorkloadPlan;
  readonly task: RollOutTask;
  /** The reasons of the restart or update. */
  readonly mark: RestartMark;
}

/** The tasks of the plan: rollouts, and updates in place. */
export function rollOutTasks(planned: Planned, due: readonly WorkloadPlan[], at: string): readonly DueRollOut[] {
  const { snapshot, answers } = planned;
  const plans = new Map(due.map((workload) => [keyOf(workload), workload]));
  return snapshot.workloads.flatMap((workload): readonly DueRollOut[] => {
    const plan = plans.get(keyOf(workload));
    if (!plan) {
      return [];
    }
    const mark = restartMark(outdatedChanges(workload, plan, answers), at);
    if (plan.decision === 'update') {
      return [{ workload, plan, task: updateTask(planned, workload, plan), mark }];
    }
    const { pods, reference } = workload;
    const restarted = {
      ...common(workload, snapshot),
      uid: reference.uid,
      outdated: pods.filter((pod) => plan.pods.includes(pod.name)),
      ...noteOf(workload, answers.get(workload.id), mark),
    };
    if (workload.type !== 'rollable') {
      const owner = evictable(workload)?.owner;
      const task: EvictionTask | undefined = owner && { ...restarted, owner, action: 'evict', wasComplete: true };
      return task ? [{ workload, plan, task, mark }] : [];
    }
    const { owner, object } = workload;
    const task: RestartTask = {
      ...restarted,
      owner,
      action: plan.decision === 'restart' ? 'restart' : 'wait',
      planned: object,
      wasComplete: owner.status(object).state === 'complete',
    };
    return [{ workload, plan, task, mark }];
  });
}

function common({ kind, namespace, name, settings, template }: Workload, { namespaces }: Snapshot) {
  const namespaceOrder = namespaces.get(namespace)?.settings.order ?? 0;
  return {
    kind,
    namespace,
    name,
    namespaceOrder,
    order: settings.order ?? namespaceOrder,
    isGateway: isGateway(template),
  };
}

function updateTask({ snapshot, answers }: Planned, workload: Workload, { inPlace }: WorkloadPlan): UpdateTask {
  const updates = podUpdates({
    pods: workload.pods.filter(({ name }) => inPlace?.pods.includes(name)),
    compare: comparison(workload, (pod) => answerFor(answers, workload, pod)),
    templateOf: (pod) => templateOf(answers, workload, pod),
  });
  const pods = [...updates].map(([{ name, uid }, { containers }]): PodTarget => ({ name, uid, containers }));
  const { reference } = workload;
  return { ...common(workload, snapshot), reference, action: 'update', pods, wasComplete: true };
}

/**
 * The annotation with the reasons of the restart, if there is no answer of the injector alone. Other webhooks may then
 * be the cause of the differences. One restart is tried, and the annotation prevents further ones for the same reasons.
 */
function noteOf(
  workload: Workload,
  answer: InjectorAnswer | undefined,
  mark: RestartMark,
): Pick<RestartTask, 'annotations'> {
  const others = answer?.alone === undefined ? markOfOthers(mark) : undefined;
  return others ? { annotations: { [MARK_ANNOTATION]: markText(untilNextRollout(others, workload)) } } : {};
}
