import { askInjector } from '../../lib/engine/plan/ask-injector';
import { lostSidecars } from '../../lib/engine/plan/lost-sidecars';
import { makePlan } from '../../lib/engine/plan/make-plan';
import { isChosen, type PlanOptions } from '../../lib/engine/plan/plan-options';
import { nameOf, type WorkloadPlan } from '../../lib/engine/plan/plan';
import { readSnapshot } from '../../lib/engine/snapshot/read-snapshot';
import { meshNamespace, OUT_OF_DATE, type ClusterObject } from './cluster-builder';
import { injectionOf } from './injection-of';
import { FakeCluster, type FakeClusterOptions } from './fake-cluster';

export type PlanningOptions = Partial<PlanOptions> & FakeClusterOptions;

/** The plan for a fake cluster of these objects, and the workloads that would lose their sidecars. */
export async function planAndRemovals(objects: readonly ClusterObject[], options: PlanningOptions = {}) {
  const planOptions: PlanOptions = {
    purpose: options.purpose ?? 'update',
    namespaces: options.namespaces,
    selector: options.selector,
    evict: options.evict,
    inPlace: options.inPlace,
    onlySeamless: options.onlySeamless,
    now: options.now ?? new Date('2026-11-24T12:00:00Z'),
  };
  const cluster = await FakeCluster.start(objects, options);
  try {
    const api = await cluster.server.api();
    const snapshot = await readSnapshot(api);
    const answers = await askInjector(
      api,
      snapshot,
      (workload) => isChosen(workload, snapshot, planOptions),
      await injectionOf(api),
    );
    const plan = makePlan(snapshot, answers, planOptions);
    return {
      plan: plan.workloads,
      ignoredAnnotations: plan.ignoredAnnotations,
      removals: lostSidecars(snapshot, answers).map(nameOf),
    };
  } finally {
    await cluster.close();
  }
}

export async function planOf(
  objects: readonly ClusterObject[],
  options?: PlanningOptions,
): Promise<readonly WorkloadPlan[]> {
  return (await planAndRemovals(objects, options)).plan;
}

/** Decision, reason, message and remedy of the only entry of the plan. */
export async function decisionOn(objects: readonly ClusterObject[], options?: PlanningOptions) {
  const plan = await planOf(objects, options);
  expect(plan).toHaveLength(1);
  const [{ decision, reason, message, remedy }] = plan as [WorkloadPlan];
  return { decision, reason, message, remedy };
}

/** The namespace of all objects that name no other one. */
export const SHOP = meshNamespace('shop');
/** The reason when the only pod of a workload has the old image. */
export const ONE = `1 of 1 pod out of date ${OUT_OF_DATE}`;
