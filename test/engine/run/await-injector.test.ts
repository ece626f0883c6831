import { eventLines } from '../../../lib/engine/report/event-lines';
import { awaitInjector, type InjectorWait, type InjectorWaiting } from '../../../lib/engine/run/await-injector';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { refusal, type FakeAnswer } from '../fake-api-server';
import { InjectorAlone } from '../../../lib/engine/injector/injector-alone';
import {
  deployment,
  IMAGE,
  injected,
  istiodService,
  meshNamespace,
  OLD_IMAGE,
  type ClusterObject,
} from '../cluster-builder';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';
import { webhook as injectionWebhook } from '../relayed-injector';

const LONG_AGO = '2020-01-01T00:00:00Z';
/** A time long enough ago for configuration to have settled, but too recent for istiod to have read it for certain. */
const JUST_NOW = () => new Date(Date.now() - 60_000).toISOString();
const VALUES = { global: { hub: 'registry.example', tag: '1.31.1' } };

function configMap(name: string, data: Record<string, string>, changed = JUST_NOW()): ClusterObject {
  const metadata = {
    name,
    namespace: 'istio-system',
    uid: `uid-${name}`,
    creationTimestamp: LONG_AGO,
    managedFields: [{ time: changed }],
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

const webhook = (caBundle?: string) =>
  injectionWebhook({ clientConfig: { caBundle, service: { name: 'istiod', namespace: 'istio-system' } } });

interface ControlPlane {
  readonly changed?: string;
  readonly values?: string;
  readonly mesh?: string;
  readonly caBundle?: string;
  readonly status?: object;
}

function controlPlane({ changed, values, mesh = '{}', caBundle = 'Q0E=', status }: ControlPlane = {}): ClusterObject[] {
  const template = { metadata: { labels: { app: 'istiod' } }, spec: { containers: [] } };
  const istiod = deployment('istiod', { namespace: 'istio-system', proxies: [], spec: { replicas: 1, template } }).map(
    (object) => ({
      ...object,
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
    }),
  );
  return [
    meshNamespace('shop'),
    webhook(caBundle),
    istiodService(),
    ...istiod,
    configMap('istio-sidecar-injector', { values: values ?? JSON.stringify(VALUES) }, changed),
    configMap('istio', { mesh }, changed),
  ];
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A deadline that is long enough on any machine for a wait that should succeed. */
const PATIENT: InjectorWait = { deadlineSeconds: 30 };

describe('awaitInjector', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  /** Waits, and returns the number of probes that were sent, and what was reported. */
  async function wait(
    objects: readonly ClusterObject[],
    options: FakeClusterOptions = {},
    wait: InjectorWait = {},
    isUsed?: InjectorWaiting['isUsed'],
  ) {
    cluster = await FakeCluster.start(objects, { relays: false, ...options });
    const api = await cluster.server.api();
    jest.spyOn(api, 'pause').mockImplementation(() => new Promise((resolve) => setTimeout(resolve, 1)));
    const told: string[] = [];
    const { notes, hasWaited } = await awaitInjector(api, {
      ...(isUsed ? { isUsed } : {}),
      wait: { deadlineSeconds: 0.2, ...wait },
      onEvent: eventLines((line) => told.push(line)),
      alone: new InjectorAlone(api),
    });
    const probes = cluster.server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/pods'));
    return {
      ...{ probes: probes.length, told },
      ...(notes.length > 0 ? { notes } : {}),
      ...(hasWaited ? { hasWaited } : {}),
    };
  }

  test('returns after three probes in a row that agree', async () => {
    expect(await wait(controlPlane(), {}, PATIENT)).toEqual({ probes: 3, told: [] });
  });

  test('probes with a dry run, in a namespace that the webhook selects', async () => {
    await wait(controlPlane(), {}, { ...PATIENT, probes: 1 });
    const probe = cluster?.server.requests.find(({ method, path }) => method === 'POST' && path.endsWith('/pods'));
    expect([probe?.path, probe?.query.get('dryRun')]).toEqual(['/api/v1/namespaces/shop/pods', 'All']);
  });

  describe('where the injector can be asked alone', () => {
    const relays = { relays: true };
    const rewritten = (pod: Pod) => injected(pod, IMAGE.replace('registry', 'mirror'));

    test('creates no pod, not even as a dry run', async () => {
      expect(await wait(controlPlane(), relays, PATIENT)).toEqual({ probes: 0, told: [] });
    });

    test('ignores what other webhooks change in a pod', async () => {
      const intercept: FakeClusterOptions['intercept'] = ({ method, path, body }) =>
        method === 'POST' && path.endsWith('/pods') ? { body: rewritten(body as Pod) } : undefined;
      expect(await wait(controlPlane(), { ...relays, intercept }, PATIENT)).toEqual({ probes: 0, told: [] });
    });

    test('waits for what the injector itself gives', async () => {
      await expect(wait(controlPlane(), { ...relays, inject: rewritten })).rejects.toMatchObject({
        code: 'InjectorOutOfDate',
      });
    });
  });

  test('asks for a sidecar, so that an injector that gives none unless asked is found', async () => {
    const inject = (pod: Pod) =>
      pod.metadata.labels?.['sidecar.istio.io/inject'] === 'true' ? injected(pod, IMAGE) : pod;
    expect((await wait(controlPlane(), { inject }, PATIENT)).told).toEqual([]);
  });

  test('goes on, and says so, where the injector has disagreed for longer than istiod takes to read a ConfigMap', async () => {
    const inject = (pod: Pod) => injected(pod, OLD_IMAGE);
    const { notes } = await wait(controlPlane({ changed: LONG_AGO }), { inject }, PATIENT);
    expect(notes).toEqual([
      `the injector of revision default does not match its ConfigMaps: image is ${IMAGE} in the ConfigMaps and ${OLD_IMAGE} in an injected pod`,
    ]);
  });

  test('waits for no control plane that nothing asks for', async () => {
    const broken = controlPlane({ status: { availableReplicas: 0 } });
    await expect(wait(broken)).rejects.toMatchObject({ code: 'ControlPlaneNotReady' });
    expect(await wait(broken, {}, {}, () => false)).toMatchObject({ probes: 0, told: [] });
  });

  describe('as long as it is not known which control planes are in use', () => {
    const broken = controlPlane({ status: { availableReplicas: 0 } });
    /** It becomes known with the request to that path that has this number. */
    const known = (isUsed: boolean, end: string, count: number) => {
      const { promise, resolve } = deferred<() => boolean>();
      let seen = 0;
      const intercept: FakeClusterOptions['intercept'] = ({ path }) => {
        seen += path.endsWith(end) ? 1 : 0;
        if (seen === count) {
          resolve(() => isUsed);
        }
        return undefined;
      };
      return { intercept, used: promise };
    };

    test.each([1, 3])('probes already, and no more often than otherwise: known after %i', async (count) => {
      const { intercept, used } = known(true, '/pods', count);
      expect(await wait(controlPlane(), { intercept }, PATIENT, used)).toEqual({ probes: 3, told: [] });
    });

    test('is not held up by a control plane that turns out not to be used', async () => {
      const early = known(false, '/deployments', 1);
      expect(await wait(broken, { intercept: early.intercept }, {}, early.used)).toEqual({ probes: 0, told: [] });
      await cluster?.close();
      const { intercept, used } = known(false, '/pods', 1);
      expect(await wait(controlPlane({ mesh: 'a: [' }), { intercept }, {}, used)).toEqual({ probes: 1, told: [] });
    });

    test('has waited where one that turns out to be used was not ready', async () => {
      const { intercept, used } = known(true, '/pods', 1);
      let probes = 0;
      const inject = (pod: Pod) => injected(pod, ++probes === 1 ? OLD_IMAGE : IMAGE);
      expect(await wait(controlPlane(), { intercept, inject }, PATIENT, used)).toEqual({
        ...{ probes: 4, told: [], hasWaited: true },
      });
    });

    test('ends with the failure of what was to make it known', async () => {
      const { intercept, used } = known(true, '/pods', 1);
      const failing = used.then(() => Promise.reject(new Error('no pods')));
      await expect(wait(controlPlane(), { intercept }, PATIENT, failing)).rejects.toThrow('no pods');
    });
  });

  test('compares, of what other webhooks change in a dry run, only what they leave alone', async () => {
    const others: ClusterObject = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'mirror', uid: 'uid-mirror' },
      webhooks: [
        {
          name: 'mirror.example.com',
          clientConfig: {},
          rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
        },
      ],
    };
    const inject = (pod: Pod) => injected(pod, IMAGE.replace('registry', 'mirror'));
    expect((await wait([...controlPlane(), others], { inject }, PATIENT)).told).toEqual([]);
    await expect(wait(controlPlane(), { inject })).rejects.toMatchObject({ code: 'InjectorOutOfDate' });
    const denied = () => refusal(422, 'Invalid', 'requests must be less than or equal to the limit');
    expect((await wait([...controlPlane(), others], { inject: denied }, PATIENT)).notes).toEqual([
      'a probe pod for the injector of revision default is refused in namespace shop: requests must be less than or equal to the limit',
    ]);
    const old = (pod: Pod) => injected(pod, OLD_IMAGE);
    await expect(wait([...controlPlane(), others], { inject: old })).rejects.toMatchObject({
      code: 'InjectorOutOfDate',
    });
  });

  test('looks once for the Service of the control plane while probes agree, and again after an obstacle', async () => {
    const lookUps = () => cluster?.server.requests.filter(({ path }) => path.endsWith('/services/istiod')).length;
    await wait(controlPlane(), {}, PATIENT);
    expect(lookUps()).toBe(1);
    await cluster?.close();
    let looks = 0;
    let probes = 0;
    const run = wait(controlPlane({ status: { updatedReplicas: 0 } }), {
      intercept: ({ path }) =>
        path.endsWith('/services/istiod') && ++looks === 1 ? refusal(404, 'NotFound', 'not found') : undefined,
      inject: (pod) => (++probes === 1 ? pod : injected(pod, IMAGE)),
    });
    await expect(run).rejects.toMatchObject({ code: 'ControlPlaneNotReady' });
  });

  test('starts counting again when a probe finds a replica that is behind', async () => {
    let probes = 0;
    const inject = (pod: Pod) => injected(pod, ++probes === 3 ? OLD_IMAGE : IMAGE);
    expect(await wait(controlPlane(), { inject }, PATIENT)).toEqual({
      hasWaited: true,
      probes: 6,
      told: [
        `the injector of revision default does not use its current configuration yet: image is ${IMAGE} in the ConfigMaps and ${OLD_IMAGE} in an injected pod`,
      ],
    });
  });

  const refused = (status: number, message: string) => (): FakeAnswer => refusal(status, 'No', message);

  test.each<[string, ClusterObject[], FakeClusterOptions, string, string]>([
    [
      'an injector that never takes over its configuration',
      controlPlane(),
      { inject: (pod) => injected(pod, OLD_IMAGE) },
      'InjectorOutOfDate',
      `After 0.2 s, the injector of revision default does not use its current configuration yet: image is ${IMAGE} in the ConfigMaps and ${OLD_IMAGE} in an injected pod; see istiod's log for the configuration that it rejected (for example, an unquoted number instead of text, or an unknown field), fix it and run again.`,
    ],
    [
      'an istiod that rolls out',
      controlPlane({ status: { updatedReplicas: 0 } }),
      {},
      'ControlPlaneNotReady',
      'After 0.2 s, Deployment istio-system/istiod has not finished its rollout (0 of 1 replicas updated); see why with kubectl -n istio-system describe deployment/istiod, and run again when it is available.',
    ],
    [
      'a webhook without a certificate authority',
      controlPlane({ caBundle: '' }),
      {},
      'InjectorUnreachable',
      'After 0.2 s, istiod has not set the caBundle of MutatingWebhookConfiguration istio-sidecar-injector; check that istiod runs and that the API server can reach it, and run again.',
    ],
    [
      'a webhook that cannot be called',
      controlPlane(),
      { inject: refused(500, 'failed calling webhook "namespace.sidecar-injector.istio.io": connection refused') },
      'InjectorUnreachable',
      'After 0.2 s, Istio\'s injection webhook cannot be called for namespace shop: failed calling webhook "namespace.sidecar-injector.istio.io": connection refused; check that istiod runs and that the API server can reach it, and run again.',
    ],
    [
      'a webhook that lets the probe through without a sidecar',
      controlPlane(),
      { inject: (pod) => pod },
      'InjectorUnreachable',
      'After 0.2 s, a probe pod for revision default got no sidecar in namespace shop, although the webhook of the revision selects it; check that istiod runs and that the API server can reach it, and run again.',
    ],
    [
      'ConfigMaps that changed just now',
      controlPlane({ changed: '2099-01-01T00:00:00Z' }),
      {},
      'InjectorOutOfDate',
      "After 0.2 s, the injector's ConfigMaps in namespace istio-system changed less than 5 s ago; run again, with a longer deadline if the problem persists.",
    ],
  ])('gives up at the deadline on %s', async (_, objects, options, code, message) => {
    await expect(wait(objects, options)).rejects.toMatchObject({ code, message });
  });

  test('puts its own remedy in the place of that of a failed call, whatever the call was answered', async () => {
    const inject = refused(
      500,
      'failed calling webhook "a.sidecar-injector.istio.io": refused; check that istiod runs.',
    );
    const problem =
      'After 0.2 s, Istio\'s injection webhook cannot be called for namespace shop: failed calling webhook "a.sidecar-injector.istio.io": refused; check that istiod runs.';
    const remedy = 'check that istiod runs and that the API server can reach it, and run again';
    await expect(wait(controlPlane(), { inject })).rejects.toMatchObject({
      problem,
      remedy,
      message: `${problem}; ${remedy}.`,
    });
  });

  test('gives up at once on a ConfigMap that nobody can read', async () => {
    await expect(wait(controlPlane({ mesh: 'a: [' }))).rejects.toMatchObject({
      code: 'InjectorOutOfDate',
      message:
        'ConfigMap istio-system/istio contains no valid YAML in its key "mesh", so istiod keeps an older configuration; fix it and run again.',
    });
  });

  test('gives up at once when RBAC denies the probe', async () => {
    const message =
      'pods is forbidden: User "me" cannot create resource "pods" in API group "" in the namespace "shop"';
    await expect(wait(controlPlane(), { inject: refused(403, message) })).rejects.toMatchObject({ code: 'Forbidden' });
  });

  test('gives up at once when there is no injection webhook', async () => {
    const without = controlPlane().filter(({ kind }) => kind !== 'MutatingWebhookConfiguration');
    await expect(wait(without)).rejects.toMatchObject({ code: 'InjectorMissing' });
  });

  test('leaves out what a ProxyConfig resource of the namespace decides', async () => {
    const proxyConfig = {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ProxyConfig',
      metadata: { name: 'debug', namespace: 'shop', uid: 'uid-debug' },
      spec: { image: { imageType: 'debug' } },
    };
    const inject = (pod: Pod) => injected(pod, `${IMAGE}-debug`);
    expect(await wait([...controlPlane(), proxyConfig], { inject }, PATIENT)).toMatchObject({ probes: 3 });
  });
});
