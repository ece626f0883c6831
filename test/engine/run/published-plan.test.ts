import { publishedPlan } from '../../../lib/engine/run/published-plan';
import { CART, LATER, OTHER, planFor, workload } from '../../cli/plan/example-plan';

describe('a published plan', () => {
  test('has what is not up to date, and why, without the differences', () => {
    const current = workload('fine', { decision: 'current', reason: 'UpToDate' });
    const unselected = { ...OTHER, selected: false as const };
    const plan = planFor([CART, LATER, current, unselected]);
    const { workloads, ...rest } = publishedPlan(plan);
    expect(rest).toEqual({ schemaVersion: 1, generatedAt: plan.generatedAt, summary: plan.summary, omitted: 0 });
    expect(workloads).toEqual([
      {
        ...{ namespace: CART.namespace, kind: CART.kind, name: 'cart', decision: 'restart', reason: CART.reason },
        ...{ message: CART.message, pods: CART.pods.length },
      },
      expect.objectContaining({ name: LATER.name, decision: 'deferred', deferredUntil: LATER.deferredUntil }),
    ]);
  });

  test('is bounded in size, and says how much is left out', () => {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      workload(`service-${String(index)}`, { ...CART, name: `service-${String(index)}`, message: 'x'.repeat(200) }),
    );
    const { workloads, omitted, summary } = publishedPlan(planFor(many));
    expect(workloads.length + omitted).toBe(5_000);
    expect(summary.restart).toBe(5_000);
    const bytes = Buffer.byteLength(JSON.stringify(workloads));
    expect(bytes).toBeGreaterThan(250 * 1024);
    expect(bytes).toBeLessThan(260 * 1024);
  });
});
