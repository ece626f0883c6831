import {
  eventLines,
  restartWorkloads,
  type RestartOptions,
  type RestartReport,
  type RunEvent,
} from 'istio-module/engine';
import { type KubeObject, type ObjectReference, serviceAccountIn } from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';
import { MeshCluster } from './mesh-cluster';
import { applyInjection, injectionConfigMaps, type InjectionConfigMap } from './reconfigure';
import { deploymentNamed, isDone, smallDeployment } from './small-deployment';

const MINUTES = 60_000;
const CPU = ['110m', '120m'] as const;

/** What `kubectl rollout restart` sends. */
const restartByHand = (second: number) => ({
  spec: {
    template: {
      metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': `2026-11-02T10:00:0${String(second)}Z` } },
    },
  },
});

describe('while workloads are restarted, a user', () => {
  let cluster: MeshCluster;
  let injections: readonly (readonly InjectionConfigMap[])[];
  let changes = 0;
  /** A namespace for each test. */
  let namespace = '';
  let cart: ObjectReference;
  let told: string[];

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    await cluster.apply(cluster.chart());
    injections = CPU.map((cpu) => injectionConfigMaps(cluster, { proxyResources: { requests: { cpu } } }));
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  beforeEach(async () => {
    changes += 1;
    namespace = `users-${String(changes)}`;
    told = [];
    const metadata = { name: namespace, labels: { 'istio-injection': 'enabled' } };
    await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await serviceAccountIn(cluster.client, namespace);
    cart = await deployed('cart');
  }, MINUTES);

  afterEach(async () => {
    await cluster.client.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }, MINUTES);

  /** A Deployment of one pod that takes its time to become ready. */
  async function deployed(name: string): Promise<ObjectReference> {
    await cluster.client.apply(smallDeployment(name, namespace, { annotations: { [readyAfterAnnotation]: '3s' } }));
    const reference = deploymentNamed(name, namespace);
    await cluster.client.waitFor(reference, isDone, { timeoutSeconds: 60 });
    return reference;
  }

  /** Restarts the workloads of the test's namespace, whose sidecars are out of date. */
  async function restarting(options: Partial<RestartOptions> = {}): Promise<RestartReport> {
    await applyInjection(cluster, injections[changes % 2] ?? []);
    return again(options);
  }

  function again(options: Partial<RestartOptions> = {}): Promise<RestartReport> {
    return restartWorkloads({
      kubeconfig: cluster.controlPlane.kubeconfig,
      namespaces: [namespace],
      injector: { settleSeconds: 0, probes: 2, deadlineSeconds: 60 },
      timeoutSeconds: 60,
      onEvent: eventLines((line) => told.push(line)),
      ...options,
    });
  }

  const begun = (reference: ObjectReference) =>
    cluster.client.waitFor(reference, (object) => object?.metadata.generation === 2, { timeoutSeconds: 60 });

  const viewOf = async (name: string) => (await cluster.workloads([namespace]))[`Deployment/${namespace}/${name}`];

  const names = (workloads: readonly { readonly name: string }[]) => workloads.map(({ name }) => name);

  /** The pods have the current sidecar, and another run finds nothing to do. */
  async function expectCurrent(name: string, pods: number): Promise<void> {
    const view = await viewOf(name);
    expect(view?.pods.map(({ resources }) => (resources as { requests: { cpu: string } }).requests.cpu)).toEqual(
      Array.from({ length: pods }, () => CPU[changes % 2]),
    );
    expect(names((await again()).restarted)).toEqual([]);
    expect(await viewOf(name)).toEqual(view);
  }

  it(
    'changes the template of one that rolls: it has both changes, and is restarted once',
    async () => {
      const run = restarting();
      await begun(cart);
      const template = { metadata: { annotations: { example: 'by-the-user' } } };
      await cluster.client.patch(cart, { spec: { template } });
      expect(names((await run).restarted)).toEqual(['cart']);
      const pods = await cluster.client.list('v1', 'Pod', { namespace, labelSelector: 'app=cart' });
      const alive = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
      expect(alive.map(({ metadata }) => metadata.annotations?.example)).toEqual(['by-the-user']);
      expect((await viewOf('cart'))?.generation).toBe(3);
      await expectCurrent('cart', 1);
    },
    3 * MINUTES,
  );

  it.each([3, 0])(
    'scales one that rolls to %d: it has this size, and is restarted once',
    async (replicas) => {
      const run = restarting();
      await begun(cart);
      await cluster.client.patch(cart, { spec: { replicas } }, 'scale');
      expect(names((await run).restarted)).toEqual(['cart']);
      const { metadata, spec } = await cluster.client.get<KubeObject & { spec: { replicas: number } }>(cart);
      expect({ generation: metadata.generation, replicas: spec.replicas }).toEqual({ generation: 3, replicas });
      if (replicas > 0) {
        await expectCurrent('cart', replicas);
      } else {
        expect(await viewOf('cart')).toBeUndefined();
      }
    },
    3 * MINUTES,
  );

  describe('whose workload waits for its turn behind another', () => {
    const oneByOne = { maxConcurrent: 1 };
    let later: ObjectReference;

    beforeEach(async () => {
      later = await deployed('later');
    }, MINUTES);

    it(
      'deletes it: it stays deleted',
      async () => {
        const run = restarting(oneByOne);
        await begun(cart);
        await cluster.client.delete(later);
        expect(names((await run).restarted)).toEqual(['cart']);
        expect(await cluster.client.find(later)).toBeUndefined();
      },
      3 * MINUTES,
    );

    it(
      'replaces it with another of the same name: the new one, which is up to date, is left alone',
      async () => {
        const run = restarting(oneByOne);
        await begun(cart);
        await cluster.client.delete(later);
        await cluster.client.apply(smallDeployment('later', namespace));
        expect(names((await run).restarted)).toEqual(['cart']);
        await cluster.client.waitFor(later, isDone);
        expect(await viewOf('later')).toMatchObject({ generation: 1, pods: [{}] });
        await expectCurrent('later', 1);
      },
      3 * MINUTES,
    );

    it(
      'scales it: it is restarted once, in its new size',
      async () => {
        const run = restarting(oneByOne);
        await begun(cart);
        await cluster.client.patch(later, { spec: { replicas: 2 } }, 'scale');
        expect(names((await run).restarted)).toEqual(['cart', 'later']);
        expect((await viewOf('later'))?.generation).toBe(3);
        await expectCurrent('later', 2);
      },
      3 * MINUTES,
    );

    it.each([
      ['changes its template', { spec: { template: { metadata: { annotations: { example: 'by-the-user' } } } } }],
      ['restarts it', restartByHand(1)],
    ])(
      '%s: its pods, which are up to date by that, are not replaced once more',
      async (_, change) => {
        const run = restarting(oneByOne);
        await begun(cart);
        await cluster.client.patch(later, change);
        const { restarted, waited } = await run;
        expect({ restarted: names(restarted), waited: names(waited) }).toEqual({
          restarted: ['cart'],
          waited: ['later'],
        });
        expect((await viewOf('later'))?.generation).toBe(2);
        await expectCurrent('later', 1);
      },
      3 * MINUTES,
    );
  });

  it(
    'deletes one that rolls, while a finalizer keeps it: it is not waited for',
    async () => {
      const finalizers = ['example.com/keep'];
      await cluster.client.patch(cart, { metadata: { finalizers } });
      const other = await deployed('other');
      const run = restarting();
      await Promise.all([begun(cart), begun(other)]);
      await cluster.client.delete(cart);
      expect(names((await run).restarted)).toEqual(['other']);
      // The plan does not contain it either, while its old pod still exists.
      expect((await again()).counts).toMatchObject({ restarted: 0, waited: 0, current: 1 });
      expect((await viewOf('cart'))?.pods).not.toEqual([]);
      expect(told.filter((line) => /fail/i.test(line))).toEqual([]);
      await cluster.client.patch(cart, { metadata: { finalizers: null } });
      await cluster.client.waitFor(cart, (object) => object === undefined);
    },
    3 * MINUTES,
  );

  it.each([
    ['all at once', {}],
    ['one after the other', { maxConcurrent: 1 }],
  ])(
    'deletes their namespace, while they are restarted %s: nothing fails, and nothing comes back',
    async (_, options) => {
      await deployed('later');
      const run = restarting(options);
      await begun(cart);
      const reference = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
      await cluster.client.delete(reference);
      expect((await run).counts).toMatchObject({ warned: 0, undetermined: 0 });
      expect(told.filter((line) => /fail|Events/i.test(line))).toEqual([]);
      await cluster.client.waitFor(reference, (object) => object === undefined, { timeoutSeconds: 60 });
      expect((await again()).counts).toMatchObject({ restarted: 0, current: 0 });
      expect(await cluster.client.find(reference)).toBeUndefined();
    },
    3 * MINUTES,
  );

  it(
    'restarts one that rolls: both restarts are waited for',
    async () => {
      const run = restarting();
      await begun(cart);
      await cluster.client.patch(cart, restartByHand(2));
      expect(names((await run).restarted)).toEqual(['cart']);
      expect((await viewOf('cart'))?.generation).toBe(3);
      await expectCurrent('cart', 1);
    },
    3 * MINUTES,
  );

  it(
    'restarts many at the same moment: none fails, and all are up to date',
    async () => {
      const others = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(deployed));
      const byHand: Promise<unknown>[] = [];
      const onEvent = ({ type }: RunEvent) => {
        if (type === 'roundBegan') {
          byHand.push(...[cart, ...others].map((one) => cluster.client.patch(one, restartByHand(3))));
        }
      };
      const { restarted, waited } = await restarting({ onEvent, maxConcurrent: 4 });
      expect(byHand).toHaveLength(8);
      await Promise.all(byHand);
      // Whichever restart came first, no workload is left out.
      const all = ['a', 'b', 'c', 'cart', 'd', 'e', 'f', 'g'];
      expect(names([...restarted, ...waited]).sort()).toEqual(all);
      for (const name of all) {
        expect([2, 3]).toContain((await viewOf(name))?.generation);
        await expectCurrent(name, 1);
      }
    },
    3 * MINUTES,
  );
});
