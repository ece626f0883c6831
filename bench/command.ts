import type { Section } from './figure';
import type { MeasureOptions, MeshLoad, Outdated } from './mesh-load';
import { timeNode } from './node-process';
import { describe, described, show } from './planning';
import { checkoutsOf, cliFile, programFile, runProgram } from './programs';
import type { PlanRun } from './programs/plan';

/** What the command took in one state of the mesh, in milliseconds. */
export interface CommandCost {
  readonly workloads: number;
  readonly replicas: number;
  readonly outdated: Outdated;
  /** Whether the command is that of the earlier checkout. */
  readonly isBefore: boolean;
  readonly commands: readonly number[];
  readonly floors: readonly number[];
}

const STATES: readonly Outdated[] = ['none', 'all'];
const AT_MOST = 1.15;

/** Runs `istio-module plan` repeatedly, in turn with a process that only sends the same requests. */
export async function measureCommand(mesh: MeshLoad, options: MeasureOptions): Promise<readonly CommandCost[]> {
  const { workloads, replicas, repetitions, before, progress } = options;
  const { kubeconfig } = mesh;
  const costs: CommandCost[] = [];
  for (const outdated of STATES) {
    await mesh.change(outdated, 'of-the-command');
    const sides = checkoutsOf(before).map((checkout) => ({
      checkout,
      recorded: mesh.fileOf(checkout === before ? 'requests-before.json' : 'requests.json'),
      commands: [] as number[],
      floors: [] as number[],
    }));
    for (const { checkout, recorded } of sides) {
      await runProgram<PlanRun>('plan', [kubeconfig, '3', 'once', recorded], { checkout });
    }
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const { checkout, recorded, commands, floors } of sides) {
        floors.push(await timeNode([programFile('floor'), kubeconfig, recorded]));
        commands.push(await timeNode([cliFile(checkout), 'plan', '--kubeconfig', kubeconfig, '--output', 'json']));
      }
    }
    for (const { checkout, commands, floors } of sides) {
      const isBefore = checkout === before;
      costs.push({ workloads, replicas, outdated, isBefore, commands, floors });
      progress(
        `${described('the command', isBefore)}, ${describe(outdated)}: ${show(commands)}, the floor ${show(floors)}`,
      );
    }
  }
  return costs;
}

/** Time, against the same requests without a planner. */
export function commandSection(costs: readonly CommandCost[]): Section {
  return {
    title: 'The command',
    about: [
      '`istio-module plan -o json` with its defaults, from the start of the process to its end: loading the code, waiting for the injector with three probes half a second apart, reading the cluster, asking the injector, and printing. The floor, also from start to end: a process that sends the same LISTs, dry runs and questions to the injector as this plan, but no probes. Both sides run in turn.',
    ],
    figures: costs.map(({ workloads, replicas, outdated, isBefore, commands, floors }) => ({
      name: described(`${String(workloads)} workloads of ${String(replicas)} pods, ${describe(outdated)}`, isBefore),
      unit: 'ms',
      subject: { name: 'istio-module plan', values: commands },
      floor: { name: 'raw requests', values: floors },
      ...(isBefore ? {} : { target: { kind: 'ratio', atMost: AT_MOST } }),
    })),
  };
}
