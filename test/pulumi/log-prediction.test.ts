import { predictionLine } from '../../lib/pulumi/log-prediction';
import { planOf, type Decision, type RestartPlan, type WorkloadPlan } from '../../lib/engine/plan/plan';

function planWith(...workloads: readonly (readonly [namespace: string, decision: Decision])[]): RestartPlan {
  const plans = workloads.map(([namespace, decision], index): WorkloadPlan => ({
    ...{ namespace, kind: 'Deployment', name: `app-${String(index)}`, decision, reason: 'OutOfDate' },
    ...{ message: '', remedy: '', pods: [], differences: [] },
  }));
  return planOf({ workloads: plans, ignoredAnnotations: [] }, { cluster: 'test', time: 0 });
}

describe('predictionLine', () => {
  test('counts what restarts, by namespace', () => {
    expect(predictionLine(planWith(['legacy', 'restart'], ['shop', 'restart'], ['shop', 'restart']))).toBe(
      'Once this is applied, 3 workloads restart (1 in legacy, 2 in shop).',
    );
    expect(predictionLine(planWith(['shop', 'restart'], ['shop', 'current'], ['shop', 'skip']))).toBe(
      'Once this is applied, 1 workload restarts (1 in shop).',
    );
  });

  test('counts what does not restart by itself', () => {
    const plan = planWith(
      ['a', 'warn'],
      ['a', 'update'],
      ['a', 'wait'],
      ['a', 'deferred'],
      ['a', 'undetermined'],
      ['b', 'warn'],
    );
    expect(predictionLine(plan)).toBe(
      'Once this is applied, no workload restarts; 1 updated in place; 1 already rolling out; 1 waiting for a maintenance window; 2 to do by hand; 1 undetermined.',
    );
  });

  test('counts what interrupts traffic, and what is left for that', () => {
    const plan = planWith(['shop', 'restart'], ['shop', 'restart'], ['shop', 'deferred'], ['shop', 'deferred']);
    const interruption = { expected: true, reasons: [] };
    const [first, second, third, fourth] = plan.workloads as [WorkloadPlan, WorkloadPlan, WorkloadPlan, WorkloadPlan];
    const workloads = [
      { ...first, interruption },
      second,
      { ...third, reason: 'Interrupts', interruption },
      fourth,
    ] as const;
    expect(predictionLine({ ...plan, workloads })).toBe(
      'Once this is applied, 2 workloads restart (2 in shop), 1 of them not seamless; 1 waiting for a maintenance window; 1 deferred, since a restart interrupts traffic.',
    );
  });

  test('says that it is a bound, and why', () => {
    const bound = { message: 'There is no istioctl.' };
    expect(predictionLine({ ...planWith(['shop', 'restart']), bound })).toBe(
      'Once this is applied, at most 1 workload restarts (1 in shop). There is no istioctl.',
    );
  });
});
