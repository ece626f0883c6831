import type { MeshChartProps } from '../../stacks/mesh-chart';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { defineKind } from '../e2e/custom-resource';
import { failureOf } from '../e2e/failure-of';
import { controlledBy, deployment, pod } from '../e2e/workload';
import { type AdmittedPod, proxyOf } from './admission-webhooks';
import { CURRENT, decisionsOf, MeshAmongOthers, MORE_CPU, planned, RESTART } from './mesh-among-others';

const MINUTES = 60_000;
const MESH = { 'istio-injection': 'enabled' };

/** Raw values of the istiod chart. */
const istiod = (values: Readonly<Record<string, unknown>>): Partial<MeshChartProps> => ({ values: { istiod: values } });

const sidecarInjectorWebhook = (values: object) => istiod({ sidecarInjectorWebhook: values });

/** An injection template that applies to every pod, after the template of the sidecar. */
const furtherTemplate = (template: string) =>
  sidecarInjectorWebhook({ defaultTemplates: ['sidecar', 'own'], templates: { own: template } });

const ofProxy = (cpu: string, site: string) =>
  furtherTemplate(`
spec:
  initContainers:
  - name: istio-proxy
    resources:
      requests: { cpu: ${cpu}, memory: 96Mi }
    env:
    - name: SITE
      value: ${site}
`);

/** Merges something into each container of the application. */
const ofApplication = (what: string) =>
  furtherTemplate(`
spec:
  containers:
  {{- range .Spec.Containers }}
  - name: {{ .Name }}
    ${what}
  {{- end }}
`);

describe('the configuration of the injector', () => {
  let mesh: MeshAmongOthers;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
    await defineKind(mesh.client, 'example.com', 'v1', 'Gizmo');
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  const proxiesIn = async (namespace: string) => {
    const pods = await mesh.client.list<KubeObject & AdmittedPod>('v1', 'Pod', { namespace });
    return Object.fromEntries<unknown>(pods.map((one) => [one.metadata.labels?.app ?? '', proxyOf(one)]));
  };

  it.each([
    ['includeIPRanges', '10.0.0.0/8', 'included'],
    ['excludeIPRanges', '10.1.0.0/16', 'excluded'],
  ])(
    '%s reaches every pod under Istio’s CNI agent, whatever owns it',
    async (field, value, namespace) => {
      await mesh.namespace(namespace);
      const metadata = { name: 'broker', namespace };
      const gizmo = await mesh.client.apply({ apiVersion: 'example.com/v1', kind: 'Gizmo', metadata });
      const ownRanges = { 'traffic.sidecar.istio.io/includeOutboundIPRanges': '172.16.0.0/12' };
      await mesh.run(
        namespace,
        4,
        deployment('caller', { namespace }),
        pod('probe', { namespace }),
        controlledBy(gizmo, pod('broker-0', { namespace })),
        pod('own', { namespace, annotations: ownRanges }),
      );
      const names = ['Deployment/caller', 'Pod/probe', 'Gizmo/broker', 'Pod/own'];
      expect(await mesh.decisions(namespace)).toEqual(Object.fromEntries(names.map((name) => [name, CURRENT])));

      await mesh.configure(istiod({ global: { proxy: { [field]: value } } }));
      expect(await mesh.decisions(namespace)).toEqual({
        'Deployment/caller': RESTART,
        'Pod/probe': 'warn BarePod',
        'Gizmo/broker': 'warn UnknownController',
        'Pod/own': field === 'includeIPRanges' ? CURRENT : 'warn BarePod',
      });
      expect(await mesh.touches(namespace)).toEqual(['Deployment/caller']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'neverInjectSelector removes the sidecars of the workloads that it matches, and no others',
    async () => {
      const namespace = 'shopping';
      await mesh.namespace(namespace);
      await mesh.run(
        namespace,
        2,
        deployment('build', { namespace, templateLabels: { tier: 'build' } }),
        deployment('web', { namespace }),
      );
      await mesh.configure({
        ...MORE_CPU,
        ...sidecarInjectorWebhook({ neverInjectSelector: [{ matchLabels: { tier: 'build' } }] }),
      });
      const both = ['Deployment/build', 'Deployment/web'];
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({ 'Deployment/build': RESTART, 'Deployment/web': RESTART });
      expect(planned(plan.workloads, 'Deployment/build')?.message).toContain('Istio no longer injects');
      const { touched, rounds } = await mesh.restart(namespace);
      expect({ touched, rounds }).toEqual({ touched: both, rounds: 1 });
      expect(await proxiesIn(namespace)).toMatchObject({ build: undefined, web: { name: 'istio-proxy' } });
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it.each([
    ['with credentials that may ask the injector alone', 'opted', true],
    ['with those that may not', 'opted-too', false],
  ])(
    'autoInject: disabled gives sidecars only to pods that request them, %s',
    async (_, namespace, asksInjector) => {
      const optIn = { global: { proxy: { autoInject: 'disabled' } } };
      const kubeconfig = await mesh.credentials(namespace, asksInjector);
      const always = { alwaysInjectSelector: [{ matchLabels: { tier: 'front' } }] };
      await mesh.configure(istiod({ ...optIn, sidecarInjectorWebhook: always }));
      await mesh.namespace(namespace);
      await mesh.run(
        namespace,
        3,
        deployment('asking', { namespace, templateLabels: { 'sidecar.istio.io/inject': 'true' } }),
        deployment('front', { namespace, templateLabels: { tier: 'front' } }),
        deployment('outside', { namespace }),
      );
      const plan = await mesh.plan(namespace, { kubeconfig });
      expect(decisionsOf(plan)).toEqual({ 'Deployment/asking': CURRENT, 'Deployment/front': CURRENT });
      expect(plan.notes?.length).toBe(asksInjector ? undefined : 1);
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual([]);

      // Without the selector, pods that do not request injection themselves lose their sidecars; the others get the new
      // size.
      await mesh.configure({ ...MORE_CPU, ...istiod(optIn) });
      const both = ['Deployment/asking', 'Deployment/front'];
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual(both);
      expect(await proxiesIn(namespace)).toMatchObject({
        ...{ asking: { name: 'istio-proxy' }, front: undefined, outside: undefined },
      });
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual([]);
    },
    6 * MINUTES,
  );

  it.each([
    ['with credentials that may ask the injector alone', 'styled', true],
    ['with those that may not', 'styled-too', false],
  ])(
    'a custom template changes what the sidecar is compared with, %s',
    async (_, namespace, asksInjector) => {
      const kubeconfig = await mesh.credentials(namespace, asksInjector);
      await mesh.configure(ofProxy('30m', 'north'));
      await mesh.namespace(namespace);
      await mesh.run(namespace, 1, deployment('web', { namespace }));
      expect(await mesh.decisions(namespace, { kubeconfig })).toEqual({ 'Deployment/web': CURRENT });
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual([]);

      await mesh.configure(ofProxy('40m', 'south'));
      const { workloads } = await mesh.plan(namespace, { kubeconfig });
      expect(planned(workloads, 'Deployment/web')?.differences).toEqual([
        { path: 'istio-proxy.env.SITE', old: '(not shown)', new: '(not shown)' },
        { path: 'istio-proxy.resources.requests.cpu', old: '30m', new: '40m' },
      ]);
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual(['Deployment/web']);
      expect(await mesh.touches(namespace, { kubeconfig })).toEqual([]);
    },
    6 * MINUTES,
  );

  it(
    'gracefulTermination restarts once when it is turned on, and once when it is turned off',
    async () => {
      const namespace = 'graceful';
      const containers = [{ name: 'app', image: 'registry.k8s.io/pause:3.10' }];
      const metadata = { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true', MINIMUM_DRAIN_DURATION: '10s' };
      const drain = (old: (value: string) => string, now: (value: string) => string) =>
        Object.entries({
          'istio-proxy.env.EXIT_ON_ZERO_ACTIVE_CONNECTIONS': metadata.EXIT_ON_ZERO_ACTIVE_CONNECTIONS,
          'istio-proxy.env.MINIMUM_DRAIN_DURATION': metadata.MINIMUM_DRAIN_DURATION,
          'istio-proxy.env.PROXY_CONFIG.proxyMetadata': JSON.stringify(metadata),
          'istio-validation.env': JSON.stringify(metadata),
        }).map(([path, value]) => ({ path, old: old(value), new: now(value) }));
      const none = () => '(none)';
      const whole = (value: string) => value;
      const sleep = (old: string, now: string) => ({ path: 'app.lifecycle.preStop.sleep.seconds', old, new: now });
      const told = async () => {
        const { workloads } = await mesh.plan(namespace);
        const own = workloads.filter(({ selected }) => selected !== false);
        return Object.fromEntries(own.map(({ name, differences }) => [name, differences]));
      };
      await mesh.configure({ gracefulTermination: false });
      await mesh.namespace(namespace);
      await mesh.run(
        namespace,
        3,
        deployment('quick', { namespace, podSpec: { containers, terminationGracePeriodSeconds: 3 } }),
        deployment('web', { namespace }),
        pod('tool', { namespace }),
      );
      expect(await mesh.decisions(namespace)).toEqual({
        ...{ 'Deployment/quick': CURRENT, 'Deployment/web': CURRENT, 'Pod/tool': CURRENT },
      });

      await mesh.configure();
      const [slept, drained] = [sleep('(none)', '5'), drain(none, whole)];
      expect(await told()).toEqual({ quick: drained, tool: [slept, ...drained], web: [slept, ...drained] });
      expect(await mesh.touches(namespace)).toEqual(['Deployment/quick', 'Deployment/web']);
      expect(await mesh.touches(namespace)).toEqual([]);

      await mesh.configure({ gracefulTermination: false });
      const [awake, undrained] = [sleep('5', '(none)'), drain(whole, none)];
      expect(await told()).toEqual({ quick: undrained, tool: [], web: [awake, ...undrained] });
      expect(await mesh.touches(namespace)).toEqual(['Deployment/quick', 'Deployment/web']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    6 * MINUTES,
  );

  it.each([
    [
      'lifecycle.preStop',
      'styled-app',
      'lifecycle: { preStop: { sleep: { seconds: 5 } } }',
      'app.lifecycle.preStop.sleep.seconds',
      false,
    ],
    // A variable of a Pod may come from its user, unless kubectl has recorded what the user applied.
    ['env', 'sited', 'env: [{ name: SITE, value: north }]', 'app.env.SITE', true],
  ])(
    'a template that merged %s into the application is reported as this one difference once it is removed',
    async (_, namespace, what, path, isApplied) => {
      const without = { gracefulTermination: false } as const;
      await mesh.configure({ ...ofApplication(what), ...without });
      await mesh.namespace(namespace);
      const written = pod('tool', { namespace });
      const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(written) };
      const tool = isApplied ? pod('tool', { namespace, annotations: lastApplied }) : written;
      await mesh.run(namespace, 2, deployment('web', { namespace }), tool);
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': CURRENT, 'Pod/tool': CURRENT });
      expect(await mesh.touches(namespace)).toEqual([]);

      await mesh.configure(without);
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({ 'Deployment/web': RESTART, 'Pod/tool': 'warn BarePod' });
      const found = planned(plan.workloads, 'Deployment/web')?.differences;
      expect(found).toEqual([{ path, old: expect.stringMatching(/5|not shown/) as string, new: '(none)' }]);
      expect(planned(plan.workloads, 'Pod/tool')?.differences).toEqual(found);
      expect(await mesh.touches(namespace)).toEqual(['Deployment/web']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'an old field of defaultConfig that istiod still reads is no disagreement',
    async () => {
      const namespace = 'traced';
      const zipkin = (address: string) => istiod({ meshConfig: { defaultConfig: { zipkinAddress: address } } });
      await mesh.configure(zipkin('zipkin.tracing:9411'));
      await mesh.namespace(namespace);
      await mesh.run(namespace, 1, deployment('web', { namespace }));
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': CURRENT });
      await mesh.configure(zipkin('zipkin.elsewhere:9411'));
      expect(await mesh.touches(namespace)).toEqual(['Deployment/web']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );

  describe('a second control plane that does not come up', () => {
    const labels = { app: 'istiod', 'istio.io/rev': 'next' };
    const next = {
      ...deployment('istiod-next', { namespace: 'istio-system' }),
      metadata: { name: 'istiod-next', namespace: 'istio-system', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } },
          spec: {
            nodeSelector: { none: 'such' },
            containers: [{ name: 'discovery', image: 'example.com/pilot:next' }],
          },
        },
      },
    };
    const webhook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'istio-sidecar-injector-next', labels: { app: 'sidecar-injector', 'istio.io/rev': 'next' } },
      webhooks: [
        {
          name: 'rev.namespace.sidecar-injector.istio.io',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service: { name: 'istiod-next', namespace: 'istio-system', path: '/inject', port: 443 } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          namespaceSelector: { matchLabels: { 'istio.io/rev': 'next' } },
        },
      ],
    };

    it(
      'does not block restarts in the namespaces of the first one, though another namespace asks for it',
      async () => {
        await mesh.namespace('returned');
        await mesh.namespace('trying', MESH);
        await mesh.run('returned', 1, deployment('web', { namespace: 'returned' }));
        await mesh.run('trying', 1, deployment('web', { namespace: 'trying' }));
        expect(await mesh.decisions('returned')).toEqual({ 'Deployment/web': CURRENT });
        await mesh.outdate();
        await mesh.namespace('trying', { 'istio.io/rev': 'next' });
        await mesh.client.apply(next);
        await mesh.client.apply(webhook);
        try {
          expect(await mesh.touches('returned')).toEqual(['Deployment/web']);
          expect(await mesh.touches('returned')).toEqual([]);
          const injector = { deadlineSeconds: 1, settleSeconds: 0 };
          expect(await failureOf(mesh.plan('trying', { injector }))).toMatchObject({ code: 'InjectorUnreachable' });
        } finally {
          await mesh.client.delete(webhook);
          await mesh.client.delete(next);
        }
      },
      5 * MINUTES,
    );
  });
});

describe('a control plane that merges a ConfigMap of its users into that of the mesh', () => {
  let mesh: MeshAmongOthers;
  const env = { SHARED_MESH_CONFIG: 'istio-shared' };

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start({ istiod: { env }, chart: istiod({ env }) });
  }, 10 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  /** Writes the users' ConfigMap, and waits until the injector uses it. */
  async function share(namespace: string, drainDuration: string): Promise<void> {
    const metadata = { name: 'istio-shared', namespace: 'istio-system' };
    const data = { mesh: `defaultConfig: { drainDuration: ${drainDuration} }` };
    await mesh.client.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as ObjectReference);
    await mesh.injected(namespace, ({ env }) =>
      env?.find(({ name }) => name === 'PROXY_CONFIG')?.value?.includes(`"drainDuration":"${drainDuration}"`),
    );
  }

  it(
    'has workloads restarted once for a change in its users’ ConfigMap',
    async () => {
      const namespace = 'addon';
      await mesh.namespace(namespace);
      await share(namespace, '30s');
      await mesh.run(namespace, 1, deployment('web', { namespace }));
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': CURRENT });
      const kubeconfig = await mesh.credentials('addon', false);
      expect(await mesh.decisions(namespace, { kubeconfig })).toEqual({ 'Deployment/web': CURRENT });

      await share(namespace, '40s');
      const { report, touched } = await mesh.restart(namespace);
      expect(touched).toEqual(['Deployment/web']);
      expect(report.restarted[0]?.differences).toEqual([
        { path: 'istio-proxy.env.PROXY_CONFIG.drainDuration', old: '30s', new: '40s' },
      ]);
      expect((await mesh.restart(namespace)).touched).toEqual([]);
    },
    6 * MINUTES,
  );
});
