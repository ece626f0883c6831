import { join } from 'node:path';
import { cliFile } from './programs';
import { programs } from '../test/control-plane/programs';
import type { Breakdown, Figure, Section, Target } from './figure';
import { runNode, timeNode } from './node-process';
import { profiled } from './profile';

/** The output of a side that measures itself. */
export interface Outcome {
  /** Processor time, which depends less on other programs on the machine than wall-clock time does. */
  readonly milliseconds: number;

  /** What the run produced; all runs of both sides must produce the same. */
  readonly product: string;
}

interface Program {
  readonly name: string;
  readonly args: readonly string[];
}

interface Comparison {
  readonly name: string;
  readonly subject: Program;
  readonly floor: Program;
  readonly target?: Target;
}

const ROOT = join(__dirname, '..');
const START_UP_MILLISECONDS = 300;
const KUBECONFIG = `current-context: c
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1', insecure-skip-tls-verify: true } }]
contexts: [{ name: c, context: { cluster: c, user: u } }]
users: [{ name: u, user: { token: t } }]
`;

/** What it costs to load the package, and to start the command line. */
export async function measureStartUp(repetitions: number): Promise<Section> {
  const node: Program = { name: 'node -e 0', args: ['-e', '0'] };
  const commands = (
    [
      [['--help'], { kind: 'value', atMost: START_UP_MILLISECONDS }],
      [['--version'], { kind: 'value', atMost: START_UP_MILLISECONDS }],
      [['plan', '--help'], { kind: 'ratio', atMost: 1.4 }],
    ] as const
  ).map(([args, target]): Comparison => {
    const name = ['istio-module', ...args].join(' ');
    return {
      name: `${name}, until the process has ended`,
      subject: { name, args: [cliFile(), ...args] },
      floor: node,
      target,
    };
  });
  return {
    title: 'Start-up',
    about: [
      'Loading the package is measured as processor time within the process. Everything else is measured as wall-clock time from the start of the process to its end.',
    ],
    figures: [
      await compare(
        { name: 'Loading the package', subject: loading('istio-module'), floor: loading('cdk8s') },
        repetitions,
        ownTime,
      ),
      await compare(
        {
          name: 'Loading the engine, a kubeconfig and the credentials of its user, as before the first request',
          subject: loadingEngine(),
          floor: node,
          target: { kind: 'ratio', atMost: 2.5 },
        },
        repetitions,
        timeOnTheClock,
      ),
      ...(await inTurn(commands, (one) => compare(one, repetitions, timeOnTheClock))),
    ],
  };
}

/** @param isProfiled whether to add a CPU profile of the first comparison's subject */
export async function measureSynthesis(repetitions: number, isProfiled: boolean): Promise<Section> {
  const { helm, istioCharts } = await programs();
  const comparisons: readonly Comparison[] = [
    {
      name: '1,000 TrafficPolicies in a MeshNamespace',
      subject: synthesis('policies', 'policies'),
      floor: synthesis('bare ApiObjects', 'objects'),
      target: { kind: 'ratio', atMost: 1.5 },
    },
    {
      name: 'The same with an IstioModule that is already rendered, which the policies depend on',
      subject: synthesis('policies', 'policies', helm, istioCharts),
      floor: synthesis('bare ApiObjects, which depend on nothing', 'objects', helm, istioCharts),
    },
  ];
  return {
    title: 'Synthesis',
    about: ['Processor time from the first construct to the YAML, against cdk8s alone with the same objects.'],
    figures: await inTurn(comparisons, (one) => compare(one, repetitions, ownTime)),
    breakdowns: isProfiled ? [await profileSynthesis()] : [],
  };
}

async function profileSynthesis(): Promise<Breakdown> {
  const policies = synthesis('policies', 'policies');
  const { result, lines } = await profiled((nodeArgs) => ownTime(policies, nodeArgs));
  return {
    title: `A CPU profile of a process that synthesizes 1,000 TrafficPolicies in ${result.milliseconds.toFixed(0)} ms, including the start of the process: the self time of each function, as a share`,
    lines,
  };
}

function synthesis(name: string, ...args: readonly string[]): Program {
  return { name, args: ['--import', 'tsx', join(__dirname, 'synthesis.ts'), ...args] };
}

function loading(name: string): Program {
  const program =
    `const start = process.cpuUsage(); require('${name}'); const { user, system } = process.cpuUsage(start);` +
    `JSON.stringify({ milliseconds: (user + system) / 1000, product: 'loaded' })`;
  return { name: `require('${name}')`, args: ['-p', program] };
}

function loadingEngine(): Program {
  const connection = join(ROOT, 'dist', 'lib', 'engine', 'cluster', 'connection.js');
  const program = `require('istio-module/engine'); require(process.argv[1]).connect({ kubeconfig: process.argv[2] })`;
  return { name: 'all of them', args: ['-e', program, connection, KUBECONFIG] };
}

type Stopwatch = (program: Program, nodeArgs?: readonly string[]) => Promise<Outcome>;

const ownTime: Stopwatch = async ({ args }, nodeArgs) => {
  // Users run the built package. The tsconfig.json of the root maps `istio-module` to the sources; the one of this
  // folder does not.
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(__dirname, 'tsconfig.json') };
  return JSON.parse(await runNode(args, { env, nodeArgs })) as Outcome;
};

const timeOnTheClock: Stopwatch = async ({ args }) => {
  return { milliseconds: await timeNode(args), product: '' };
};

/**
 * Runs both sides in turn, each run in a process of its own.
 *
 * @throws Error if two runs produce different results
 */
async function compare(comparison: Comparison, repetitions: number, measure: Stopwatch): Promise<Figure> {
  const { name, subject, floor, target } = comparison;
  const [subjects, floors]: [Outcome[], Outcome[]] = [[], []];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    floors.push(await measure(floor));
    subjects.push(await measure(subject));
  }
  const products = new Set([...subjects, ...floors].map(({ product }) => product));
  if (products.size > 1) {
    throw new Error(`${name}: the sides differ in what they produce: ${[...products].join(', ')}`);
  }
  const values = (outcomes: readonly Outcome[]) => outcomes.map(({ milliseconds }) => milliseconds);
  return {
    name,
    unit: 'ms',
    subject: { name: subject.name, values: values(subjects) },
    floor: { name: floor.name, values: values(floors) },
    target,
  };
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(await work(item));
  }
  return results;
}
