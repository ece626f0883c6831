import type { Figure, Section } from './figure';
import { SELECTOR, type MeasureOptions, type MeshLoad } from './mesh-load';
import { count, described } from './planning';
import { checkoutsOf, runProgram } from './programs';
import type { PatchesRun } from './programs/patches';
import type { RollRun } from './programs/roll';
import { spreadOf } from './spread';

export interface RollingCost {
  readonly workloads: number;
  readonly replicas: number;
  readonly rolls: readonly RollRun[];
  /** Of the build of the earlier checkout. */
  readonly before: readonly RollRun[];
  readonly patches: readonly PatchesRun[];
}

/** Restarts all workloads repeatedly, alternately by patches alone and, after a change, by the engine. */
export async function measureRolling(mesh: MeshLoad, options: MeasureOptions): Promise<RollingCost> {
  const { workloads, replicas, repetitions, before, progress } = options;
  const patches: PatchesRun[] = [];
  const sides = checkoutsOf(before).map((checkout) => ({ checkout, runs: [] as RollRun[] }));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    await mesh.settled();
    const patched = await runProgram<PatchesRun>('patches', [mesh.kubeconfig, SELECTOR]);
    patches.push(patched);
    for (const { runs, checkout } of sides) {
      await mesh.settled();
      await mesh.change('all', `roll-${String(repetition)}${checkout === before ? '-before' : ''}`);
      runs.push(await runProgram<RollRun>('roll', [mesh.kubeconfig], { checkout }));
    }
    const ended = [patched, ...sides.flatMap(({ runs }) => runs.slice(-1))];
    for (const { restarted } of ended) {
      if (restarted !== workloads) {
        throw new Error(`${String(restarted)} of ${String(workloads)} workloads were restarted`);
      }
    }
    const times = ended.map(({ milliseconds }) => `${milliseconds.toFixed(0)} ms`);
    progress(`rolling ${String(workloads)} workloads: patches alone, then the engine: ${times.join(', ')}`);
  }
  const [rolls = [], earlier = []] = sides.map(({ runs }) => runs);
  return { workloads, replicas, rolls, before: earlier, patches };
}

export function rollingSection({ workloads, replicas, rolls, before, patches }: RollingCost): Section {
  const name = `${count(workloads)} workloads of ${String(replicas)} ${replicas === 1 ? 'pod' : 'pods'}`;
  const floor = { name: 'patches alone', values: seconds(patches, ({ milliseconds }) => milliseconds) };
  const requests = (runs: readonly { readonly requests: number }[]) =>
    Math.round(spreadOf(runs.map((run) => run.requests)).median);
  const planned = spreadOf(seconds(rolls, ({ planningMilliseconds }) => planningMilliseconds)).median.toFixed(1);
  const perWorkload = ((requests(rolls) - requests(patches)) / workloads).toFixed(0);
  const beforeFigure: Figure = {
    name: described(`${name}, from the change to the end of the last rollout`, true),
    unit: 's',
    subject: { name: 'restartWorkloads', values: seconds(before, ({ milliseconds }) => milliseconds) },
    floor,
  };
  const figures: Figure[] = [
    {
      name: `${name}, from the change to the end of the last rollout`,
      unit: 's',
      subject: { name: 'restartWorkloads', values: seconds(rolls, ({ milliseconds }) => milliseconds) },
      floor,
      target: { kind: 'ratio', atMost: 1.15 },
      limits: `The plan before the rollouts takes ${planned} s of this time. In addition to its patch, each workload takes ${perWorkload} requests, for which the API server shares the cores with the controllers.`,
    },
    ...(before.length > 0 ? [beforeFigure] : []),
    {
      name: `${name}, from the plan to the end of the last rollout`,
      unit: 's',
      subject: {
        name: 'restartWorkloads',
        values: seconds(rolls, ({ milliseconds, planningMilliseconds }) => milliseconds - planningMilliseconds),
      },
      floor,
    },
  ];
  return {
    title: 'Rolling',
    about: [
      'The mesh is changed. As soon as the injector uses the change, `restartWorkloads` is called with unbounded concurrency: it plans, and restarts all workloads. Its second plan, which finds nothing left to do, is not counted. The floor is the speed of the controllers themselves: a bare process sends the same patches at once, and then reads all Deployments every two seconds, in one request. Both sides run in turn on the same Deployments, whose pods are injected again in both cases.',
    ],
    figures,
    breakdowns: [
      {
        title: 'Requests until the end of the last rollout (medians)',
        lines: [
          `restartWorkloads   ${count(requests(rolls))}, including a plan and, for each workload, two reads before its patch, one Event, and reads of its rollout (at most 40 per second for all workloads together)`,
          `patches alone      ${count(requests(patches))}`,
        ],
      },
    ],
  };
}

function seconds<T>(runs: readonly T[], milliseconds: (run: T) => number): number[] {
  return runs.map((run) => milliseconds(run) / 1000);
}
