import fc from 'fast-check';
import { askInjector } from '../../../lib/engine/plan/ask-injector';
import { parseSelector } from '../../../lib/engine/cluster/label-selector';
import { lostSidecars } from '../../../lib/engine/plan/lost-sidecars';
import { makePlan } from '../../../lib/engine/plan/make-plan';
import { isChosen, type PlanOptions } from '../../../lib/engine/plan/plan-options';
import type { Decisions } from '../../../lib/engine/plan/plan';
import { readSnapshot } from '../../../lib/engine/snapshot/read-snapshot';
import type { ClusterObject } from '../cluster-builder';
import { asksForInjection, carried, expectedOf, isSelected } from '../expected-plan';
import { injectionOf } from '../injection-of';
import { inMemoryApi } from '../in-memory-api';
import { cluster, NOW, WINDOWS } from '../random-cluster';
import type { Annotations, ClusterSketch, NamespaceSketch, PodSketch, Proxy, WorkloadSketch } from '../random-cluster';
import { admissionOf, objectsOf, podName } from '../sketched-cluster';

const RUNS = 400;

jest.setTimeout(120_000);

async function planOf(sketch: ClusterSketch, objects: readonly ClusterObject[] = objectsOf(sketch)) {
  const api = inMemoryApi(objects, admissionOf(sketch));
  const selector = sketch.selector === undefined ? undefined : parseSelector(sketch.selector);
  const options: PlanOptions = { purpose: sketch.purpose, namespaces: sketch.chosen, selector, now: NOW };
  const snapshot = await readSnapshot(api);
  const answers = await askInjector(
    api,
    snapshot,
    (workload) => isChosen(workload, snapshot, options),
    await injectionOf(api),
  );
  return { plan: makePlan(snapshot, answers, options), removed: lostSidecars(snapshot, answers).map(appOf) };
}

/** The name of a workload in the sketch: a Pod without a controller has the name of its only pod. */
function appOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return kind === 'Pod' ? name.replace(/-\d$/, '') : name;
}

function entriesOf({ workloads }: Decisions) {
  return new Map(workloads.map((entry) => [appOf(entry), entry]));
}

function namespaceOf(sketch: ClusterSketch, { namespace }: { readonly namespace: string }): NamespaceSketch {
  return sketch.namespaces.find(({ name }) => name === namespace) as NamespaceSketch;
}

function malformed({ restart, window, order }: Annotations): readonly string[] {
  return [
    ...(restart === 'off' ? [restart] : []),
    ...(window !== undefined && WINDOWS[window] === undefined ? [window] : []),
    ...(order === 'first' ? [order] : []),
  ];
}

const PATHS: Readonly<Record<keyof Proxy, string>> = {
  image: 'istio-proxy.image',
  revision: 'istio.io/rev',
  cpu: 'istio-proxy.resources.requests.cpu',
  medium: 'volumes.istio-envoy.emptyDir.medium',
  setting: 'istio-proxy.env.PROXY_CONFIG.concurrency',
};

/** The paths in which the pod differs from what the injector gives. */
function pathsOf(pod: PodSketch, workload: WorkloadSketch, sketch: ClusterSketch): readonly string[] {
  const namespace = namespaceOf(sketch, workload);
  const gets = sketch.injector === 'runs' && asksForInjection(workload, namespace) ? namespace.given : undefined;
  const has = carried(pod, namespace);
  if (!has || !gets) return has === gets ? [] : ['sidecar'];
  const parts = Object.keys(PATHS) as (keyof Proxy)[];
  return parts
    .filter((part) => has[part] !== gets[part])
    .map((part) => PATHS[part])
    .sort();
}

describe('the plan for any cluster', () => {
  test('decides on each workload as docs/reasons.md says, lists it once, and lists nothing else', async () => {
    const reasons = new Set<string>();
    await fc.assert(
      fc.asyncProperty(cluster, async (sketch) => {
        const { plan } = await planOf(sketch);
        const entries = entriesOf(plan);
        expect(entries.size).toBe(plan.workloads.length);
        const found = sketch.workloads.map((workload) => {
          const entry = entries.get(workload.name);
          entries.delete(workload.name);
          if (!entry) return { name: workload.name };
          reasons.add(entry.reason);
          const { decision, reason, deferredUntil, selected } = entry;
          return { name: workload.name, decision, reason, pods: [...entry.pods].sort(), deferredUntil, selected };
        });
        expect([...entries.keys()]).toEqual([]);
        expect(found).toEqual(
          sketch.workloads.map((workload, index) => {
            const expected = expectedOf(workload, sketch);
            if (!expected) return { name: workload.name };
            const { decision, pods, deferredUntil, selected } = expected;
            const [reason] = expected.reasons.filter((one) => one === found[index]?.reason);
            return {
              name: workload.name,
              decision,
              reason: reason ?? expected.reasons.join(' or '),
              pods: pods.map((position) => podName(workload, position)),
              deferredUntil,
              selected,
            };
          }),
        );
      }),
      { numRuns: 3 * RUNS },
    );
    // The random clusters reach every row of expected-plan.ts.
    expect([...reasons].sort()).toEqual([
      'BarePod',
      'BareReplicaSet',
      'CustomProxyImage',
      'DryRunDenied',
      'Excluded',
      'JobOwned',
      'NeedsInjector',
      'NoInjector',
      'OnDelete',
      'OutOfDate',
      'OutsideWindow',
      'Partitioned',
      'Paused',
      'ReplicationController',
      'RollingOut',
      'StaticPod',
      'UnknownController',
      'UpToDate',
      'Updating',
    ]);
  });

  test('does not depend on the order in which the API server lists the objects', async () => {
    await fc.assert(
      fc.asyncProperty(cluster, fc.infiniteStream(fc.nat()), async (sketch, numbers) => {
        const objects = objectsOf(sketch);
        const keys = new Map(objects.map((object) => [object, numbers.next().value ?? 0]));
        const shuffled = [...objects].sort((one, other) => (keys.get(one) ?? 0) - (keys.get(other) ?? 0));
        const planned = await planOf(sketch);
        expect(await planOf(sketch)).toEqual(planned);
        expect(await planOf(sketch, shuffled)).toEqual(planned);
      }),
      { numRuns: RUNS },
    );
  });

  test('is plain data, and lists the differences of each pod that is out of date, and of no other', async () => {
    await fc.assert(
      fc.asyncProperty(cluster, async (sketch) => {
        const { plan } = await planOf(sketch);
        expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
        for (const { decision, differences, message, remedy, ...entry } of plan.workloads) {
          const workload = sketch.workloads.find(({ name }) => name === appOf(entry)) as WorkloadSketch;
          for (const [position, pod] of workload.pods.entries()) {
            const name = podName(workload, position);
            const found = differences.filter(({ pods = entry.pods }) => pods.includes(name)).map(({ path }) => path);
            const isNamed = decision !== 'undetermined' && entry.pods.includes(name);
            expect(found.sort()).toEqual(isNamed ? pathsOf(pod, workload, sketch) : []);
          }
          const isOutdated = ['restart', 'wait', 'warn', 'deferred'].includes(decision);
          expect(differences.length > 0).toBe(isOutdated);
          expect(remedy !== '').toBe(decision === 'warn' || decision === 'undetermined');
          expect(message).toMatch(/^[^\n]+$/);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('has nothing left to restart once what it restarts was restarted', async () => {
    await fc.assert(
      fc.asyncProperty(cluster, async (sketch) => {
        const entries = entriesOf((await planOf(sketch)).plan);
        const restarted = {
          ...sketch,
          workloads: sketch.workloads.map((workload) => {
            if (entries.get(workload.name)?.decision !== 'restart') return workload;
            const gets = sketch.injector === 'runs' && asksForInjection(workload, namespaceOf(sketch, workload));
            const carries = gets ? ('current' as const) : ('none' as const);
            // Pods below the partition stay as they are.
            const replace = (pod: (typeof workload.pods)[number], position: number) =>
              position < workload.partition ? pod : { ...pod, carries, isNew: true };
            return { ...workload, rollout: 'done' as const, pods: workload.pods.map(replace) };
          }),
        };
        const after = (await planOf(restarted)).plan;
        expect(after.workloads.filter(({ decision }) => decision === 'restart')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('reports each invalid annotation, of what it mentions and of its namespaces', async () => {
    await fc.assert(
      fc.asyncProperty(cluster, async (sketch) => {
        const { plan } = await planOf(sketch);
        const mentioned = sketch.workloads.filter((workload) => expectedOf(workload, sketch));
        const holders = sketch.namespaces.filter(({ name }) => mentioned.some(({ namespace }) => namespace === name));
        const expected = [
          ...holders.flatMap(({ name, annotations }) => malformed(annotations).map((value) => [name, value])),
          ...mentioned.flatMap(({ name, annotations }) => malformed(annotations).map((value) => [name, value])),
        ];
        expect(plan.ignoredAnnotations.map((one) => [appOf(one), one.value]).sort()).toEqual(expected.sort());
      }),
      { numRuns: RUNS },
    );
  });

  test('comes with the workloads that would lose their sidecars though they ask for one', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(cluster, async (sketch) => {
        const lost = sketch.workloads.filter((workload) => {
          const namespace = namespaceOf(sketch, workload);
          return (
            sketch.injector === 'gone' &&
            workload.admission === 'takes it' &&
            namespace.annotations.restart !== 'disabled' &&
            isSelected(workload, sketch) &&
            asksForInjection(workload, namespace) &&
            // A workload does not count if only its own labels ask for a sidecar in vain.
            namespace.injection === 'enabled' &&
            workload.pods.some((pod) => pod.life === 'runs' && carried(pod, namespace))
          );
        });
        count += lost.length;
        expect([...(await planOf(sketch)).removed].sort()).toEqual(lost.map(({ name }) => name).sort());
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(0);
  });
});
