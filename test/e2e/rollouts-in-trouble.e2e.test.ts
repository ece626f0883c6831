import { eventLines, restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { type KubeObject, type ObjectReference, serviceAccountIn, until } from '../control-plane/kube-client';
import { readyAfterAnnotation, recoversAfterAnnotation, troubleAnnotation } from '../control-plane/stages';
import { failureOf } from './failure-of';
import { MeshCluster } from './mesh-cluster';
import { isPodReady, makeReady, podsOf } from './pods-of';
import { reconfigure } from './reconfigure';
import { kubeconfigWithout } from './restart-permissions';
import { deployment, workload } from './workload';

const MINUTES = 60_000;
const neverReady = { templateAnnotations: { [readyAfterAnnotation]: 'never' } };
const crashing = { templateAnnotations: { [troubleAnnotation]: 'crash-loop' } };

/** The test makes their first pods ready, so that only the pods of the next rollout are in trouble. */
const TROUBLED: readonly (ObjectReference & { readonly spec: object })[] = [
  deployment('crashing', { namespace: 'trouble', ...crashing }),
  workload('apps/v1', 'DaemonSet', 'crashing-too', { namespace: 'trouble', ...crashing }),
  deployment('hanging', { namespace: 'trouble', ...neverReady }),
  deployment('homeless', { namespace: 'trouble', podSpec: { nodeSelector: { disk: 'fast' } } }),
  workload('apps/v1', 'StatefulSet', 'unpulled', {
    namespace: 'trouble',
    spec: { serviceName: 'unpulled' },
    templateAnnotations: { [troubleAnnotation]: 'image-pull' },
  }),
  deployment('crowded', {
    namespace: 'crowded',
    spec: { replicas: 2, strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } },
    ...neverReady,
  }),
];
const podCounts: Readonly<Record<string, number>> = { crowded: 2, 'crashing-too': 2 };

const STANDS_STILL: Readonly<Record<string, RegExp>> = {
  'Deployment trouble/crashing':
    /^stuck: 1 old replica pending termination; pod crashing-\S+: container app is in CrashLoopBackOff: back-off 5m0s restarting failed container$/,
  'DaemonSet trouble/crashing-too':
    /^stuck: \d of 2 pods \w+; pod crashing-too-\S+: container app is in CrashLoopBackOff: back-off 5m0s restarting failed container$/,
  'Deployment trouble/homeless':
    /^stuck: 1 old replica pending termination; pod homeless-\S+ cannot be scheduled: 0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector/,
  'StatefulSet trouble/unpulled':
    /^stuck: 0 of 1 replicas \w+; pod unpulled-0: container app is in ImagePullBackOff: Back-off pulling image$/,
  'Deployment crowded/crowded':
    /^stuck: 1 of 2 replicas updated; its pods cannot be created: pods "crowded-\S+" is forbidden: exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3$/,
};
/** The cluster reports no reason: only the timeout of a rollout ends the wait. */
const TIMED_OUT: Readonly<Record<string, RegExp>> = {
  'Deployment trouble/hanging': /^not complete after 30 s: 1 old replica pending termination$/,
};

interface Event extends KubeObject {
  readonly involvedObject: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly source: { readonly component?: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

const referenceTo = (apiVersion: string, kind: string, name: string, namespace?: string): ObjectReference => ({
  ...{ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
});
const nameOf = (kind: string, namespace: string | undefined, name: string) => `${kind} ${namespace ?? ''}/${name}`;

describe('rollouts in trouble', () => {
  let cluster: MeshCluster;
  let kubeconfig: string;
  let concurrency = 0;
  let told: string[] = [];

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    await cluster.apply(cluster.chart());
    // Every run in this file has the permissions that the package grants, and no others.
    kubeconfig = await kubeconfigWithout(cluster.controlPlane, cluster.client, 'in-trouble');
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  const run = (namespaces: readonly string[], options: Partial<RestartOptions> = {}) => {
    told = [];
    return restartWorkloads({
      ...{ kubeconfig, namespaces, timeoutSeconds: 120 },
      injector: { deadlineSeconds: 60, settleSeconds: 1, probes: 2 },
      onEvent: eventLines((line) => told.push(line)),
      ...options,
    });
  };

  /** Every sidecar is out of date afterwards. */
  async function outdate(): Promise<void> {
    concurrency += 1;
    await reconfigure(cluster, { defaultConfig: { concurrency } });
  }

  async function inMesh(...namespaces: readonly string[]): Promise<void> {
    for (const name of namespaces) {
      await cluster.client.apply({
        ...referenceTo('v1', 'Namespace', name),
        metadata: { name, ...{ labels: { 'istio-injection': 'enabled' } } },
      });
      await serviceAccountIn(cluster.client, name);
    }
  }

  async function ready(namespace: string, app: string, count = 1): Promise<void> {
    await until(
      async () => (await podsOf(cluster.client, namespace, app)).filter(isPodReady).length === count,
      `${String(count)} pods of ${namespace}/${app} being ready`,
      { timeoutSeconds: 60 },
    );
  }

  async function label(disk: string | null): Promise<void> {
    await cluster.client.patch(referenceTo('v1', 'Node', 'node-0'), { metadata: { labels: { disk } } });
  }

  const uidsOf = async (namespace: string, app: string) =>
    (await podsOf(cluster.client, namespace, app)).map(({ metadata }) => metadata.uid);

  const eventsIn = async (...namespaces: readonly string[]) => {
    const events = await cluster.client.list<Event>('v1', 'Event');
    return events.filter(
      ({ source, involvedObject }) =>
        source.component === 'istio-module' && namespaces.includes(involvedObject.namespace),
    );
  };

  const generations = () =>
    Promise.all(TROUBLED.map(async (one) => (await cluster.client.get(one)).metadata.generation));

  describe('that do not pass by themselves', () => {
    const serving = ['crashing', 'hanging', 'homeless'];
    let old: readonly (string | undefined)[];
    let failure: { readonly code: string; readonly message: string };
    let events: readonly Event[];

    const servingUids = async () =>
      (await Promise.all([...serving.map((app) => uidsOf('trouble', app)), uidsOf('crowded', 'crowded')])).flat();

    beforeAll(async () => {
      await inMesh('trouble', 'crowded');
      await label('fast');
      for (const object of TROUBLED) {
        await cluster.client.apply(object);
      }
      for (const { metadata } of TROUBLED) {
        const { namespace = '', name } = metadata;
        await makeReady(cluster.client, namespace, name, podCounts[name]);
        await ready(namespace, name, podCounts[name]);
      }
      await label(null);
      const quota = { ...referenceTo('v1', 'ResourceQuota', 'few', 'crowded'), spec: { hard: { pods: '3' } } };
      await cluster.client.apply(quota);
      await cluster.client.waitFor(
        quota,
        (object) => (object?.status as { used?: { pods?: string } } | undefined)?.used?.pods === '2',
      );
      await outdate();
      old = await servingUids();
      const options = { onFailure: 'continue', stuckSeconds: 2, timeoutSeconds: 30 } as const;
      failure = (await failureOf(run(['trouble', 'crowded'], options))) as typeof failure;
      events = await eventsIn('trouble', 'crowded');
    }, 10 * MINUTES);

    it.each(Object.entries({ ...STANDS_STILL, ...TIMED_OUT }))(
      'fail %s with the reason of its pods',
      (name, because) => {
        const own = events.filter(
          ({ involvedObject: { kind, namespace, name: of } }) => nameOf(kind, namespace, of) === name,
        );
        expect(own).toMatchObject([
          { type: 'Warning', reason: 'SidecarRestartFailed', message: expect.stringMatching(because) as string },
        ]);
        expect(failure.code).toBe('RolloutFailed');
        expect(failure.message).toContain(`${name}: ${own[0]?.message.replace(/\.$/, '') ?? ''}`);
      },
    );

    it('fail each of them, and nothing else', () => {
      expect(failure.message).toMatch(/^6 workloads were not brought up to date: /);
      expect(events).toHaveLength(6);
    });

    it('are given up in the order of their times: what stands still first, what only hangs last', () => {
      const finished = told.flatMap((line) => /^\d\/6 (\S+ \S+):/.exec(line)?.[1] ?? []);
      expect(finished).toHaveLength(6);
      expect(finished.at(-1)).toBe('Deployment trouble/hanging');
    });

    it('leave the pods alone that serve until new ones are ready', async () => {
      const present = new Set(await servingUids());
      expect(old).toHaveLength(5);
      expect(old.filter((uid) => !present.has(uid))).toEqual([]);
    });

    it(
      'end by themselves once they are mended, and a further run patches nothing',
      async () => {
        const before = await generations();
        await label('fast');
        await cluster.client.delete(referenceTo('v1', 'ResourceQuota', 'few', 'crowded'));
        const mend = async () => {
          for (const { metadata } of TROUBLED) {
            await makeReady(cluster.client, metadata.namespace ?? '', metadata.name);
          }
          return Promise.all(
            TROUBLED.map(async ({ metadata }) => {
              const pods = await podsOf(cluster.client, metadata.namespace ?? '', metadata.name);
              return pods.every(isPodReady) && pods.length === (podCounts[metadata.name] ?? 1);
            }),
          );
        };
        await until(async () => (await mend()).every(Boolean), 'every workload being ready', { timeoutSeconds: 120 });
        const report = await run(['trouble', 'crowded'], { stuckSeconds: 60 });
        expect(report.restarted).toEqual([]);
        expect(report.counts.current).toBe(6);
        expect(await generations()).toEqual(before);
      },
      4 * MINUTES,
    );
  });

  it(
    'that recover in time are restarted',
    async () => {
      await inMesh('recovery');
      const templateAnnotations = { [troubleAnnotation]: 'crash-loop', [recoversAfterAnnotation]: '8s' };
      await cluster.client.apply(deployment('recovering', { namespace: 'recovery', templateAnnotations }));
      await ready('recovery', 'recovering');
      const [old] = await uidsOf('recovery', 'recovering');
      await outdate();
      const outcome = run(['recovery'], { stuckSeconds: 100 });
      const failed = outcome.catch(() => undefined);
      await until(
        async () => {
          const pods = await podsOf(cluster.client, 'recovery', 'recovering');
          return JSON.stringify(pods.find(({ metadata }) => metadata.uid !== old)).includes('CrashLoopBackOff');
        },
        'the new pod being in a crash loop',
        { timeoutSeconds: 90 },
      );
      await failed;
      expect((await outcome).counts).toMatchObject({ restarted: 1 });
      expect(await eventsIn('recovery')).toMatchObject([
        {
          type: 'Normal',
          reason: 'SidecarRestarted',
          message: expect.stringMatching(/^1 of 1 pod out of date/) as string,
        },
      ]);
    },
    4 * MINUTES,
  );

  it(
    'are started in order, gateways last, and one after the other in each namespace that allows no more',
    async () => {
      await inMesh('ordered', 'zone');
      const slow = { [readyAfterAnnotation]: '3s' };
      const gateway = {
        templateAnnotations: { ...slow, 'inject.istio.io/templates': 'gateway' },
        podSpec: { containers: [{ name: 'istio-proxy', image: 'auto' }] },
      };
      const order = (value: string) => ({ annotations: { 'istio-module/order': value }, templateAnnotations: slow });
      const objects = [
        deployment('a-gateway', { namespace: 'ordered', ...gateway }),
        deployment('b-late', { namespace: 'ordered', ...order('10') }),
        deployment('c', { namespace: 'ordered', templateAnnotations: slow }),
        deployment('d', { namespace: 'ordered', templateAnnotations: slow }),
        deployment('e-early', { namespace: 'ordered', ...order('-1') }),
        deployment('alone', { namespace: 'zone', templateAnnotations: slow }),
      ];
      for (const object of objects) {
        await cluster.client.apply(object);
      }
      for (const { metadata } of objects) {
        await ready(metadata.namespace ?? '', metadata.name);
      }
      await outdate();
      await run(['ordered', 'zone'], { maxConcurrentPerNamespace: 1 });

      /** When its rollout was started, and when its new pod was ready, in milliseconds. */
      const times = async (object: ObjectReference) => {
        const { metadata } = await cluster.client.get(object);
        const told = metadata.managedFields?.find(({ manager }) => manager === 'istio-module');
        const [pod] = await podsOf(cluster.client, metadata.namespace ?? '', metadata.name);
        const condition = pod?.status.conditions?.find(({ type }) => type === 'Ready');
        return {
          name: metadata.name,
          start: Date.parse(String((told as { time?: string } | undefined)?.time)),
          end: Date.parse(condition?.lastTransitionTime ?? ''),
        };
      };
      const all = await Promise.all(objects.map(times));
      const inOrder = all.filter(({ name }) => name !== 'alone').sort((one, other) => one.start - other.start);
      expect(inOrder.map(({ name }) => name)).toEqual(['e-early', 'c', 'd', 'b-late', 'a-gateway']);
      expect(inOrder.filter(({ start }, index) => start < (inOrder[index - 1]?.end ?? 0))).toEqual([]);
      const startOf = (name: string) => all.find((one) => one.name === name)?.start ?? NaN;
      // The last of its wave by name; it did not wait for the workloads of the other namespace.
      expect(startOf('alone')).toBeLessThanOrEqual(startOf('d'));
    },
    4 * MINUTES,
  );

  it(
    'are left when the run has used up its time, and no further one is started',
    async () => {
      await inMesh('late');
      await cluster.client.apply(deployment('a-hanging-one', { namespace: 'late', ...neverReady }));
      await cluster.client.apply(deployment('next', { namespace: 'late' }));
      await makeReady(cluster.client, 'late', 'a-hanging-one');
      await ready('late', 'next');
      const [next] = await uidsOf('late', 'next');
      await outdate();
      const options = { maxConcurrent: 1, onFailure: 'continue', deadlineSeconds: 30 } as const;
      expect(await failureOf(run(['late'], options))).toEqual({
        code: 'RolloutFailed',
        message:
          "2 workloads were not brought up to date: Deployment late/a-hanging-one: not complete when the run's deadline passed: 1 old replica pending termination; Deployment late/next: not started, since the run's deadline of 30 s has passed. See why with kubectl -n late describe deployment/a-hanging-one, and run again. Workloads that are up to date by then are skipped.",
      });
      expect(await uidsOf('late', 'next')).toEqual([next]);
      expect(await eventsIn('late')).toMatchObject([
        { involvedObject: { name: 'a-hanging-one' }, reason: 'SidecarRestartFailed' },
      ]);
    },
    4 * MINUTES,
  );
});
