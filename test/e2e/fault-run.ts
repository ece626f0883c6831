import { RestartError, type RestartReport } from 'istio-module/engine';
import { API_FAULTS } from './api-fault';
import type { FaultProxy, Injection, NamedRequest } from './fault-proxy';
import { type LaneView, type Outcome, problemsOfFirst, problemsOfSecond, wordOf } from './fault-verdict';

/** Workloads that the engine reaches through a proxy of their own, so that several runs can be under way at once. */
export interface Lane {
  readonly proxy: FaultProxy;
  /** Makes the sidecar of every pod outdated. */
  outdate(): Promise<void>;
  view(): Promise<LaneView>;
  restart(): Promise<RestartReport>;
}

/** The result of one injection. */
export interface Result {
  readonly injection: Injection;
  readonly outcome: string;
  readonly problems: readonly string[];
}

/**
 * Injects every fault at every request that an undisturbed run of the first lane makes, each in a run of its own that
 * is followed by a run without a fault.
 *
 * @param ofAKind the number of requests of one kind that get faults; the number of requests that watch rollouts depends
 *   on their duration
 * @param part 2 for every second pair of a request and a fault, so that each request gets half of the faults, and each
 *   fault half of the requests
 */
export async function injectAll(lanes: readonly Lane[], ofAKind: number, part: number): Promise<readonly Result[]> {
  const queue = lanes[0] ? injectionsAt(await requestsOf(lanes[0]), ofAKind, part) : [];
  const results: Result[] = [];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const result = await inject(lane, next);
        results.push(...(result ? [result] : []));
      }
    }),
  );
  return results;
}

/** All problems, with the injection that led to them. */
export function problemsOf(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ injection: { fault, request }, problems }) =>
    problems.map((problem) => `${fault.name} at ${request}: ${problem}`),
  );
}

/** The number of faults of each kind, and of runs by how they ended. */
export function summaryOf(results: readonly Result[]): string {
  const lines = API_FAULTS.map(({ name }) => {
    const own = results.filter(({ injection }) => injection.fault.name === name);
    const words = [...new Set(own.map(({ outcome }) => outcome))].sort();
    const counts = words.map((word) => `${String(own.filter(({ outcome }) => outcome === word).length)} ${word}`);
    return `  ${name}: ${String(own.length)} (${counts.join(', ')})`;
  });
  return [`${String(results.length)} faults were injected:`, ...lines, ''].join('\n');
}

async function requestsOf(lane: Lane): Promise<readonly NamedRequest[]> {
  await lane.outdate();
  lane.proxy.begin();
  await lane.restart();
  return lane.proxy.requests;
}

function injectionsAt(requests: readonly NamedRequest[], ofAKind: number, part: number): Injection[] {
  return requests
    .filter(({ name }) => Number(/\d+$/.exec(name)?.[0]) <= ofAKind)
    .flatMap((request, index) =>
      API_FAULTS.filter((fault, place) => fault.happensTo(request) && (index + place) % part === 0).map((fault) => ({
        fault,
        request: request.name,
      })),
    );
}

/** Returns `undefined` when the run did not send the request. */
async function inject(lane: Lane, injection: Injection): Promise<Result | undefined> {
  const { proxy } = lane;
  await lane.outdate();
  const before = await lane.view();
  proxy.begin(injection);
  const first = await ended(lane.restart());
  const { isMet } = proxy;
  const between = await lane.view();
  proxy.begin();
  const second = await ended(lane.restart());
  const looks = { before, between, after: await lane.view() };
  const problems = [...problemsOfFirst(first, looks), ...problemsOfSecond(second, looks)];
  return isMet || problems.length > 0 ? { injection, outcome: wordOf(first), problems } : undefined;
}

function ended(run: Promise<Outcome>): Promise<Outcome> {
  return run.catch((error: unknown) => (error instanceof RestartError ? error : { thrown: error }));
}
