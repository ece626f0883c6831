import { join } from 'node:path';
import type { Section } from './figure';
import type { MeasureOptions, MeshLoad, Outdated } from './mesh-load';
import { timeNode } from './node-process';
import { describe, show } from './planning';
import { programFile, runProgram } from './programs';
import type { PlanRun } from './programs/plan';

/** The command line, as it is built. */
export const CLI = join(__dirname, '..', 'dist', 'lib', 'cli', 'bin.js');

/** What the command took in one state of the mesh, in milliseconds. */
export interface CommandCost {
  readonly workloads: number;
  readonly replicas: number;
  readonly outdated: Outdated;
  readonly commands: readonly number[];
  readonly floors: readonly number[];
}

const STATES: readonly Outdated[] = ['none', 'all'];
const AT_MOST = 1.15;

/** Runs `istio-module plan` repeatedly, in turn with a process that only sends the same requests. */
export async function measureCommand(mesh: MeshLoad, options: MeasureOptions): Promise<readonly CommandCost[]> {
  const { workloads, replicas, repetitions, progress } = options;
  const { kubeconfig } = mesh;
  const costs: CommandCost[] = [];
  for (const outdated of STATES) {
    await mesh.change(outdated, 'of-the-command');
    const recorded = mesh.fileOf('requests.json');
    await runProgram<PlanRun>('plan', [kubeconfig, '3', 'once', recorded]);
    const [commands, floors]: [number[], number[]] = [[], []];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      floors.push(await timeNode([programFile('floor'), kubeconfig, recorded]));
      commands.push(await timeNode([CLI, 'plan', '--kubeconfig', kubeconfig, '--output', 'json']));
    }
    costs.push({ workloads, replicas, outdated, commands, floors });
    progress(`the command, ${describe(outdated)}: ${show(commands)}, the floor ${show(floors)}`);
  }
  return costs;
}

/** Time, against the same requests without a planner. */
export function commandSection(costs: readonly CommandCost[]): Section {
  return {
    title: 'The command',
    about: [
      '`istio-module plan -o json` with its defaults, from the start of the process to its end: loading the code, waiting for the injector with three probes half a second apart, reading the cluster, asking the injector, and printing. The floor, also from start to end: a process that sends the LISTs, dry runs and questions to the injector of the same plan, but no probes. Both sides run in turn.',
    ],
    figures: costs.map(({ workloads, replicas, outdated, commands, floors }) => ({
      name: `${String(workloads)} workloads of ${String(replicas)} pods, ${describe(outdated)}`,
      unit: 'ms',
      subject: { name: 'istio-module plan', values: commands },
      floor: { name: 'raw requests', values: floors },
      target: { kind: 'ratio', atMost: AT_MOST },
    })),
  };
}
