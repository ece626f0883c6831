import type { Breakdown, Figure, Section } from './figure';
import { outdatedNamespaces, type MeshLoad, type Outdated } from './mesh-load';
import type { Plot } from './plot';
import { profiled } from './profile';
import { checkoutsOf, runProgram } from './programs';
import type { FloorRun } from './programs/floor';
import type { OnePageRun } from './programs/one-page';
import type { PlanRun } from './programs/plan';
import { spreadOf } from './spread';

/** What planning cost on a mesh of one size. */
export interface PlanningCost {
  readonly workloads: number;
  readonly pods: number;
  readonly states: readonly StateCost[];
  /** Of a process that holds one page of pods. */
  readonly baseline: readonly OnePageRun[];
}

export interface StateCost {
  readonly outdated: Outdated;
  /** Whether the planner is that of the earlier checkout. */
  readonly isBefore: boolean;
  readonly plans: readonly PlanRun[];
  readonly floors: readonly FloorRun[];
  /** The times of the second plan of processes that plan twice; empty if this was not measured. */
  readonly again: readonly number[];
  /** Requests of a run with the default number of probes of the injector. */
  readonly defaultRequests: number;
}

export interface PlanningOptions {
  readonly workloads: number;
  readonly pods: number;
  readonly repetitions: number;
  /** Whether each process of the planner plans once more. */
  readonly isPlannedTwice: boolean;
  /** Another checkout, whose build is measured on the same mesh. */
  readonly before?: string;
  readonly progress: (line: string) => void;
}

const STATES: readonly Outdated[] = ['none', 'few', 'all'];
const PROBES = { default: '3', least: '1' };

/** Plans again and again, in turn with the floor, in each state of the mesh. */
export async function measurePlanning(mesh: MeshLoad, options: PlanningOptions): Promise<PlanningCost> {
  const { workloads, pods, repetitions, isPlannedTwice, before, progress } = options;
  const { kubeconfig } = mesh;
  const states: StateCost[] = [];
  for (const outdated of STATES) {
    await mesh.change(outdated, `of-${String(workloads)}`);
    const times = isPlannedTwice ? 'twice' : 'once';
    const sides = [];
    for (const checkout of checkoutsOf(before)) {
      const recorded = mesh.fileOf(checkout === before ? 'requests-before.json' : 'requests.json');
      const first = await runProgram<PlanRun>('plan', [kubeconfig, PROBES.default, 'once', recorded], { checkout });
      sides.push({ checkout, recorded, first, plans: [] as PlanRun[], floors: [] as FloorRun[] });
    }
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const { checkout, recorded, plans, floors } of sides) {
        floors.push(await runProgram<FloorRun>('floor', [kubeconfig, recorded]));
        plans.push(await runProgram<PlanRun>('plan', [kubeconfig, PROBES.least, times], { checkout }));
      }
    }
    for (const { checkout, first, plans, floors } of sides) {
      for (const { decisions } of [first, ...plans]) {
        expectDecisions(decisions, expectedOutdated(outdated, workloads), workloads);
      }
      const isBefore = checkout === before;
      const again = isPlannedTwice ? plans.map(({ againMilliseconds }) => againMilliseconds) : [];
      states.push({ outdated, isBefore, plans, floors, again, defaultRequests: first.requests });
      progress(
        `${described(`${String(workloads)} workloads, ${describe(outdated)}`, isBefore)}: ${show(timesOf(plans))}, the floor ${show(timesOf(floors))}`,
      );
    }
  }
  const baseline: OnePageRun[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    baseline.push(await runProgram<OnePageRun>('one-page', [kubeconfig]));
  }
  return { workloads, pods, states, baseline };
}

/** Times in milliseconds, for a person. */
export function show(times: readonly number[]): string {
  return `${times.map((time) => time.toFixed(0)).join(' ')} ms`;
}

function timesOf(runs: readonly { readonly milliseconds: number }[]): readonly number[] {
  return runs.map(({ milliseconds }) => milliseconds);
}

function expectedOutdated(outdated: Outdated, workloads: number): number {
  return outdated === 'all' ? workloads : outdated === 'few' ? Math.ceil(workloads / 20) : 0;
}

/** Fails for a wrong plan, because figures about it would be worthless. */
function expectDecisions(decisions: PlanRun['decisions'], outdated: number, workloads: number): void {
  const { restart = 0, current = 0, ...others } = decisions;
  if (restart !== outdated || current !== workloads - outdated || Object.keys(others).length > 0) {
    throw new Error(
      `the plan is ${JSON.stringify(decisions)}, not ${String(outdated)} of ${String(workloads)} workloads out of date`,
    );
  }
}

export function describe(outdated: Outdated): string {
  return { none: 'everything current', few: '5 % outdated', all: 'everything outdated' }[outdated];
}

/** The name of a figure. The same figure of the earlier checkout is marked. */
export function described(name: string, isBefore: boolean): string {
  return isBefore ? `${name}, before` : name;
}

/** Where the planner's own time goes, on the mesh in its current state. */
export async function profilePlanning({ kubeconfig }: MeshLoad): Promise<Breakdown> {
  const { result, lines } = await profiled((nodeArgs) => runProgram<PlanRun>('plan', [kubeconfig], { nodeArgs }));
  const workloads = Object.values(result.decisions).reduce((sum, one) => sum + one, 0);
  return {
    title: `A CPU profile of one plan of ${count(workloads)} workloads, which took ${result.milliseconds.toFixed(0)} ms: the self time of each function, as a share of the time in which the process was not idle`,
    lines,
  };
}

/** The processor time of each side. The rest of the wall-clock time is the cluster's. */
function ownTimes(costs: readonly PlanningCost[]): Breakdown {
  const median = (runs: readonly { readonly processorMilliseconds: number }[]) =>
    count(Math.round(spreadOf(runs.map((run) => run.processorMilliseconds)).median)).padStart(7);
  return {
    title:
      'Processor time of the two processes themselves, which share the cores with the API server and istiod (medians, in ms)',
    lines: costs.flatMap(({ workloads, states }) =>
      states.map(({ outdated, isBefore, plans, floors }) => {
        const name = described(`${count(workloads)} workloads, ${describe(outdated)}`, isBefore);
        return `${name.padEnd(46)} plan ${median(plans)}   raw requests ${median(floors)}   (${count(Math.round(floors[0]?.megabytes ?? NaN))} MB of lists)`;
      }),
    ),
  };
}

/** Time, against the same requests without a planner. */
export function planningSection(costs: readonly PlanningCost[], profiles: readonly Breakdown[] = []): Section {
  return {
    title: 'Planning: time',
    about: [
      'The planner: `planRestarts` of the built package, from its call to the plan, in a separate process that has already loaded the code (see Start-up). It probes the injector once (`injector: { probes: 1, settleSeconds: 0 }`), without the two pauses of half a second between the three probes of the default. The floor: a process that sends the same requests as the plan, with prepared bodies and without probes, and discards the answers: the LISTs page by page, then the dry runs and the questions to the injector, 16 at a time. It keeps its connections alive. Both sides run in turn. “Once more”: a second plan by the same process, whose code Node has compiled and whose connections are open.',
    ],
    figures: costs.flatMap(({ workloads, states }) =>
      states.flatMap(({ outdated, isBefore, plans, floors, again }): Figure[] => {
        const name = described(`${count(workloads)} workloads, ${describe(outdated)}`, isBefore);
        const floor = { name: 'raw requests', values: floors.map(({ milliseconds }) => milliseconds) };
        const values = plans.map(({ milliseconds }) => milliseconds);
        return [
          {
            name,
            unit: 'ms',
            subject: { name: 'plan', values },
            floor,
            ...(isBefore ? {} : { target: { kind: 'ratio', atMost: 1.25 } }),
          },
          ...(again.length > 0
            ? [{ name: `${name}, once more`, unit: 'ms' as const, subject: { name: 'plan', values: again }, floor }]
            : []),
        ];
      }),
    ),
    breakdowns: [ownTimes(costs), ...profiles],
  };
}

/** The requests of a plan besides the pages of its LISTs and its questions about workloads. */
const FURTHER_REQUESTS = 20;

export function requestsSection(costs: readonly PlanningCost[]): Section {
  return {
    title: 'Planning: requests to the API server',
    about: [
      `Counted in the process that plans, with the default three probes of the injector. The target is pages + workloads + namespaces + ${String(FURTHER_REQUESTS)}: the pages that the floor's LISTs take, the dry runs that it sends (istiod is a workload too), and, for each namespace with outdated workloads, one question that goes only to the injector. The workloads of a namespace share the answer, because they have the same changes.`,
    ],
    figures: costs.flatMap(({ workloads, states }) =>
      current(states).map(({ outdated, floors, defaultRequests }): Figure => {
        const { pages = NaN, dryRuns = NaN } = floors[0] ?? {};
        return {
          name: `${count(workloads)} workloads, ${describe(outdated)}`,
          unit: 'requests',
          subject: { name: 'plan', values: [defaultRequests] },
          floor: { name: 'pages and dry runs', values: [pages + dryRuns] },
          target: { kind: 'excess', atMost: FURTHER_REQUESTS + outdatedNamespaces(outdated) },
        };
      }),
    ),
  };
}

const MEGABYTES_ABOVE_BASELINE = 150;
/** The number of pods from which memory must stay flat, and the greatest ratio that counts as flat. */
const FLAT = { from: 10_000, atMost: 1.1 };

/** Planning time as it grows with the cluster. */
export function planningPlot(costs: readonly PlanningCost[]): Plot {
  const points = (of: 'plans' | 'floors', outdated: Outdated) =>
    costs.map(({ workloads, states }) => ({
      x: workloads,
      values: states
        .filter((state) => !state.isBefore && state.outdated === outdated)
        .flatMap((state) => state[of].map(({ milliseconds }) => milliseconds / 1000)),
    }));
  return {
    title: 'Planning a mesh, against the same requests sent raw',
    xLabel: 'workloads of 10 pods',
    yLabel: 'seconds',
    series: [
      { name: 'plan, everything outdated', colour: 'first', points: points('plans', 'all') },
      { name: 'plan, everything current', colour: 'second', points: points('plans', 'none') },
      { name: 'raw requests, answers discarded', colour: 'muted', points: points('floors', 'all') },
    ],
  };
}

export function memorySection(costs: readonly PlanningCost[]): Section {
  const peaksOf = (cost: PlanningCost) =>
    current(cost.states).flatMap(({ plans }) => plans.map((run) => run.peakMegabytes));
  const reference = costs.find(({ pods }) => pods === FLAT.from);
  return {
    title: 'Planning: peak resident memory',
    about: [
      'The memory of the process that plans, in all runs in the three states of the mesh, as the operating system counts it (maximum resident set size). It is compared with a bare Node process that holds one parsed page of 500 pods.',
    ],
    figures: [
      ...costs.map((cost): Figure => ({
        name: `${count(cost.pods)} pods`,
        unit: 'MB',
        subject: { name: 'plan', values: peaksOf(cost) },
        floor: { name: 'one page', values: cost.baseline.map(({ peakMegabytes }) => peakMegabytes) },
        target: { kind: 'excess', atMost: MEGABYTES_ABOVE_BASELINE },
      })),
      ...costs
        .filter(({ pods }) => reference && pods > FLAT.from)
        .map((cost): Figure => ({
          name: `${count(cost.pods)} pods against ${count(FLAT.from)}`,
          unit: 'MB',
          subject: { name: `${count(cost.pods)} pods`, values: peaksOf(cost) },
          floor: { name: `${count(FLAT.from)} pods`, values: reference ? peaksOf(reference) : [] },
          target: { kind: 'ratio', atMost: FLAT.atMost },
          limits:
            'For each pod, a plan keeps a record and a tenth of the data about its workload, which has ten pods: about 1 KB. Node does not collect garbage of the old generation during a plan of this size (`--trace-gc`), so objects that live long enough to get there also count after they are dropped.',
        })),
    ],
  };
}

/** Without those of the earlier checkout. */
function current(states: readonly StateCost[]): readonly StateCost[] {
  return states.filter(({ isBefore }) => !isBefore);
}

export function count(value: number): string {
  return value.toLocaleString('en');
}
