import { FIRST_VERSION, type Lifecycle, SECOND_VERSION, type LifecycleStep } from './lifecycle';
import type { Interruption } from './interruption';
import { stepLines } from './step-report';
import type { Terminal } from './terminal';

/** Where the demonstration prints, and how the user ends it. */
export interface Audience {
  readonly terminal: Terminal;
  readonly interruption: Interruption;
}

export interface ShowOptions {
  /** Ends soon what is under way: a `pulumi up`, given its process id, or else anything other than a `pulumi up`. */
  readonly stop: (updating: number | undefined) => void;
  /** Leaves Istio installed. */
  readonly keep: boolean;
}

/**
 * Goes through the lifecycle, and prints what happens.
 *
 * @throws Interrupted, or LifecycleError when Pulumi does not succeed
 */
export async function showLifecycle(
  lifecycle: Lifecycle,
  { terminal, interruption }: Audience,
  { stop, keep }: ShowOptions,
): Promise<LifecycleStep[]> {
  const steps: LifecycleStep[] = [];
  const show = async (heading: string, step: () => Promise<LifecycleStep>) => {
    interruption.check();
    terminal.heading(heading);
    const done = await interruption.during(() => {
      stop(lifecycle.interrupt());
    }, step);
    stepLines(done).forEach(terminal.line);
    steps.push(done);
  };
  terminal.heading('Sample workloads, not in a mesh yet');
  const workloads = await interruption.during(
    () => undefined,
    () => lifecycle.seed(),
  );
  const pods = Object.values(workloads).flatMap((workload) => workload.pods).length;
  terminal.line(`${String(Object.keys(workloads).length)} workloads with ${String(pods)} pods`);
  await show(`pulumi up: Istio ${FIRST_VERSION}, its namespaces, mutual TLS, a traffic policy`, () =>
    lifecycle.install(),
  );
  await show(`pulumi up: Istio ${SECOND_VERSION}, and other resources for the sidecars`, () => lifecycle.change());
  await show('pulumi up: nothing changed', () => lifecycle.repeat());
  if (!keep) {
    await show('pulumi destroy', () => lifecycle.destroy());
  }
  return steps;
}
