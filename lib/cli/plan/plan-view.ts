import { groupBy } from '../../group-by';
import { nameOf, type Decision, type RestartPlan, type WorkloadPlan } from '../../engine/plan/plan';

/** Whether a decision leaves something to do, for a restart or for a person. */
const HAS_WORK: Readonly<Record<Decision, boolean>> = {
  restart: true,
  update: true,
  wait: true,
  warn: true,
  undetermined: true,
  deferred: true,
  current: false,
  skip: false,
};

/** The order of a table: decisions that need a person come first. */
const ORDER: readonly Decision[] = ['warn', 'undetermined', 'restart', 'update', 'wait', 'deferred', 'skip'];

/** Whether the plan leaves something to do, for `--detailed-exitcode`. */
export function hasWork({ summary }: Pick<RestartPlan, 'summary'>): boolean {
  return (Object.keys(HAS_WORK) as Decision[]).some((decision) => HAS_WORK[decision] && summary[decision] > 0);
}

/** The workloads with something to do, in the order of a table. */
export function workOf(plan: RestartPlan): readonly WorkloadPlan[] {
  return listed(plan).filter(({ decision }) => HAS_WORK[decision]);
}

/** The workloads in a table, in order: all except those that are up to date or not selected. */
export function listed({ workloads }: RestartPlan): readonly WorkloadPlan[] {
  return ORDER.flatMap((decision) => workloads.filter((one) => one.decision === decision && one.selected !== false));
}

/** In kubectl's notation: `deployment/cart`. */
export function resourceOf({ kind, name }: Pick<WorkloadPlan, 'kind' | 'name'>): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** The commands to run by hand, without duplicates, with their workloads. */
export function remediesOf(plan: RestartPlan): ReadonlyMap<string, readonly WorkloadPlan[]> {
  return groupBy(
    listed(plan).filter(({ remedy }) => remedy !== ''),
    ({ remedy }) => remedy,
  );
}

/** Whether a restart or update in place is seamless; empty if neither is planned. */
export function seamlessText({ interruption }: WorkloadPlan): 'yes' | 'no' | '' {
  return interruption ? (interruption.expected ? 'no' : 'yes') : '';
}

/**
 * Reasons for interruptions, without duplicates, with their workloads. Omits workloads with the reason `Interrupts`,
 * whose messages contain them.
 */
export function interruptionsOf(plan: RestartPlan): ReadonlyMap<string, readonly WorkloadPlan[]> {
  const interruptions = new Map<string, WorkloadPlan[]>();
  for (const workload of listed(plan).filter(({ reason }) => reason !== 'Interrupts')) {
    for (const { message } of workload.interruption?.reasons ?? []) {
      const known = interruptions.get(message) ?? [];
      known.push(workload);
      interruptions.set(message, known);
    }
  }
  return interruptions;
}

/** The name of an object in messages. A Namespace has no namespace. */
export function objectOf(object: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return object.namespace === '' ? `${object.kind} ${object.name}` : nameOf(object);
}

const NAMED = 20;

/** The names of the workloads as text; only the first ones if there are many. */
export function namesOf(workloads: readonly WorkloadPlan[]): string {
  const names = workloads.slice(0, NAMED).map(nameOf).join(', ');
  return workloads.length > NAMED ? `${names} and ${String(workloads.length - NAMED)} more` : names;
}
