import {
  comingAnswers,
  injectOffline,
  type OfflinePair,
  type OfflineTask,
} from '../../../../lib/engine/plan/prediction/offline-injection';
import type { Pod } from '../../../../lib/engine/cluster/objects';
import { sidecarOf } from '../../../../lib/engine/injector/sidecar';
import { FakeApiServer, refusal, type FakeAnswer } from '../../fake-api-server';
import { configurationOf, FAKE_ISTIOCTL, Scratch, uninjectedPod } from './offline-mesh';

let scratch: Scratch;

beforeEach(async () => {
  scratch = await Scratch.make();
});

afterEach(async () => {
  await scratch.remove();
});

const taskOf = (
  id: string,
  annotations: Record<string, string> = {},
  configuration = configurationOf(),
): OfflineTask => ({ id, pod: uninjectedPod(id, annotations), configuration });

describe('injectOffline', () => {
  test('starts few processes for many pods, and one for each configuration', async () => {
    const env = { ISTIO_FAKE_LOG: scratch.log };
    const many = Array.from({ length: 401 }, (_, index) => taskOf(String(index), {}, configurationOf({ env })));
    const canary = taskOf('canary', {}, configurationOf({ env, name: 'canary' }));
    const results = await injectOffline(FAKE_ISTIOCTL, [canary, ...many], 'the cluster');
    const calls = await scratch.calls();
    expect(calls.map(({ revision, pods }) => `${revision} ${String(pods)}`).sort()).toEqual([
      'canary 1',
      'default 1',
      'default 200',
      'default 200',
    ]);
    expect(results.size).toBe(402);
    expect(results.get('7')).toMatchObject({ text: expect.stringContaining('"name":"7"') as unknown });
  });

  test('finds the pods that are refused, and injects the others', async () => {
    const tasks = [taskOf('a'), taskOf('b', { 'fake/refused': 'no template' }), taskOf('c'), taskOf('d')];
    const results = await injectOffline(FAKE_ISTIOCTL, tasks, 'the manifests');
    expect(results.get('b')).toEqual({ refused: 'no template' });
    expect([...results].flatMap(([id, result]) => ('text' in result ? [id] : [])).sort()).toEqual(['a', 'c', 'd']);
  });

  test('refuses a pod to which istioctl adds nothing, and does not count it as unchanged', async () => {
    const results = await injectOffline(FAKE_ISTIOCTL, [taskOf('a', { 'fake/left': '' }), taskOf('b')], 'the cluster');
    expect(results.get('a')).toEqual({ refused: 'istioctl adds no sidecar' });
    expect(results.get('b')).toHaveProperty('text');
  });

  test.each([
    ['the manifests', 'fix it: istiod would refuse every pod.'],
    [
      'the cluster',
      "this istioctl may have another version than the cluster: pass an istioctl of the cluster's version (if the manifests have another version, the prediction is then only an upper bound).",
    ],
  ] as const)('fails for a configuration in %s that injects nothing', async (whose, remedy) => {
    const task = taskOf('a', {}, configurationOf({ config: '{"fails":"function \\"x\\" not defined"}' }));
    await expect(injectOffline(FAKE_ISTIOCTL, [task], whose)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl 1.31.1 cannot inject with the configuration of revision default in ${whose}: function "x" not defined; ${remedy}`,
    });
  });

  test('fails for a program that prints something else', async () => {
    const path = await scratch.program('cat > /dev/null; echo "usage: kube-inject"');
    await expect(
      injectOffline({ path, version: '1.31.1' }, [taskOf('a'), taskOf('b')], 'the manifests'),
    ).rejects.toThrow(
      'istioctl 1.31.1 cannot inject with the configuration of revision default in the manifests: istioctl adds no sidecar; ',
    );
  });

  test('stops on request', async () => {
    const stopped = injectOffline(FAKE_ISTIOCTL, [taskOf('a')], 'the cluster', AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ code: 'Aborted' });
  });
});

describe('comingAnswers', () => {
  const injectedText = (image: string, owner = 'unknown') => {
    const pod = uninjectedPod('cart', { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' });
    const proxy = { name: 'istio-proxy', image, env: [{ name: 'ISTIO_META_OWNER', value: owner }] };
    return JSON.stringify({ ...pod, spec: { containers: [...pod.spec.containers, proxy] } });
  };
  const today = { sidecar: sidecarOf(JSON.parse(injectedText('proxy:1', 'deployments/cart')) as Pod) };
  const pair = (fields: Partial<OfflinePair>): OfflinePair => ({
    ...{ id: 'id', namespace: 'shop', today },
    before: { text: injectedText('proxy:1') },
    coming: { text: injectedText('proxy:2') },
    ...fields,
  });

  /** The answer, and the number of requests that it took. */
  async function answerOf(fields: Partial<OfflinePair>, admit = (pod: unknown): FakeAnswer => ({ body: pod })) {
    const server = await FakeApiServer.start(({ body }) => admit(body));
    try {
      const answers = await comingAnswers(await server.api(), [pair(fields)]);
      return { answer: answers.get('id'), bodies: server.requests.map(({ body }) => body as Pod) };
    } finally {
      await server.close();
    }
  }

  test('are those of today where both configurations make the same, without a request', async () => {
    const text = injectedText('proxy:1');
    expect(await answerOf({ before: { text }, coming: { text } })).toEqual({ answer: today, bodies: [] });
  });

  test('have what changes, and in all else what the cluster knows', async () => {
    const { answer, bodies } = await answerOf({});
    expect(answer).toEqual({
      sidecar: sidecarOf(JSON.parse(injectedText('proxy:2', 'deployments/cart')) as Pod),
    });
    expect(bodies.map(({ metadata }) => metadata.labels?.['sidecar.istio.io/inject'])).toEqual(['false', 'false']);
  });

  test('are of the configuration alone where nothing injects today', async () => {
    const { answer } = await answerOf({ today: { sidecar: undefined }, before: undefined });
    expect(answer).toEqual({ sidecar: sidecarOf(JSON.parse(injectedText('proxy:2')) as Pod) });
  });

  test('are no sidecar where nothing injects any more', async () => {
    expect((await answerOf({ coming: { pod: uninjectedPod('cart') } })).answer).toEqual({ sidecar: undefined });
  });

  test('are no sidecar where nothing completes the settings of istio-proxy in the pod any more', async () => {
    const pod = uninjectedPod('cart');
    const containers = [...pod.spec.containers, { name: 'istio-proxy', image: 'proxy:1' }];
    const { answer } = await answerOf({ coming: { pod: { ...pod, spec: { ...pod.spec, containers } } } });
    expect(answer).toEqual({ sidecar: undefined });
  });

  test('are a denial where the injector will refuse the pod', async () => {
    expect((await answerOf({ coming: { refused: 'no template' } })).answer).toEqual({
      denied: 'no template',
      by: 'istioctl',
    });
  });

  test('are a denial where istioctl cannot inject the pod as the injector does today', async () => {
    expect((await answerOf({ before: { refused: 'istioctl adds no sidecar' } })).answer).toEqual({
      denied: 'istioctl adds no sidecar (with the current configuration)',
      by: 'istioctl',
    });
  });

  test('are of istioctl alone where the cluster admits no pod that opts out', async () => {
    const { answer } = await answerOf({}, () => refusal(403, 'Forbidden', 'denied the request: opting out'));
    expect(answer).toEqual({
      sidecar: sidecarOf(JSON.parse(injectedText('proxy:2', 'deployments/cart')) as Pod),
    });
  });

  test('are none where the namespace is gone', async () => {
    const { answer } = await answerOf({}, () => refusal(404, 'NotFound', 'namespaces "shop" not found'));
    expect(answer).toBeUndefined();
  });
});
