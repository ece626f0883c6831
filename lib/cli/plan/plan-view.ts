import { groupBy } from '../../engine/cluster/group-by';
import { nameOf, type Decision, type RestartPlan, type WorkloadPlan } from '../../engine/plan/plan';

/** Whether something is left to do, for a restart or for a person, about workloads of that decision. */
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

/** In the order of a table: what needs its user comes first. */
const ORDER: readonly Decision[] = ['warn', 'undetermined', 'restart', 'update', 'wait', 'deferred', 'skip'];

/** Whether there is something to do, for `--detailed-exitcode`. */
export function hasWork({ summary }: Pick<RestartPlan, 'summary'>): boolean {
  return (Object.keys(HAS_WORK) as Decision[]).some((decision) => HAS_WORK[decision] && summary[decision] > 0);
}

/** What there is something to do about, in the order of a table. */
export function workOf(plan: RestartPlan): readonly WorkloadPlan[] {
  return listed(plan).filter(({ decision }) => HAS_WORK[decision]);
}

/** What a table lists, in its order: all but what is up to date and what nobody asked about. */
export function listed({ workloads }: RestartPlan): readonly WorkloadPlan[] {
  return ORDER.flatMap((decision) => workloads.filter((one) => one.decision === decision && one.selected !== false));
}

/** As kubectl takes it: `deployment/cart`. */
export function resourceOf({ kind, name }: Pick<WorkloadPlan, 'kind' | 'name'>): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** The commands that are left to a person, each once, with the workloads that it is for. */
export function remediesOf(plan: RestartPlan): ReadonlyMap<string, readonly WorkloadPlan[]> {
  return groupBy(
    listed(plan).filter(({ remedy }) => remedy !== ''),
    ({ remedy }) => remedy,
  );
}

/** Whether the workload goes on serving when it is restarted or updated in place; empty where nothing of that is planned. */
export function seamlessText({ interruption }: WorkloadPlan): 'yes' | 'no' | '' {
  return interruption ? (interruption.expected ? 'no' : 'yes') : '';
}

/** Why traffic is interrupted, each once, with the workloads that it is for; not of those whose own message says so. */
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

/** How an object is called in messages; a Namespace is in none. */
export function objectOf(object: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return object.namespace === '' ? `${object.kind} ${object.name}` : nameOf(object);
}

const NAMED = 20;

/** The names of the workloads in one text; of the first only, where they are many. */
export function namesOf(workloads: readonly WorkloadPlan[]): string {
  const names = workloads.slice(0, NAMED).map(nameOf).join(', ');
  return workloads.length > NAMED ? `${names} and ${String(workloads.length - NAMED)} more` : names;
}
