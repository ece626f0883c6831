import { Chart, Duration, JsonPatch } from 'cdk8s';
import {
  ExistingIstio,
  MeshNamespace,
  RestarterMode,
  RestartQuestions,
  SidecarRestarter,
  type IstioModuleProps,
  type SidecarRestarterProps,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';
import { warningsOf } from '../warnings-of';
import { argsOf, image, jobOf, mesh, objects, podOf } from './restarted-app';

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

  test('repeats a run that was interrupted, and not one that has failed', () => {
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
      const canary = fakeModule(new Chart(chart.node.root, 'canary'), { revision: 'canary', beside: stable });
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

  test('reports everything that is wrong at once', () => {
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
          `name '${'a'.repeat(53)}' is too long: write at most 52 characters, because the names of Jobs start with it`,
          "namespace 'Ops' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "image 'no image' is not an image: write registry, path and tag, such as 'registry.example.com/istio-module:0.1.0'",
          "mode: schedule '0 25 * * *': hour '25' is invalid: write * or 0 to 23, also as a range (1-5), a list (1,3) or with steps (*/2)",
          "mode.timeZone 'Mars' is not a time zone: write a name of the tz database, such as 'Europe/Berlin'",
          'mode.completedJobs -1 is out of range: write a whole number of at least 0',
          'options.maxConcurrent 0 is out of range: write a whole number from 1 to 1000000',
          "networkPolicy.apiServer 'here' is not an IP address or CIDR block: write one such as '203.0.113.4' or '10.0.0.0/8'",
          'networkPolicy.apiServerPorts 0 is out of range: write a whole number from 1 to 65535',
          "resources.requests.memory '1Gi' is above resources.limits.memory '512Mi': set both, with the request not above the limit",
        ]
          .map((problem) => `SidecarRestarter mesh/restarter: ${problem}`)
          .join('\n'),
      ),
    );
  });

  test('refuses an empty list of control planes', () => {
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
        `warning: SidecarRestarter mesh/restarter: image '${one}' can change with every push: name a version as the tag, or a digest`,
      ]);
    },
  );
});
