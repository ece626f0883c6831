import type { MaintenanceWindow } from '../snapshot/maintenance-window';
import type { RestartSettings } from '../snapshot/restart-annotations';
import type { Snapshot, Workload } from '../snapshot/snapshot';
import type { InjectorAnswers } from './ask-injector';
import { expectedInterruption } from './expected-interruption';
import { judgeWorkload } from './judge-workload';
import type { Interruption } from './interruption';
import type { Decisions, IgnoredAnnotation, WorkloadPlan } from './plan';
import type { PlanOptions } from './plan-options';

/** The decisions from a snapshot and the injector's answers. A pure function. */
export function makePlan(snapshot: Snapshot, answers: InjectorAnswers, options: PlanOptions): Decisions {
  const planned = snapshot.workloads.flatMap((workload) => {
    const plan = judgeWorkload(workload, snapshot, answers, options);
    return plan ? [{ workload, plan: isChange(plan) ? whenDue(plan, workload, snapshot, options) : plan }] : [];
  });
  return {
    workloads: planned.map(({ plan }) => plan),
    ignoredAnnotations: ignoredAnnotations(
      planned.map(({ workload }) => workload),
      snapshot,
    ),
  };
}

function windowOf({ settings, namespace }: Workload, snapshot: Snapshot): MaintenanceWindow | undefined {
  return settings.window ?? snapshot.namespaces.get(namespace)?.settings.window;
}

function isChange({ decision }: WorkloadPlan): boolean {
  return decision === 'restart' || decision === 'update';
}

/**
 * A restart or update in place, with its expected interruption; deferred if this interruption is not wanted, or until
 * the maintenance window opens.
 */
function whenDue(found: WorkloadPlan, workload: Workload, snapshot: Snapshot, options: PlanOptions): WorkloadPlan {
  const plan = { ...found, interruption: expectedInterruption(workload, found) };
  return options.onlySeamless && plan.interruption.expected
    ? { ...plan, decision: 'deferred', reason: 'Interrupts', message: leftMessage(plan, plan.interruption) }
    : within(plan, windowOf(workload, snapshot), options);
}

function leftMessage({ decision, message }: WorkloadPlan, { reasons }: Interruption): string {
  const what = decision === 'update' ? 'an update in place' : 'a restart';
  return `${message}; deferred, since ${what} interrupts its traffic: ${reasons.map((one) => one.message).join('; ')}`;
}

/** A restart or update in place, deferred while the workload's maintenance window is closed. */
function within(plan: WorkloadPlan, window: MaintenanceWindow | undefined, { now }: PlanOptions): WorkloadPlan {
  if (!window || window.isOpen(now)) {
    return plan;
  }
  const deferredUntil = window.opensAt(now).toISOString().replace('.000Z', 'Z');
  const message = `${plan.message}; its maintenance window (${window.text}) opens at ${deferredUntil}, and a run within the window ${plan.decision}s it`;
  return { ...plan, decision: 'deferred', reason: 'OutsideWindow', message, deferredUntil };
}

function ignoredAnnotations(workloads: readonly Workload[], { namespaces }: Snapshot): readonly IgnoredAnnotation[] {
  const ignored = (
    { kind, namespace, name }: Pick<IgnoredAnnotation, 'kind' | 'namespace' | 'name'>,
    { problems }: RestartSettings,
  ) =>
    problems.map(({ annotation, value, remedy }) => ({
      ...{ namespace, kind, name, annotation, value },
      message: `annotation ${annotation} is '${value}', which is invalid and ignored: ${remedy}`,
    }));
  const holders = [...new Set(workloads.map(({ namespace }) => namespace))].sort();
  return [
    ...holders.flatMap((name) => {
      const { settings } = namespaces.get(name) ?? {};
      return settings ? ignored({ kind: 'Namespace', namespace: '', name }, settings) : [];
    }),
    ...workloads.flatMap((workload) => ignored(workload, workload.settings)),
  ];
}
