import { Duration } from 'cdk8s';
import { ExistingIstio, RestarterMode, SidecarRestarter, type SidecarRestarterProps } from 'istio-module';
import { program } from '../../../lib/cli/program';
import { Terminal } from '../../../lib/cli/terminal';
import { emptyChart, fakeModule, named, type Manifest } from '../synthesis';
import { image, mesh, objects, podOf } from './restarted-app';

const watching = (props: Partial<SidecarRestarterProps> = {}) =>
  objects({ props: { mode: RestarterMode.watch(), ...props } });
const deploymentOf = (manifests: readonly Manifest[]) => named(manifests, 'Deployment/istio-system/restarter');

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: { readonly httpGet: { readonly port: string } };
}
const containerOf = (manifests: readonly Manifest[]) =>
  podOf(deploymentOf(manifests)).spec.containers[0] as unknown as Container;

describe('RestarterMode.watch', () => {
  test('is a Deployment that holds a Lease of its own name and serves metrics', () => {
    const manifests = watching();
    expect(manifests.filter(({ kind }) => ['Job', 'CronJob', 'PodDisruptionBudget'].includes(kind))).toEqual([]);
    expect(deploymentOf(manifests).spec).toMatchObject({
      ...{ replicas: 1, progressDeadlineSeconds: 8_700 },
      // The time that a rollout may take, plus a minute.
      template: { spec: { terminationGracePeriodSeconds: 660 } },
    });
    const { args, ports, livenessProbe } = containerOf(manifests);
    expect(args).toEqual([
      ...['watch', '--lease=istio-system/restarter', '--listen=9090', '--resync=600s'],
      ...['--log-format=json', '--deadline=7200s'],
    ]);
    expect(ports).toEqual([{ name: 'http-metrics', containerPort: 9090 }]);
    expect(livenessProbe.httpGet.port).toBe('http-metrics');
  });

  test('passes flags that the command line has', () => {
    const { commands } = program(new Terminal(process), () => undefined);
    const command = commands.find((one) => one.name() === 'watch');
    const known = command?.options.map(({ long }) => long);
    const { args } = containerOf(
      watching({
        publishPlan: true,
        options: {
          ...{ namespaces: ['shop'], selector: 'app=cart', onlySeamless: true, inPlace: true, evict: true },
          ...{ maxConcurrent: 2, maxConcurrentPerNamespace: 1, onFailure: 'continue', events: false },
          ...{ timeout: Duration.minutes(1), stuckTimeout: Duration.minutes(1), deadline: Duration.minutes(1) },
          ...{ injectorTimeout: Duration.minutes(1), injectorSettle: Duration.seconds(1) },
        },
      }),
    );
    const flags = args.slice(1).map((arg) => arg.split('=')[0]);
    expect(flags.length).toBeGreaterThan(14);
    expect(flags.filter((flag) => !known?.includes(flag))).toEqual([]);
  });

  test('publishes its plans on request, in a ConfigMap that it alone may change', () => {
    expect(watching().filter(({ metadata }) => metadata.name.startsWith('sidecar-plan'))).toEqual([]);
    const manifests = watching({ publishPlan: true });
    expect(containerOf(manifests).args).toContain('--publish-plan=istio-system/sidecar-plan-restarter');
    expect(named(manifests, 'ConfigMap/istio-system/sidecar-plan-restarter')).not.toHaveProperty('data');
    expect(named(manifests, 'Role/istio-system/sidecar-plan-restarter')).toMatchObject({
      rules: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['sidecar-plan-restarter'], verbs: ['patch'] },
      ],
    });
    expect(named(manifests, 'RoleBinding/istio-system/sidecar-plan-restarter')).toMatchObject({
      roleRef: { kind: 'Role', name: 'sidecar-plan-restarter' },
      subjects: [{ kind: 'ServiceAccount', name: 'restarter', namespace: 'istio-system' }],
    });
    const kinds = manifests.map(({ kind, metadata: { name } }) => `${kind}/${name}`);
    expect(kinds.indexOf('ConfigMap/sidecar-plan-restarter')).toBeLessThan(kinds.indexOf('Deployment/restarter'));
  });

  test('may have several pods, of which one may be missing', () => {
    const manifests = watching({ mode: RestarterMode.watch({ replicas: 3, resync: Duration.hours(1) }) });
    expect(deploymentOf(manifests).spec).toMatchObject({ replicas: 3 });
    expect(containerOf(manifests).args).toContain('--resync=3600s');
    const budget = named(manifests, 'PodDisruptionBudget/istio-system/restarter');
    const { labels } = podOf(deploymentOf(manifests)).metadata as { labels: object };
    expect(budget.spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
    expect(labels).toMatchObject((budget.spec as { selector: { matchLabels: object } }).selector.matchLabels);
  });

  test('has the permissions to watch and to hold its Lease, and no other mode has', () => {
    const manifests = watching();
    expect(named(manifests, 'Role/istio-system/restarter-lease')).toMatchObject({
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
        { resourceNames: ['restarter'], verbs: ['get', 'update'] },
      ],
    });
    expect(JSON.stringify(manifests.filter(({ kind }) => kind === 'ClusterRole'))).toContain('"watch"');
    const others = objects();
    expect(others.filter(({ metadata }) => metadata.name === 'restarter-lease')).toEqual([]);
    const roles = others.filter(({ kind, metadata }) => /Role$/.test(kind) && metadata.name === 'restarter');
    expect(roles.length).toBe(2);
    expect(JSON.stringify(roles)).not.toContain('"watch"');
  });

  test('may watch the namespaces of all control planes, also where they are reached by URL', () => {
    const chart = emptyChart();
    const istio = [
      new ExistingIstio(chart, 'stable'),
      new ExistingIstio(chart, 'canary', { namespace: 'istio-canary', revisions: ['canary'] }),
    ];
    const watchedWith = (id: string, props: Partial<SidecarRestarterProps>) => {
      const restarter = new SidecarRestarter(chart, id, { istio, image, mode: RestarterMode.watch(), ...props });
      return restarter.access.roles.map((role) => {
        const { rules } = role.toJson() as { rules: { resources: string[]; resourceNames?: string[] }[] };
        return [role.metadata.namespace, ...rules.flatMap(({ resources, resourceNames = resources }) => resourceNames)];
      });
    };
    const watched = ['configmaps', 'deployments'];
    expect(watchedWith('asking', {})).toEqual([
      ['istio-system', 'https:istiod:443', ...watched],
      ['istio-canary', 'https:istiod-canary:443', ...watched],
    ]);
    expect(watchedWith('elsewhere', { injectorServices: [] })).toEqual([
      ['istio-system', ...watched],
      ['istio-canary', ...watched],
    ]);
  });

  test('lets metrics be read where a NetworkPolicy holds it', () => {
    const policy = (props: Partial<SidecarRestarterProps>) =>
      named(objects({ props: { networkPolicy: true, ...props } }), 'NetworkPolicy/istio-system/restarter').spec;
    expect(policy({ mode: RestarterMode.watch() })).toMatchObject({
      ingress: [{ ports: [{ protocol: 'TCP', port: 9090 }] }],
    });
    expect(policy({})).not.toHaveProperty('ingress');
  });

  test('gives access to its objects', () => {
    const { restarter } = mesh({ props: { mode: RestarterMode.watch({ replicas: 2 }) } });
    expect([restarter.deployment?.kind, restarter.podDisruptionBudget?.kind, restarter.job, restarter.cronJob]).toEqual(
      [...['Deployment', 'PodDisruptionBudget', undefined, undefined]],
    );
  });

  test('reports everything that is wrong at once', () => {
    const chart = emptyChart();
    const istio = fakeModule(chart);
    const mode = RestarterMode.watch({ replicas: 0, resync: Duration.millis(1500) });
    expect(() => new SidecarRestarter(chart, 'restarter', { istio, image, mode })).toThrow(
      /mode\.replicas 0 is .*\n.*mode\.resync 1\.5s is out of range: write whole seconds, from 10 to 1998000/,
    );
  });
});
