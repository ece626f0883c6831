import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../control-plane/kube-client';
import { defineKind } from '../e2e/custom-resource';
import { controlledBy, deployment, pod, workload } from '../e2e/workload';
import type { Mutation } from './admission-webhooks';
import { CURRENT, decisionsOf, MeshAmongOthers, MORE_CPU, planned, RESTART, WITHOUT_EFFECT } from './mesh-among-others';
import { addAgent, annotated, cpu, DRAIN, EVERYWHERE, pinned, ROWS, sized, variable } from './other-webhooks-rows';
import { resizeProxy } from './resize-proxy';

const MINUTES = 60_000;

describe('webhooks of others', () => {
  let mesh: MeshAmongOthers;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  it.each(ROWS.map((row) => [row.what, row] as const))(
    'that decide %s are no reason for a restart, nor in the way of one',
    async (_, { namespace, webhook, where, mutate, without, change, options }) => {
      await mesh.namespace(namespace);
      await mesh.webhooks.add(webhook, where ?? [namespace], mutate);
      await mesh.run(
        namespace,
        2,
        deployment('front', { namespace, ...options }),
        workload('apps/v1', 'StatefulSet', 'ledger', { namespace, ...options, spec: { serviceName: 'ledger' } }),
      );
      const both = ['Deployment/front', 'StatefulSet/ledger'];
      const current = { 'Deployment/front': CURRENT, 'StatefulSet/ledger': CURRENT };
      expect(await mesh.decisions(namespace)).toEqual(current);
      if (without) {
        await mesh.configure(without);
        expect(await mesh.decisions(namespace)).toEqual(current);
      }

      await mesh.configure(change);
      const { restarted, touched, rounds } = await mesh.restart(namespace);
      expect({ restarted, touched, rounds }).toEqual({ restarted: both, touched: both, rounds: 1 });
      expect(await mesh.decisions(namespace)).toEqual(current);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    6 * MINUTES,
  );

  it.each([
    ['alone', false],
    ['that also has a ProxyConfig', true],
  ])(
    'that change the sidecars of one namespace %s do not affect the plan for another',
    async (_, hasProxyConfig) => {
      const [first, second] = hasProxyConfig ? ['a-configured', 'z-configured'] : ['a-sized', 'z-sized'];
      await mesh.namespace(first);
      await mesh.namespace(second);
      if (hasProxyConfig) {
        const metadata = { name: 'own', namespace: first };
        const spec = { concurrency: 3, environmentVariables: { SITE: 'north' } };
        const object = { apiVersion: 'networking.istio.io/v1beta1', kind: 'ProxyConfig', metadata, spec };
        await mesh.cluster.applyOne(object);
        await mesh.injected(first, (proxy) =>
          proxy.env?.some(({ name, value }) => name === 'SITE' && value === 'north'),
        );
      }
      await mesh.webhooks.add('zz-others', [first], sized);
      await mesh.run(first, 1, deployment('web', { namespace: first }));
      await mesh.run(second, 1, deployment('web', { namespace: second }));
      expect(await mesh.decisions(first)).toEqual({ 'Deployment/web': CURRENT });
      expect(await mesh.decisions(second)).toEqual({ 'Deployment/web': CURRENT });
      expect(await mesh.touches(first)).toEqual([]);
      expect(await mesh.touches(second)).toEqual([]);
    },
    4 * MINUTES,
  );

  it.each([
    ['a recommendation that changes', 'recommended', 'zz-others', cpu],
    [
      'an annotation that changes and that Istio reads',
      'recommended-too',
      'aa-others',
      (value: () => string) => annotated('sidecar.istio.io/proxyCPU', value),
    ],
  ])(
    'that write %s cause no restart, and the plan lists it',
    async (_, namespace, webhook, mutation) => {
      let quantity = '120m';
      const moving = mutation(() => quantity);
      await mesh.namespace(namespace);
      await mesh.webhooks.add(webhook, [namespace], (one, requester) => {
        if (one.metadata.labels?.app === 'scaled') {
          moving(one, requester);
        }
      });
      await mesh.run(
        namespace,
        3,
        deployment('scaled', { namespace, spec: { replicas: 2 } }),
        deployment('plain', { namespace }),
      );
      const current = { 'Deployment/scaled': CURRENT, 'Deployment/plain': CURRENT };
      expect(await mesh.decisions(namespace)).toEqual(current);

      quantity = '131m';
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual(current);
      expect(planned(plan.workloads, 'Deployment/scaled')?.others).toContainEqual({
        ...{ path: 'istio-proxy.resources.requests.cpu', old: '120m', new: '131m' },
      });
      expect(planned(plan.workloads, 'Deployment/plain')?.others).toBeUndefined();
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );

  it(
    'that double the CPU at startup, which is reverted in place, cause no restart',
    async () => {
      const namespace = 'boosted';
      await mesh.namespace(namespace);
      await mesh.webhooks.add(
        'zz-others',
        [namespace],
        cpu(() => '200m'),
      );
      await mesh.run(namespace, 1, deployment('slow', { namespace }));
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/slow': CURRENT });
      await resizeProxy(mesh.client, namespace, { cpu: '100m' });
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/slow': CURRENT });
      expect(await mesh.touches(namespace)).toEqual([]);

      await mesh.configure(DRAIN);
      expect(await mesh.touches(namespace)).toEqual(['Deployment/slow']);
      await resizeProxy(mesh.client, namespace, { cpu: '100m' });
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'that now resolve a tag to another digest cause one restart',
    async () => {
      const namespace = 'repinned';
      let day = '1';
      await mesh.namespace(namespace);
      await mesh.webhooks.add(
        'zz-others',
        [namespace],
        pinned(() => day),
      );
      await mesh.run(namespace, 1, deployment('web', { namespace }));
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': CURRENT });
      day = '2';
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': RESTART });
      expect(await mesh.touches(namespace)).toEqual(['Deployment/web']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );

  it.each([
    ['credentials that may ask the injector alone', 'policed', true],
    ['credentials that may not', 'policed-too', false],
  ])(
    'that leave out the pods of one user are reported after one restart without effect, with %s',
    async (_, namespace, asksInjector) => {
      const kubeconfig = await mesh.credentials(namespace, asksInjector);
      const site = variable('SITE', () => 'north');
      await mesh.namespace(namespace);
      await mesh.webhooks.add('zz-others', [namespace], (one, requester) => {
        if (requester !== `system:serviceaccount:default:${namespace}`) {
          site(one, requester);
        }
      });
      await mesh.run(namespace, 1, deployment('web', { namespace }));
      expect((await mesh.plan(namespace, { kubeconfig })).notes?.length).toBe(asksInjector ? undefined : 1);
      const { touched, rounds } = await mesh.restart(namespace, { kubeconfig });
      expect(touched.length).toBeLessThanOrEqual(1);
      expect(rounds).toBeLessThanOrEqual(1);

      const plan = await mesh.plan(namespace, { kubeconfig });
      expect(decisionsOf(plan)).toEqual({ 'Deployment/web': WITHOUT_EFFECT });
      expect(planned(plan.workloads, 'Deployment/web')?.message).toContain('webhook configuration zz-others');
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual([]);
    },
    4 * MINUTES,
  );

  it(
    'that give each pod a value of its own cause no restart, and the plan lists it',
    async () => {
      const namespace = 'random';
      await mesh.namespace(namespace);
      await mesh.webhooks.add('zz-others', [namespace], variable('INSTANCE', randomUUID));
      await mesh.run(namespace, 1, deployment('front', { namespace }));
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({ 'Deployment/front': CURRENT });
      expect(planned(plan.workloads, 'Deployment/front')?.others?.map(({ path }) => path)).toEqual([
        'istio-proxy.env.INSTANCE',
        'istio-validation.env.INSTANCE',
      ]);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    3 * MINUTES,
  );

  it(
    'that add a container after Istio’s webhook cause no restart, whatever owns the pod',
    async () => {
      const namespace = 'agents';
      await mesh.namespace(namespace);
      await defineKind(mesh.client, 'example.com', 'v1', 'Gizmo');
      await mesh.webhooks.add('policy-agent', [namespace], addAgent);
      const gizmo = { apiVersion: 'example.com/v1', kind: 'Gizmo', metadata: { name: 'broker', namespace } };
      const owner: KubeObject = await mesh.client.apply(gizmo);
      await mesh.run(
        namespace,
        3,
        deployment('orders', { namespace }),
        pod('tool', { namespace }),
        controlledBy(owner, pod('broker-0', { namespace })),
      );
      const decisions = await mesh.decisions(namespace);
      expect(Object.values(decisions)).toEqual([CURRENT, CURRENT, CURRENT]);
      expect(await mesh.touches(namespace)).toEqual([]);

      await mesh.configure(MORE_CPU);
      const { workloads } = await mesh.plan(namespace);
      const found = workloads.filter(({ selected }) => selected !== false);
      expect(found.map(({ decision }) => decision).sort()).toEqual(['restart', 'warn', 'warn']);
      expect(new Set(found.flatMap(({ differences }) => differences.map(({ path }) => path)))).toEqual(
        new Set(['istio-proxy.resources.requests.cpu', 'istio-validation.resources.requests.cpu']),
      );
    },
    5 * MINUTES,
  );

  describe('with credentials that may not ask the injector alone', () => {
    let kubeconfig: string;
    const pods = async (namespace: string) =>
      (await mesh.client.list('v1', 'Pod', { namespace })).map(({ metadata }) => metadata.uid).sort();

    beforeAll(async () => {
      kubeconfig = await mesh.credentials('without-proxy', false);
    }, MINUTES);

    it.each<[string, string, Mutation, ((namespace: string) => Promise<unknown>) | undefined, string]>([
      ['a value of its own for each pod', 'random-too', variable('INSTANCE', randomUUID), undefined, WITHOUT_EFFECT],
      [
        'a boost that is reverted',
        'boosted-too',
        cpu(() => '200m'),
        (namespace) => resizeProxy(mesh.client, namespace, { cpu: '100m' }),
        WITHOUT_EFFECT,
      ],
      ['the size of every sidecar', 'sized-too', sized, undefined, CURRENT],
    ])(
      'count like Istio’s webhook, and cause at most one restart: %s',
      async (_, namespace, mutate, meanwhile, finally_) => {
        await mesh.namespace(namespace);
        await mesh.webhooks.add('zz-others', EVERYWHERE, mutate);
        await mesh.run(namespace, 1, deployment('web', { namespace }));
        await meanwhile?.(namespace);
        const { notes } = await mesh.plan(namespace, { kubeconfig });
        expect(notes).toEqual([expect.stringContaining('may not create services/proxy')]);
        const first = await mesh.restart(namespace, { kubeconfig });
        expect(first.touched).toEqual(finally_ === CURRENT ? [] : ['Deployment/web']);
        expect(first.rounds).toBeLessThanOrEqual(1);
        await meanwhile?.(namespace);
        // A record on the workload may become permanent, which is not a rollout.
        const before = await pods(namespace);
        expect((await mesh.restart(namespace, { kubeconfig })).restarted).toEqual([]);
        expect(await pods(namespace)).toEqual(before);
        expect(await mesh.decisions(namespace, { kubeconfig })).toEqual({ 'Deployment/web': finally_ });
        expect(await mesh.touches(namespace, { kubeconfig })).toEqual([]);
      },
      4 * MINUTES,
    );
  });
});
