import { parseArgs } from 'node:util';
import { circumstancesOf } from './circumstances';
import { verdictOf, type Breakdown } from './figure';
import { commandSection, measureCommand } from './command';
import { keepResults, PARTS, type KeptResults, type Part } from './kept-results';
import { MeshLoad } from './mesh-load';
import {
  measurePlanning,
  memorySection,
  planningPlot,
  planningSection,
  profilePlanning,
  requestsSection,
  type PlanningCost,
} from './planning';
import { buildPrograms } from './programs';
import { renderResults } from './results';
import { measureRolling, rollingSection } from './rolling';
import { measureStartUp, measureSynthesis } from './start-up';
import { measureTraffic, trafficPlot, trafficSection } from './traffic';
import { measureWatching, watchingSection } from './watching';

/** How much is measured. */
interface Extent {
  readonly parts: readonly Part[];
  /** How many workloads are planned, from few to many. */
  readonly sizes: readonly number[];
  /** How many workloads the command plans. */
  readonly commanded: number;
  readonly rolled: number;
  readonly repetitions: number;
  /** How often a mesh under load is upgraded in each way. */
  readonly upgrades: number;
  readonly isProfiled: boolean;
  /** Another checkout, whose build is measured on the same mesh. */
  readonly before?: string;
  /** Whether to keep the results: only those of a complete measurement. */
  readonly isKept: boolean;
}

/** Pods of each workload. */
const REPLICAS = { planned: 10, rolled: 1, watched: 1 };
/** How many workloads there are while a watch sees changes. Few are enough: its memory depends on the changes. */
const WATCHED = 100;
const WHOLE = { sizes: [100, 1_000, 2_000], commanded: 500, rolled: 1_000, repetitions: 5, upgrades: 3 };
const QUICK = { sizes: [100], commanded: 100, rolled: 100, repetitions: 2, upgrades: 1 };
/** The parts that are measured if none is chosen. The part `traffic` requires a real node, and therefore root. */
const USUAL_PARTS = PARTS.filter((part) => part !== 'traffic');

const HELP = `npm run bench                 measures all parts except traffic (an hour and a half on two cores), and writes bench/RESULTS.md and bench/plan-cost.svg after each part
npm run bench -- --quick      measures 100 workloads in under three minutes; prints the results and does not keep them
  --traffic                   upgrades a mesh under load instead (an hour on two cores, as root), like --only traffic
  --only PART,...             measures only these parts, of ${PARTS.join(', ')}
  --before DIRECTORY          also measures planning, the command and rolling with the package that is built in the
                              checkout DIRECTORY, on the same mesh, and marks these figures “before”
  --profile                   adds CPU profiles, as in all runs without --quick
As with --quick, the results are not kept with one of these options:
  --sizes N,...               the numbers of workloads to plan
  --commanded N               the number of workloads that the command plans
  --rolled N                  the number of workloads to restart
  --repetitions N             the number of repetitions for each side
The exit code is 1 if planning sends more requests than its target allows, or if a request fails during an upgrade or downgrade. Times do not affect it.`;

function extentOf(args: readonly string[]): Extent | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      traffic: { type: 'boolean', default: false },
      only: { type: 'string' },
      before: { type: 'string' },
      sizes: { type: 'string' },
      commanded: { type: 'string' },
      rolled: { type: 'string' },
      repetitions: { type: 'string' },
    },
  });
  if (values.help) {
    return undefined;
  }
  const usual = values.quick ? QUICK : WHOLE;
  const defaultParts: readonly Part[] = values.quick ? ['start-up', 'planning'] : USUAL_PARTS;
  const chosen = values.traffic ? ['traffic'] : values.only?.split(',');
  const unknown = chosen?.filter((name) => !PARTS.some((part) => part === name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`--only ${unknown.join(',')}: the parts are ${PARTS.join(', ')}`);
  }
  const isShortened = values.quick || [values.sizes, values.commanded, values.rolled, values.repetitions].some(Boolean);
  return {
    parts: chosen ? PARTS.filter((part) => chosen.includes(part)) : defaultParts,
    sizes: values.sizes?.split(',').map(Number) ?? usual.sizes,
    commanded: Number(values.commanded ?? usual.commanded),
    rolled: Number(values.rolled ?? usual.rolled),
    repetitions: Number(values.repetitions ?? usual.repetitions),
    upgrades: Number(values.repetitions ?? usual.upgrades),
    before: values.before,
    isProfiled: values.profile || !values.quick,
    isKept: !isShortened,
  };
}

type Measured = Pick<KeptResults, 'sections' | 'plot'>;

const MEASURE: Readonly<Record<Part, (extent: Extent) => Promise<Measured>>> = {
  planning: plan,
  command,
  rolling: roll,
  watching: watch,
  'start-up': async ({ repetitions }) => ({ sections: [await measureStartUp(repetitions)] }),
  synthesis: async ({ repetitions, isProfiled }) => ({ sections: [await measureSynthesis(repetitions, isProfiled)] }),
  traffic,
};

async function plan({ sizes, repetitions, isProfiled, before }: Extent): Promise<Measured> {
  const mesh = await MeshLoad.start({ maxWorkloads: Math.max(...sizes), replicas: REPLICAS.planned, progress });
  try {
    const costs: PlanningCost[] = [];
    const profiles: Breakdown[] = [];
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
    for (const workloads of sizes) {
      await mesh.growTo(workloads);
      const pods = workloads * REPLICAS.planned;
      // A second plan by the same process is faster only in small meshes, where loading and compiling the code is a
      // large part of the time.
      const isPlannedTwice = workloads === least;
      costs.push(await measurePlanning(mesh, { workloads, pods, repetitions, isPlannedTwice, before, progress }));
      if (isProfiled && (workloads === least || workloads === most)) {
        profiles.push(await profilePlanning(mesh));
      }
    }
    const sections = [planningSection(costs, profiles), requestsSection(costs), memorySection(costs)];
    return { sections, plot: planningPlot(costs) };
  } finally {
    await mesh.stop();
  }
}

function command({ commanded: workloads, repetitions, before }: Extent): Promise<Measured> {
  return onMesh(workloads, REPLICAS.planned, async (mesh, extent) =>
    commandSection(await measureCommand(mesh, { ...extent, repetitions, before })),
  );
}

function roll({ rolled: workloads, repetitions, before }: Extent): Promise<Measured> {
  return onMesh(workloads, REPLICAS.rolled, async (mesh, extent) =>
    rollingSection(await measureRolling(mesh, { ...extent, repetitions, before })),
  );
}

function watch({ repetitions }: Extent): Promise<Measured> {
  return onMesh(WATCHED, REPLICAS.watched, async (mesh, extent) =>
    watchingSection(await measureWatching(mesh, { ...extent, repetitions })),
  );
}

async function traffic({ upgrades: repetitions }: Extent): Promise<Measured> {
  const cost = await measureTraffic({ repetitions, progress });
  return { sections: [trafficSection(cost)], plot: trafficPlot(cost) };
}

interface MeshExtent {
  readonly workloads: number;
  readonly replicas: number;
  readonly progress: (line: string) => void;
}

/** The section that is measured on a mesh with this number of workloads. */
async function onMesh(
  workloads: number,
  replicas: number,
  measure: (mesh: MeshLoad, extent: MeshExtent) => Promise<Measured['sections'][number]>,
): Promise<Measured> {
  const mesh = await MeshLoad.start({ maxWorkloads: workloads, replicas, progress });
  try {
    await mesh.growTo(workloads);
    return { sections: [await measure(mesh, { workloads, replicas, progress })] };
  } finally {
    await mesh.stop();
  }
}

const started = Date.now();

function progress(line: string): void {
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const extent = extentOf(args);
  if (!extent) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  buildPrograms();
  if (extent.before !== undefined) {
    buildPrograms(extent.before);
  }
  const measured: KeptResults[] = [];
  for (const part of extent.parts) {
    const circumstances = circumstancesOf(args, extent.before);
    progress(part);
    const results = { part, circumstances, ...(await MEASURE[part](extent)) };
    measured.push(results);
    if (extent.isKept) {
      await keepResults(results);
    }
  }
  process.stdout.write(renderResults(measured));
  const sections = measured.flatMap((results) => results.sections);
  const isOfRequests = sections.flatMap(({ figures }) => figures).filter(({ unit }) => unit === 'requests');
  if (isOfRequests.some((figure) => verdictOf(figure)?.isMet === false)) {
    process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
