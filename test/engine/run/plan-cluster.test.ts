import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { planRestarts } from '../../../lib/engine/run/plan-restarts';
import { deployment, IMAGE, injected, namespace } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { brokenCanary, CANARY, optionsFor, startMesh } from '../fake-mesh';

const UNREACHABLE = refusal(503, 'ServiceUnavailable', 'no endpoints available');

describe('a plan', () => {
  let cluster: FakeCluster;
  let pause: jest.SpyInstance;

  beforeEach(() => {
    pause = jest.spyOn(KubernetesApi.prototype, 'pause').mockResolvedValue();
  });

  afterEach(async () => {
    pause.mockRestore();
    await cluster.close();
  });

  describe('if requests to the injector alone fail', () => {
    /** The notes of a plan for one outdated workload, and the number of requests to the injector. */
    async function planWithFailures(failures: number) {
      let requests = 0;
      const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
        path.includes('/proxy/') && ++requests <= failures ? UNREACHABLE : undefined;
      cluster = await startMesh(deployment('cart'), { intercept });
      const { notes, summary } = await planRestarts(optionsFor(cluster));
      expect(summary.restart).toBe(1);
      return { notes, requests };
    }

    test('during the wait, asks again, and does not report these failures', async () => {
      expect(await planWithFailures(6)).toEqual({ notes: undefined, requests: 7 });
    });

    test('for its own questions, reports that changes of other webhooks count', async () => {
      expect((await planWithFailures(Infinity)).notes).toEqual([
        "differences that other admission webhooks cause are treated as Istio's, since the API server cannot relay to Service istio-system/istiod: no endpoints available",
      ]);
    });
  });

  test.each([
    [['shop', 'shpo'], ['the selected namespace shpo does not exist']],
    [['bank', 'shpo'], ['the selected namespaces bank, shpo do not exist']],
    [['shop'], undefined],
  ])('of the namespaces %j has the notes %j', async (namespaces, expected) => {
    cluster = await startMesh(deployment('cart'));
    expect((await planRestarts(optionsFor(cluster, { namespaces }))).notes).toEqual(expected);
  });

  describe('waits for a control plane that only a label on running pods selects', () => {
    const canary = brokenCanary({ namespaceSelector: {}, objectSelector: { matchLabels: CANARY } });

    /** A workload whose pod has the label, but not its template. */
    const labelled = (hash: string) =>
      deployment('cart', { namespace: 'out', proxies: [IMAGE] }).map((object) =>
        object.kind === 'Pod'
          ? { ...object, metadata: { ...object.metadata, labels: { 'pod-template-hash': hash, ...CANARY } } }
          : object,
      );

    async function plan(hash: string) {
      cluster = await startMesh([namespace('out'), ...canary, ...labelled(hash)], {
        inject: (asked) => injected(asked, IMAGE),
      });
      return planRestarts(optionsFor(cluster));
    }

    test('if a pod of the current template has it', async () => {
      await expect(plan('1')).rejects.toMatchObject({ code: 'ControlPlaneNotReady' });
    });

    test('but not if only a pod of an earlier template has it', async () => {
      expect((await plan('0')).summary.current).toBe(1);
    });
  });
});
