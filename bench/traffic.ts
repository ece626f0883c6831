import type { IstioModuleProps } from 'istio-module';
import { OnlineShop, type ShopTraffic } from '../test/traffic/online-shop';
import type { Breakdown, Figure, Section } from './figure';
import { latencyOf, type Latency, type Phase, PHASES } from './latency';
import { count } from './planning';
import type { Plot, Series } from './plot';
import { spreadOf } from './spread';

/** A way to get all sidecars of the mesh from one version of Istio to the next. */
interface Way {
  readonly name: string;
  readonly colour: Series['colour'];
  readonly props?: Partial<IstioModuleProps>;
  readonly roll: (shop: OnlineShop) => Promise<unknown>;
}

/** The share of the shop's usual request rates. The full rates keep two cores busy even without an upgrade. */
const SCALE = 0.4;
/** Before and after each upgrade, only requests are sent. */
const QUIET_SECONDS = 10;
/** The minimum number of requests during each upgrade in the first way. */
const REQUESTS = 105_000;

const restart: Way['roll'] = (shop) => shop.restart();

/** The way that must not lose any request, up and back. */
const FIRST: Way = { name: 'istio-module restart', colour: 'first', roll: restart };
const BACK = `${FIRST.name}, back`;

const WAYS: readonly Way[] = [
  FIRST,
  {
    name: 'istio-module restart, gracefulTermination: false',
    colour: 'second',
    props: { gracefulTermination: false },
    roll: restart,
  },
  {
    name: 'kubectl rollout restart of everything at once, gracefulTermination: false',
    colour: 'muted',
    props: { gracefulTermination: false },
    roll: (shop) => shop.rollAtOnce(),
  },
];

/** One upgrade or downgrade under load. */
export interface TrafficRun {
  readonly requests: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Of requests over HTTP, in milliseconds. */
  readonly latency: Readonly<Record<Phase, Latency>>;
  /** Failed requests by the second in which they were due, counted from the start of the upgrade. */
  readonly failedBySecond: Readonly<Record<string, number>>;
}

export interface TrafficCost {
  readonly ways: readonly { readonly way: Way; readonly upgrades: readonly TrafficRun[] }[];
  /** From the newer version to the older, in the first way. */
  readonly downgrades: readonly TrafficRun[];
}

export interface TrafficOptions {
  readonly repetitions: number;
  readonly progress: (line: string) => void;
}

/**
 * Upgrades a mesh under load, in each way in turn. Downgrades it after each upgrade, but under load only after the
 * first way.
 */
export async function measureTraffic({ repetitions, progress }: TrafficOptions): Promise<TrafficCost> {
  const shop = await OnlineShop.start(progress);
  try {
    await shop.install({ version: 'older' });
    const ways = WAYS.map((way) => ({ way, upgrades: [] as TrafficRun[] }));
    const downgrades: TrafficRun[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const { way, upgrades } of ways) {
        const { props } = way;
        const measure = async (name: string, version: 'older' | 'current', roll: Way['roll'], requests = 0) => {
          const traffic = await shop.underLoad(
            async () => {
              await shop.apply({ version, props });
              await roll(shop);
            },
            { scale: SCALE, quietSeconds: QUIET_SECONDS, requests },
          );
          const run = runOf(traffic);
          progress(
            `${name}: ${String(failedOf(run))} of ${count(run.requests)} requests failed, ${run.seconds.toFixed(0)} s`,
          );
          return run;
        };
        await shop.apply({ version: 'older', props });
        await shop.restart();
        const isFirst = way === FIRST;
        upgrades.push(await measure(way.name, 'current', way.roll, isFirst ? REQUESTS : 0));
        if (isFirst) downgrades.push(await measure(BACK, 'older', restart));
      }
    }
    return { ways, downgrades };
  } finally {
    await shop.stop();
  }
}

function runOf({ reports, total, failures, began, ended }: ShopTraffic): TrafficRun {
  const failedBySecond: Record<string, number> = {};
  for (const { report } of reports) {
    for (const [second, { failures: failed = {} }] of Object.entries(report.seconds)) {
      const lost = sumOf(failed);
      const since = Number(second) - Math.floor(began / 1_000);
      if (lost > 0) failedBySecond[since] = (failedBySecond[since] ?? 0) + lost;
    }
  }
  const requests = reports.filter(({ order }) => order.kind === undefined).map(({ report }) => report.seconds);
  return {
    requests: total.withCalls,
    failures,
    seconds: (ended - began) / 1_000,
    latency: latencyOf(requests, began, ended),
    failedBySecond,
  };
}

function failedOf({ failures }: TrafficRun): number {
  return sumOf(failures);
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

export function trafficSection({ ways, downgrades }: TrafficCost): Section {
  const [first, abrupt, atOnce] = ways;
  if (!first || !abrupt || !atOnce) throw new RangeError('nothing was measured');
  const side = ({ way, upgrades }: typeof first, of: (run: TrafficRun) => number) => ({
    name: way.name,
    values: upgrades.map(of),
  });
  const back = (of: (run: TrafficRun) => number) => ({ name: BACK, values: downgrades.map(of) });
  const none = { kind: 'value', atMost: 0 } as const;
  const figures: Figure[] = [
    {
      ...{ name: 'Upgrade, failed requests', unit: 'requests', target: none },
      ...{ subject: side(first, failedOf), floor: side(atOnce, failedOf) },
    },
    {
      ...{ name: 'The same without `gracefulTermination`, failed requests', unit: 'requests' },
      ...{ subject: side(abrupt, failedOf), floor: side(atOnce, failedOf) },
    },
    { name: 'Downgrade, failed requests', unit: 'requests', target: none, subject: back(failedOf) },
    { name: 'Upgrade, requests', unit: 'requests', subject: side(first, ({ requests }) => requests) },
    { name: 'Downgrade, requests', unit: 'requests', subject: back(({ requests }) => requests) },
    {
      ...{ name: 'Upgrade, until everything has restarted', unit: 's' },
      ...{ subject: side(first, ({ seconds }) => seconds), floor: side(atOnce, ({ seconds }) => seconds) },
    },
    {
      ...{ name: 'Upgrade, 99th percentile of the latency of HTTP requests during it', unit: 'ms' },
      subject: side(first, ({ latency }) => latency.during.p99),
      floor: { name: 'before it', values: first.upgrades.map(({ latency }) => latency.before.p99) },
    },
  ];
  const measured = [
    ...ways.map(({ way, upgrades }) => ({ name: way.name, runs: upgrades })),
    { name: BACK, runs: downgrades },
  ];
  return {
    title: 'Traffic: an upgrade under load',
    about: [
      'Ten services with two pods each, in three tiers behind an ingress gateway with two pods, on a real node with real sidecars. Eight clients send requests at a constant rate, whether or not earlier ones were answered: GET and POST, with connections that are kept alive and with new ones, through the gateway and within the mesh, unary gRPC calls, and gRPC streams that end by themselves after a second. Istio is upgraded from 1.30 to 1.31, the control plane first. The clients start before the upgrade and stop after it. Requests that services send to other services count as well. Latency is measured for HTTP requests only, from the time at which a request was due. All pods of the mesh, its clients and its control plane share the cores.',
      'Each figure of this section has three repetitions of each side, in turn.',
    ],
    figures,
    breakdowns: [
      { title: 'Failed requests by client and kind (all runs together)', lines: measured.flatMap(failureLines) },
      latencyBreakdown(measured),
    ],
  };
}

interface MeasuredWay {
  readonly name: string;
  readonly runs: readonly TrafficRun[];
}

function failureLines({ name, runs }: MeasuredWay): string[] {
  const byKind = new Map<string, number>();
  for (const [kind, failed] of runs.flatMap(({ failures }) => Object.entries(failures))) {
    byKind.set(kind, (byKind.get(kind) ?? 0) + failed);
  }
  const kinds = [...byKind].sort(([, a], [, b]) => b - a);
  return [
    name,
    ...(kinds.length === 0 ? ['       none'] : kinds.map(([kind, n]) => `${count(n).padStart(7)}  ${kind}`)),
  ];
}

function latencyBreakdown(measured: readonly MeasuredWay[]): Breakdown {
  const cell = (runs: readonly TrafficRun[], phase: Phase, of: keyof Latency) =>
    count(spreadOf(runs.map(({ latency }) => latency[phase][of])).median).padStart(7);
  return {
    title: 'Latency of HTTP requests, median and 99th percentile in ms (medians of all runs)',
    lines: measured.flatMap(({ name, runs }) => [
      name,
      ...PHASES.map((phase) => `  ${phase.padEnd(7)}${cell(runs, phase, 'p50')}${cell(runs, phase, 'p99')}`),
    ]),
  };
}

/** Seconds between two points of the plot. */
const STEP = 15;

/** How many requests have failed since an upgrade began. */
export function trafficPlot({ ways }: TrafficCost): Plot {
  const last = Math.max(...ways.flatMap(({ upgrades }) => upgrades.map(({ seconds }) => seconds)));
  const places = Array.from({ length: Math.ceil(last / STEP) + 1 }, (_, index) => index * STEP);
  return {
    title: 'Failed requests during an upgrade of a mesh from Istio 1.30 to 1.31',
    xLabel: 'seconds since the upgrade began',
    yLabel: 'failed requests',
    series: ways.map(({ way: { name, colour }, upgrades }) => ({
      name,
      colour,
      points: places.map((x) => ({ x, values: upgrades.map((run) => failedUntil(run, x)) })),
    })),
  };
}

function failedUntil({ failedBySecond }: TrafficRun, second: number): number {
  return Object.entries(failedBySecond).reduce((sum, [at, failed]) => (Number(at) <= second ? sum + failed : sum), 0);
}
