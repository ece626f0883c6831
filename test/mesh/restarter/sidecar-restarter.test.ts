import type { App } from 'cdk8s';
import { ApiObject, Chart, Duration, JsonPatch } from 'cdk8s';
import {
  ExistingIstio,
  MeshNamespace,
  RestarterMode,
  RestartQuestions,
  SidecarInjection,
  SidecarRestarter,
  WorkloadProxyConfig,
  type IstioModule,
  type IstioModuleProps,
  type SidecarRestarterProps,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title, type Manifest } from '../synthesis';
import { warningsOf } from '../warnings-of';

const image = 'registry.example.com/istio-module:0.1.0';

interface Options {
  readonly props?: Partial<SidecarRestarterProps>;
  readonly module?: Partial<IstioModuleProps>;
  readonly also?: (chart: Chart) => unknown;
}

/** A mesh with a restarter, synthesized. */
function mesh({ props = {}, module = {}, also }: Options = {}): { chart: Chart; restarter: SidecarRestarter } {
  const chart = emptyChart();
  const istio = repeatable(fakeModule(chart, module));
  const restarter = new SidecarRestarter(chart, 'restarter', {
    ...{ istio, image, mode: RestarterMode.afterSync() },
    ...props,
  });
  also?.(chart);
  return { chart, restarter };
}

/** The fake helm alone names the file that it has read the values from. */
function repeatable(istio: IstioModule): IstioModule {
  for (const object of istio.istiod.apiObjects) {
    if (object.name.startsWith('fake-')) object.addJsonPatch(JsonPatch.remove('/data/args'));
  }
  return istio;
}

const objects = (options?: Options): Manifest[] => synthesized(mesh(options).chart);
const jobOf = (manifests: readonly Manifest[]): Manifest => {
  const [job, ...others] = manifests.filter(({ kind }) => kind === 'Job');
  if (!job || others.length > 0) throw new Error('not one Job');
  return job;
};
const jobName = (options?: Options): string => jobOf(objects(options)).metadata.name;
const cronJob = (mode: RestarterMode): Manifest =>
  named(objects({ props: { mode } }), 'CronJob/istio-system/restarter');

interface JobSpec {
  readonly template: {
    readonly metadata: object;
    readonly spec: { readonly containers: readonly { args: string[] }[] };
  };
}
const podOf = (job: Manifest) => (job.spec as unknown as JobSpec).template;
const argsOf = (options: Partial<SidecarRestarterProps>) =>
  podOf(jobOf(objects({ props: options }))).spec.containers[0]?.args;

describe('SidecarRestarter', () => {
  test('is an account, its access, and a Job, in the namespace of the control plane', () => {
    const all = objects().map(title);
    const own = all.filter((one) => one.includes('restarter'));
    expect(own).toEqual(
      expect.arrayContaining([
        'ServiceAccount/istio-system/restarter',
        'ClusterRole/restarter',
        'ClusterRoleBinding/restarter',
        'Role/istio-system/restarter',
        'RoleBinding/istio-system/restarter',
        'ValidatingAdmissionPolicy/restarter-dry-runs',
        'ValidatingAdmissionPolicy/restarter-restarts',
        'ValidatingAdmissionPolicy/restarter-transitions',
        expect.stringMatching(/^Job\/istio-system\/restarter-[0-9a-f]{10}$/) as string,
      ]),
    );
    expect(own.filter((one) => one.startsWith('NetworkPolicy') || one.startsWith('CronJob'))).toEqual([]);
  });

  test('runs a restart in a hardened pod without a sidecar', () => {
    const job = jobOf(objects());
    expect(podOf(job)).toEqual({
      metadata: {
        labels: {
          'app.kubernetes.io/name': 'sidecar-restarter',
          'app.kubernetes.io/instance': 'restarter',
          'sidecar.istio.io/inject': 'false',
        },
      },
      spec: {
        serviceAccountName: 'restarter',
        restartPolicy: 'Never',
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'restart',
            image,
            args: ['restart', '--yes', '--log-format=json', '--deadline=7200s'],
            resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
              readOnlyRootFilesystem: true,
            },
            terminationMessagePolicy: 'FallbackToLogsOnError',
          },
        ],
      },
    });
  });

  test('repeats what was interrupted, and not what has failed', () => {
    expect(jobOf(objects()).spec).toMatchObject({
      backoffLimit: 2,
      activeDeadlineSeconds: 8700,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'restart', operator: 'In', values: [1] } },
        ],
      },
    });
  });

  test('passes its options on, and logs as text on request', () => {
    const options = { onlySeamless: true, maxConcurrent: 3, deadline: Duration.minutes(30) };
    expect(argsOf({ options, logFormat: 'text' })).toEqual([
      ...['restart', '--yes', '--only-seamless', '--max-concurrent=3', '--deadline=1800s'],
    ]);
  });

  test('takes resources over its own, each by itself', () => {
    const job = jobOf(objects({ props: { resources: { limits: { memory: '1Gi' } } } }));
    expect(podOf(job).spec.containers[0]).toMatchObject({
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    });
  });

  test('runs elsewhere on request, with Secrets for its image, and the access of that account', () => {
    const all = objects({ props: { namespace: 'ops', name: 'nightly', imagePullSecrets: ['registry.example.com'] } });
    expect(named(all, 'ServiceAccount/ops/nightly')).toMatchObject({
      imagePullSecrets: [{ name: 'registry.example.com' }],
    });
    expect(named(all, 'ClusterRoleBinding/nightly')).toMatchObject({
      subjects: [{ kind: 'ServiceAccount', name: 'nightly', namespace: 'ops' }],
    });
    expect(named(all, 'Role/istio-system/nightly')).toBeDefined();
    expect(jobOf(all).metadata).toMatchObject({
      namespace: 'ops',
      name: expect.stringMatching(/^nightly-/) as string,
    });
  });

  describe('after a sync', () => {
    test('is a hook of Argo CD in a wave, and is kept for a day', () => {
      const job = jobOf(objects());
      expect(job.metadata.annotations).toEqual({
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
        'argocd.argoproj.io/sync-wave': '10',
      });
      expect(job.spec).toMatchObject({ ttlSecondsAfterFinished: 86_400 });
    });

    test('takes another wave and time', () => {
      const mode = RestarterMode.afterSync({ syncWave: -1, keepFor: Duration.hours(1) });
      const job = jobOf(objects({ props: { mode } }));
      expect(job.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/sync-wave': '-1' });
      expect(job.spec).toMatchObject({ ttlSecondsAfterFinished: 3600 });
    });

    describe('has the same name', () => {
      test('where nothing has changed', () => {
        expect(jobName()).toBe(jobName());
      });

      test.each<[string, Options]>([
        [
          'when an object changes that decides no sidecar',
          {
            also: (chart) =>
              new ApiObject(chart, 'other', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } }),
          },
        ],
        ['when its access does', { props: { admissionPolicy: false } }],
      ])('%s', (_, options) => {
        expect(jobName(options)).toBe(jobName());
      });
    });

    describe('has another name', () => {
      test.each<[string, Options]>([
        ['for another version', { module: { version: '1.31.2' } }],
        ['for other sidecars', { module: { proxy: { resources: { requests: { cpu: '11m' } } } } }],
        ['for another mesh configuration', { module: { meshConfig: { enableTracing: true } } }],
        ['with another namespace', { also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop' }) }],
        [
          'with a ProxyConfig',
          {
            also: (chart) =>
              new WorkloadProxyConfig(chart, 'two', { namespace: 'shop', workload: { app: 'a' }, concurrency: 2 }),
          },
        ],
        ['for another image of its own', { props: { image: 'registry.example.com/istio-module:0.2.0' } }],
        ['for other options', { props: { options: { maxConcurrent: 2 } } }],
      ])('%s', (_, options) => {
        expect(jobName(options)).not.toBe(jobName());
      });

      test('when a namespace enters the mesh, and when the raw Job or the charts are patched', () => {
        const names = [
          jobName({ also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop' }) }),
          jobName({
            also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop', injection: SidecarInjection.DISABLED }),
          }),
        ];
        const patched = mesh();
        patched.restarter.job?.addJsonPatch(JsonPatch.add('/spec/template/spec/nodeSelector', { a: 'b' }));
        names.push(jobOf(synthesized(patched.chart)).metadata.name);
        const chart = emptyChart();
        const istio = repeatable(fakeModule(chart));
        new SidecarRestarter(chart, 'restarter', { istio, image, mode: RestarterMode.afterSync() });
        istio.istiod.apiObjects
          .find(({ kind }) => kind === 'Deployment')
          ?.addJsonPatch(JsonPatch.add('/metadata/labels', { patched: 'later' }));
        names.push(jobOf(synthesized(chart)).metadata.name, jobName());
        expect(new Set(names).size).toBe(names.length);
      });

      test('for another version of an Istio of others', () => {
        const nameOf = (version: string) => {
          const chart = emptyChart();
          const istio = new ExistingIstio(chart, 'istio', { version });
          new SidecarRestarter(chart, 'restarter', { istio, image, mode: RestarterMode.afterSync() });
          return jobOf(synthesized(chart)).metadata.name;
        };
        expect(nameOf('1.31.1')).not.toBe(nameOf('1.31.2'));
        expect(nameOf('1.31.1')).toBe(nameOf('1.31.1'));
      });
    });
  });

  describe('on a schedule', () => {
    test('is a CronJob whose runs do not overlap', () => {
      expect(cronJob(RestarterMode.schedule('0 2 * * sat'))).toMatchObject({
        metadata: { name: 'restarter', namespace: 'istio-system' },
        spec: {
          schedule: '0 2 * * sat',
          timeZone: 'Etc/UTC',
          concurrencyPolicy: 'Forbid',
          startingDeadlineSeconds: 600,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
        },
      });
    });

    test('takes a time zone, a deadline and a history', () => {
      const mode = RestarterMode.schedule('@daily', {
        timeZone: 'Europe/Berlin',
        startingDeadline: Duration.minutes(1),
        completedJobs: 0,
        failedJobs: 1,
      });
      expect(cronJob(mode).spec).toMatchObject({
        timeZone: 'Europe/Berlin',
        startingDeadlineSeconds: 60,
        successfulJobsHistoryLimit: 0,
        failedJobsHistoryLimit: 1,
      });
    });

    test('makes the Job of the other mode, without what that is synced and deleted by', () => {
      const { jobTemplate } = cronJob(RestarterMode.schedule('@daily')).spec as {
        jobTemplate: { readonly metadata: object; readonly spec: object };
      };
      const { ttlSecondsAfterFinished, ...spec } = jobOf(objects()).spec as Record<string, unknown>;
      expect(ttlSecondsAfterFinished).toBe(86_400);
      expect(jobTemplate.spec).toEqual(spec);
      expect(jobTemplate.metadata).not.toHaveProperty('annotations');
    });

    test('has no Job, and the other mode no CronJob', () => {
      const { restarter } = mesh({ props: { mode: RestarterMode.schedule('@daily') } });
      expect([restarter.job, restarter.cronJob?.kind]).toEqual([undefined, 'CronJob']);
      expect([mesh().restarter.cronJob, mesh().restarter.job?.kind]).toEqual([undefined, 'Job']);
    });
  });

  describe('its access', () => {
    const rulesOf = (props: Partial<SidecarRestarterProps>) => {
      const { rules } = named(objects({ props }), 'ClusterRole/restarter') as unknown as {
        rules: { resources: string[]; verbs: string[] }[];
      };
      return rules.flatMap(({ resources, verbs }) => resources.map((resource) => `${verbs.join()} ${resource}`));
    };
    const added = (props: Partial<SidecarRestarterProps>) => {
      const before = rulesOf({});
      return rulesOf(props).filter((rule) => !before.includes(rule));
    };

    test('has nothing of an uninstall, and what its options need', () => {
      expect(rulesOf({})).not.toContain('list *');
      expect(added({ options: { inPlace: true } })).toEqual(['patch pods', 'patch pods/resize']);
      expect(added({ options: { evict: true } })).toEqual([
        'create pods/eviction',
        'patch replicasets',
        'patch replicationcontrollers',
      ]);
      expect(added({ asks: RestartQuestions.INJECTOR_ALONE })).toContain('list resourcequotas');
    });

    test('is held by a policy for each feature, unless the cluster has none', () => {
      const policies = (props: Partial<SidecarRestarterProps>) =>
        objects({ props })
          .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
          .map(({ metadata }) => metadata.name);
      expect(policies({ options: { inPlace: true, evict: true } })).toEqual(
        expect.arrayContaining(['restarter-in-place', 'restarter-evictions']),
      );
      expect(policies({ admissionPolicy: false })).toEqual([]);
    });

    const injectors = (chart: Chart) =>
      (named(synthesized(chart), 'Role/istio-system/restarter') as unknown as { rules: { resourceNames: string[] }[] })
        .rules[0]?.resourceNames;

    test('lets it ask the injectors that webhooks call', () => {
      expect(injectors(mesh().chart)).toEqual(['https:istiod:443']);
      expect(injectors(mesh({ props: { injectorServices: ['other'] } }).chart)).toEqual(['https:other:443']);
    });

    test('lets it ask all control planes of the mesh', () => {
      const chart = emptyChart();
      const stable = new ExistingIstio(chart, 'stable', { revisions: ['default', 'v2'] });
      const canary = fakeModule(new Chart(chart.node.root as App, 'canary'), { revision: 'canary', beside: stable });
      for (const object of canary.istiod.apiObjects) {
        if (object.kind === 'MutatingWebhookConfiguration') {
          object.addJsonPatch(JsonPatch.replace('/webhooks/0/clientConfig/service/name', 'istiod-next'));
          object.addJsonPatch(JsonPatch.replace('/webhooks/1/clientConfig/service/name', 'istiod-next'));
        }
      }
      const mode = RestarterMode.schedule('@daily');
      new SidecarRestarter(chart, 'restarter', { istio: [stable, canary], image, mode });
      expect(injectors(chart)).toEqual(['https:istiod:443', 'https:istiod-v2:443', 'https:istiod-next:443']);
    });
  });

  describe('its NetworkPolicy', () => {
    const policy = (props: Partial<SidecarRestarterProps>, module: Partial<IstioModuleProps> = {}) =>
      objects({ props, module }).find(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'restarter',
      );

    test('lets it connect to the API server alone', () => {
      expect(policy({ networkPolicy: true })?.spec).toEqual({
        podSelector: {
          matchLabels: {
            'app.kubernetes.io/name': 'sidecar-restarter',
            'app.kubernetes.io/instance': 'restarter',
          },
        },
        policyTypes: ['Ingress', 'Egress'],
        egress: [
          {
            ports: [
              { protocol: 'TCP', port: 443 },
              { protocol: 'TCP', port: 6443 },
            ],
          },
        ],
      });
    });

    test('names the addresses of the API server', () => {
      const networkPolicy = { apiServer: ['10.0.0.1', '172.16.0.0/28', 'fd00::1'], apiServerPorts: [8443] };
      expect(policy({ networkPolicy })?.spec).toMatchObject({
        egress: [
          {
            to: ['10.0.0.1/32', '172.16.0.0/28', 'fd00::1/128'].map((cidr) => ({ ipBlock: { cidr } })),
            ports: [{ protocol: 'TCP', port: 8443 }],
          },
        ],
      });
    });

    test('is there where other pods of the namespace are cut off', () => {
      expect(policy({})).toBeUndefined();
      expect(policy({}, { networkPolicies: {} })).toBeDefined();
      expect(policy({ namespace: 'ops' }, { networkPolicies: {} })).toBeUndefined();
      expect(policy({}, { networkPolicies: { otherPods: 'untouched' } })).toBeUndefined();
      expect(policy({ networkPolicy: false }, { networkPolicies: {} })).toBeUndefined();
    });
  });

  test('comes after the webhooks, the namespaces, and all that it needs', () => {
    const networkPolicy = true;
    const all = objects({
      props: { networkPolicy },
      also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop' }),
    }).map(title);
    const at = (wanted: string) => all.findIndex((one) => one.startsWith(wanted));
    const job = at('Job/');
    for (const before of [
      'MutatingWebhookConfiguration/',
      'Namespace/shop',
      'ServiceAccount/istio-system/restarter',
      'ClusterRoleBinding/restarter',
      'RoleBinding/istio-system/restarter',
      'ValidatingAdmissionPolicyBinding/restarter-restarts',
      'NetworkPolicy/istio-system/restarter',
    ]) {
      expect({ before, first: at(before) >= 0 && at(before) < job }).toEqual({ before, first: true });
    }
  });

  test('waits for the control plane, its own objects and the namespaces, whatever the order of construction', () => {
    const { chart, restarter } = mesh({ props: { networkPolicy: true } });
    new MeshNamespace(chart, 'shop', { name: 'shop' });
    synthesized(chart);
    const paths = restarter.job?.node.dependencies.map(({ node }) => node.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'mesh/restarter/service-account',
        'mesh/restarter/network-policy',
        'mesh/restarter/access',
        'mesh/shop/Default',
        expect.stringMatching(/^mesh\/istio\/istiod\/.*webhook/i) as string,
      ]),
    );
  });

  test('says everything that is wrong', () => {
    const chart = emptyChart();
    const istio = new ExistingIstio(chart, 'istio');
    expect(
      () =>
        new SidecarRestarter(chart, 'restarter', {
          ...{ istio, image: 'no image', name: 'a'.repeat(53), namespace: 'Ops' },
          mode: RestarterMode.schedule('0 25 * * *', { timeZone: 'Mars', completedJobs: -1 }),
          options: { maxConcurrent: 0 },
          networkPolicy: { apiServer: ['here'], apiServerPorts: [0] },
          resources: { requests: { memory: '1Gi' } },
        }),
    ).toThrow(
      new Error(
        [
          `name '${'a'.repeat(53)}' is too long: write at most 52 characters, for the names of Jobs begin with it`,
          "namespace 'Ops' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "image 'no image' is not an image: write registry, path and tag, such as 'registry.example.com/istio-module:0.1.0'",
          "mode: schedule '0 25 * * *': hour '25' is invalid: write * or 0 to 23, also as a range (1-5), a list (1,3) or with steps (*/2)",
          "mode.timeZone 'Mars' is not a time zone: write a name of the tz database, such as 'Europe/Berlin'",
          'mode.completedJobs -1 is out of range: write a whole number from 0 on',
          'options.maxConcurrent 0 is out of range: write a whole number from 1 to 1000000',
          "networkPolicy.apiServer 'here' is not an IP address or CIDR block: write one such as '203.0.113.4' or '10.0.0.0/8'",
          'networkPolicy.apiServerPorts 0 is out of range: write a whole number from 1 to 65535',
          "resources.requests.memory '1Gi' is above resources.limits.memory '512Mi': set both, the request not above the limit",
        ]
          .map((problem) => `SidecarRestarter mesh/restarter: ${problem}`)
          .join('\n'),
      ),
    );
  });

  test.each<[string, () => RestarterMode, string]>([
    [
      'half a wave',
      () => RestarterMode.afterSync({ syncWave: 1.5 }),
      'mode.syncWave 1.5 is not a wave: write a whole number',
    ],
    [
      'a Job that is gone before anybody sees it',
      () => RestarterMode.afterSync({ keepFor: Duration.seconds(0) }),
      'mode.keepFor 0s is out of range: write whole seconds, at least 60',
    ],
    [
      'a deadline that the controller always misses',
      () => RestarterMode.schedule('@daily', { startingDeadline: Duration.seconds(9) }),
      'mode.startingDeadline 9s is out of range: write whole seconds, at least 10',
    ],
  ])('refuses %s', (_, mode, problem) => {
    expect(() => mesh({ props: { mode: mode() } })).toThrow(`SidecarRestarter mesh/restarter: ${problem}`);
  });

  test('refuses to be for no control plane', () => {
    expect(() => mesh({ props: { istio: [] } })).toThrow(
      'SidecarRestarter mesh/restarter: istio is empty: name the control plane',
    );
  });

  test.each([
    'istio-module:0.1.0',
    'registry.example.com:5000/team/istio-module:v1',
    `ghcr.io/team/istio-module@sha256:${'a'.repeat(64)}`,
    `ghcr.io/team/istio-module:v1@sha256:${'a'.repeat(64)}`,
  ])('takes the image %s without a warning', (one) => {
    expect(warningsOf(() => objects({ props: { image: one } }))).toEqual([]);
  });

  test.each(['istio-module', 'registry.example.com:5000/istio-module', 'istio-module:latest'])(
    'warns that the image %s may change',
    (one) => {
      expect(warningsOf(() => objects({ props: { image: one } }))).toEqual([
        `warning: SidecarRestarter mesh/restarter: image '${one}' is whatever was pushed last: name a version as the tag, or a digest`,
      ]);
    },
  );
});
