import type { WatchEvent } from '../../../lib/engine/watch/watch-event';
import type { WatchOptions } from '../../../lib/engine/watch/watch-options';
import { watchRestarts } from '../../../lib/engine/watch/watch-restarts';
import { deployment, meshNamespace, type ClusterObject } from '../cluster-builder';
import { refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh, WEBHOOK } from '../fake-mesh';

type EventType = WatchEvent['type'];

const NOBODY = { matchLabels: { team: 'nobody' } };

describe('a watch', () => {
  let cluster: FakeCluster;
  let drain: AbortController;
  let events: WatchEvent[];

  beforeEach(() => {
    drain = new AbortController();
    events = [];
  });

  afterEach(async () => {
    drain.abort();
    await cluster.close();
  });

  /** Watches stay open, and send no events. */
  const intercepting =
    (more: (request: FakeRequest) => FakeAnswer | undefined): FakeClusterOptions['intercept'] =>
    (request) =>
      request.query.get('watch') === 'true' ? { silent: true } : more(request);

  /** Watches until that event has occurred this number of times, and then ends. */
  async function until(
    type: EventType,
    times: number,
    options: WatchOptions = {},
    intercept: (request: FakeRequest) => FakeAnswer | undefined = () => undefined,
  ): Promise<void> {
    cluster = await startMesh(deployment('cart'), { intercept: intercepting(intercept) });
    const onEvent = (event: WatchEvent) => {
      events.push(event);
      if (events.filter((one) => one.type === type).length === times) {
        drain.abort();
      }
    };
    await watchRestarts({ ...optionsFor(cluster, {}), drain: drain.signal, ...options, onEvent });
  }

  const between = () =>
    events.flatMap((event) => {
      switch (event.type) {
        case 'runEnded':
          return [`restarted ${String(event.report.counts.restarted)}`];
        case 'runFailed':
          return [`failed ${event.error.code}`];
        case 'watching':
          return [event.reason];
        default:
          return [];
      }
    });

  test('runs at once, and from time to time, and ends when it is drained', async () => {
    await until('watching', 3, { resyncSeconds: 1 });
    expect(between()).toEqual(['restarted 1', 'resync', 'restarted 0', 'resync', 'restarted 0', 'resync']);
    expect(cluster.patched).toEqual(['shop/cart']);
  });

  test('goes on after a failed run', async () => {
    let lists = 0;
    const message = 'pods is forbidden: User "ci" cannot list resource "pods" in API group ""';
    const unreadable = refusal(403, 'Forbidden', message);
    const failingOnce = ({ path }: FakeRequest) => (path === '/api/v1/pods' && lists++ === 0 ? unreadable : undefined);
    await until('watching', 2, { resyncSeconds: 1 }, failingOnce);
    expect(between()).toEqual(['failed Forbidden', 'retry', 'restarted 1', 'resync']);
  });

  describe('after a failed rollout', () => {
    /**
     * Watches until the second retry, with a rollout of `a` that does not end, and one of `b` that has to wait for it.
     */
    async function untilRetried(onFailure: 'stop' | 'continue'): Promise<void> {
      cluster = await startMesh([...deployment('a'), ...deployment('b')], {
        fates: { a: 'hangs' },
        intercept: intercepting(() => undefined),
      });
      const onEvent = (event: WatchEvent) => {
        events.push(event);
        if (events.filter(({ type }) => type === 'watching').length === 2) {
          drain.abort();
        }
      };
      const options = { ...optionsFor(cluster, {}), timeoutSeconds: 1, maxConcurrent: 1, resyncSeconds: 1 };
      await watchRestarts({ ...options, drain: drain.signal, onFailure, onEvent });
    }

    test('restarts no other workload while that has not changed', async () => {
      await untilRetried('stop');
      expect(cluster.patched).toEqual(['shop/a']);
      expect(between()).toEqual(['failed RolloutFailed', 'retry', 'retry']);
      expect(events.filter(({ type }) => type === 'heldBack')).toEqual([
        { type: 'heldBack', workloads: ['Deployment shop/a'] },
      ]);
    });

    /** Watches with a rollout of `a` that does not end, and a change at the given time, until it has seen so many runs. */
    async function untilChanged(
      change: {
        readonly path: string;
        readonly object: object;
        readonly isDue: () => boolean;
        /** The path of a list that the API server does not serve before the change. */
        readonly after?: string;
      },
      runs: number,
    ): Promise<void> {
      let isSent = false;
      const intercept: FakeClusterOptions['intercept'] = ({ path, query }) => {
        if (query.get('watch') !== 'true') {
          return path === change.after && !isSent ? refusal(503, 'ServiceUnavailable', 'not yet') : undefined;
        }
        if (!path.endsWith(change.path) || isSent) {
          return { silent: true };
        }
        isSent = change.isDue();
        return { body: isSent ? `${JSON.stringify({ type: 'ADDED', object: change.object })}\n` : '' };
      };
      const zoo = meshNamespace('zoo');
      cluster = await startMesh([...deployment('a'), zoo, ...deployment('b', { namespace: 'zoo' })], {
        fates: { a: 'hangs' },
        intercept,
      });
      const onEvent = (event: WatchEvent) => {
        events.push(event);
        if (between().length >= runs) {
          drain.abort();
        }
      };
      const options = { timeoutSeconds: 3, maxConcurrent: 1, resyncSeconds: 1, quietSeconds: 0 };
      await watchRestarts({ ...optionsFor(cluster, {}), ...options, drain: drain.signal, onEvent });
      expect(isSent).toBe(true);
    }

    const proxyConfig = (namespace: string) => ({
      path: '/proxyconfigs',
      object: { metadata: { name: 'proxies', namespace, uid: 'uid-proxies', generation: 1 } },
    });
    const afterTheRun = () => events.some(({ type }) => type === 'watching');
    const duringTheRun = () => cluster.patched.length > 0;

    test.each([
      ['of failed workloads', 'shop', ['failed RolloutFailed', 'retry', 'failed RolloutFailed', 'retry']],
      ['without failed workloads', 'zoo', ['failed RolloutFailed', 'retry', 'retry', 'retry']],
    ])('and a change of a namespace %s, restarts only the workloads of that namespace', async (_, namespace, runs) => {
      await untilChanged({ ...proxyConfig(namespace), isDue: afterTheRun }, runs.length);
      expect(between()).toEqual(runs);
      expect(cluster.patched).toEqual(['shop/a']);
    });

    test('retries the namespace that has changed during the failing run', async () => {
      const runs = ['failed RolloutFailed', 'retry', 'failed RolloutFailed', 'retry', 'retry'];
      await untilChanged({ ...proxyConfig('shop'), isDue: duringTheRun }, runs.length);
      expect(between()).toEqual(runs);
    });

    const webhookChange = {
      path: '/mutatingwebhookconfigurations',
      object: { metadata: { ...WEBHOOK.metadata, uid: 'uid-new', generation: 2 } },
    };

    test('retries everything if the mesh has changed during the failing run', async () => {
      const runs = ['failed RolloutFailed', 'retry', 'failed RolloutFailed'];
      await untilChanged({ ...webhookChange, isDue: duringTheRun }, runs.length);
      expect(between()).toEqual(runs);
    });

    test.each([
      [
        'the mesh has changed before the plan of the failing run',
        { ...webhookChange, isDue: () => events.some(({ type }) => type === 'reading'), after: '/api/v1/pods' },
      ],
      [
        'a Deployment beside istiod changes, because the run restarts it',
        {
          path: '/namespaces/istio-system/deployments',
          object: { metadata: { name: 'gateway', namespace: 'istio-system', uid: 'uid-gateway', generation: 2 } },
          isDue: duringTheRun,
        },
      ],
    ])('restarts no other workload if %s', async (_, change) => {
      const runs = ['failed RolloutFailed', 'retry', 'retry'];
      await untilChanged(change, runs.length);
      expect(between()).toEqual(runs);
      expect(events.filter(({ type }) => type === 'heldBack')).toHaveLength(1);
    });

    test('holds nobody back if the API server has refused the restart', async () => {
      const message = 'admission webhook "policies.example.com" denied the request: no team label';
      const refusing = ({ method }: FakeRequest) =>
        method === 'PATCH' ? refusal(403, 'Forbidden', message) : undefined;
      await until('watching', 2, { resyncSeconds: 1, events: false }, refusing);
      expect(between()).toEqual(['failed RolloutFailed', 'retry', 'failed RolloutFailed', 'retry']);
      expect(events.filter(({ type }) => type === 'heldBack')).toEqual([]);
    });

    test('goes on with the others where it was told so', async () => {
      await untilRetried('continue');
      expect(cluster.patched).toEqual(['shop/a', 'shop/b']);
    });
  });

  test('watches the namespaces that injection webhooks point to, before each run', async () => {
    const pointingTo = (name: string, namespace: string): ClusterObject => {
      const clientConfig = { caBundle: 'Q0E=', service: { name: 'istiod', namespace } };
      const webhooks = [{ name: 'rev.sidecar-injector.istio.io', clientConfig, namespaceSelector: NOBODY }];
      return { ...WEBHOOK, metadata: { name, uid: name, labels: { 'istio.io/rev': name } }, ...{ webhooks } };
    };
    const moves = [[pointingTo('canary', 'istio-canary')], [pointingTo('canary', 'istio-next')], []];
    cluster = await startMesh(deployment('cart'), { intercept: intercepting(() => undefined) });
    const rest = cluster.objects;
    const watched: (readonly string[])[] = [];
    const place = (webhooks: readonly ClusterObject[] = []) => {
      cluster.objects = [...rest, ...webhooks];
    };
    const onEvent = ({ type }: WatchEvent) => {
      if (type === 'watching') {
        const paths = [...cluster.server.waiting].map(({ path }) => /namespaces\/(.*)\/configmaps$/.exec(path)?.[1]);
        watched.push(paths.filter((one) => one !== undefined).sort());
        place(moves[watched.length]);
        if (watched.length === moves.length) {
          drain.abort();
        }
      }
    };
    place(moves[0]);
    await watchRestarts({ ...optionsFor(cluster, {}), drain: drain.signal, resyncSeconds: 1, onEvent });
    expect(watched).toEqual([['istio-canary', 'istio-system'], ['istio-next', 'istio-system'], ['istio-system']]);
  });

  test('refuses invalid seconds', async () => {
    cluster = await startMesh(deployment('cart'), {});
    const lease = { namespace: 'istio-system', name: 'restarter', identity: 'me', durationSeconds: 1 };
    await expect(watchRestarts({ resyncSeconds: 0, quietSeconds: Number.NaN, lease })).rejects.toMatchObject({
      code: 'InvalidOption',
      message:
        'resyncSeconds is 0: write a number from 1 to 2147483; quietSeconds is NaN: write a number from 0 to 2147483; lease.durationSeconds is 1: write a whole number from 3 to 2147483.',
    });
  });
});
