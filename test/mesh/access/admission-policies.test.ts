import { isObject } from '../../../lib/engine/cluster/is-object';
import { Group, ServiceAccount, User } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { isTransition, transitionPolicy } from '../../../lib/engine/istio/mutual-tls/transition-policy';
import { WORKLOAD_KINDS } from '../../../lib/engine/kinds/workload-kinds';
import { MARK_ANNOTATION } from '../../../lib/engine/plan/restart-mark';
import { emptyChart, synthesized, title } from '../synthesis';
import { type AdmissionRequest, judgedBy } from './judged-by';

const userInfo = { username: 'system:serviceaccount:ops:ci', groups: ['system:authenticated'] };
const RESTARTER = 'SidecarRestartAccess restart allows ';
const ROLLABLE_KINDS = WORKLOAD_KINDS.flatMap((one) => (one.type === 'rollable' ? [one] : []));
const AT = '2026-01-02T03:04:05Z';
const daemonSetGeneration = { metadata: { annotations: { 'deprecated.daemonset.template.generation': '9' } } };

function access(name?: string): SidecarRestartAccess {
  const chart = emptyChart();
  return new SidecarRestartAccess(chart, 'restart', {
    subjects: [
      ServiceAccount.fromServiceAccountName(chart, 'ci', 'ci', { namespaceName: 'ops' }),
      User.fromName(chart, 'user', 'jane "j" doe'),
      Group.fromName(chart, 'group', 'restarters'),
    ],
    admissionPolicy: true,
    ...(name === undefined ? {} : { name }),
  });
}

const { admissionPolicies } = access();

describe('the admission policies of SidecarRestartAccess', () => {
  test('are one for each feature, each with its binding, and there before anything is granted', () => {
    const { clusterRoleBinding, node } = access('mesh-restart');
    const objects = synthesized(node.scope as ReturnType<typeof emptyChart>);
    const policies = objects.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
    expect(policies.map(title).sort()).toEqual(
      ['dry-runs', 'restarts', 'transitions']
        .flatMap((suffix) => [
          `ValidatingAdmissionPolicy/mesh-restart-${suffix}`,
          `ValidatingAdmissionPolicyBinding/mesh-restart-${suffix}`,
        ])
        .sort(),
    );
    const titles = objects.map(title);
    expect(Math.max(...policies.map((one) => titles.indexOf(title(one))))).toBeLessThan(
      titles.indexOf(`ClusterRoleBinding/${clusterRoleBinding.name}`),
    );
    for (const { kind, metadata, spec } of policies) {
      expect(spec).toMatchObject(
        kind === 'ValidatingAdmissionPolicy'
          ? { failurePolicy: 'Fail' }
          : { policyName: metadata.name, validationActions: ['Deny'] },
      );
    }
  });

  describe('let evictions be recorded on the owner of the pods, and nothing else there be changed:', () => {
    const chart = emptyChart();
    const subjects = [ServiceAccount.fromServiceAccountName(chart, 'ci', 'ci', { namespaceName: 'ops' })];
    const evicting = new SidecarRestartAccess(chart, 'restart', { subjects, admissionPolicy: true, eviction: true });
    const object = (annotations: object, spec: object = { replicas: 1 }) => ({
      ...{ apiVersion: 'x', kind: 'X', metadata: { name: 'cart', annotations }, spec },
    });

    test.each([
      ['replicasets', 'apps'],
      ['replicationcontrollers', ''],
    ])('%s', (resource, group) => {
      const refusals = (before: object, after: object) =>
        judgedBy(evicting.admissionPolicies, {
          ...{ operation: 'UPDATE', resource: { group, resource }, userInfo, oldObject: before, object: after },
        });
      const kept = object({ a: 'b' });
      expect(refusals(kept, object({ a: 'b', [MARK_ANNOTATION]: 'x' }))).toEqual([]);
      const only = `${RESTARTER}only the annotation ${MARK_ANNOTATION} of a ReplicaSet or ReplicationController to change`;
      const changed = [object({ a: 'c' }), object({}), object({ a: 'b' }, { replicas: 2 }), object({ a: 'b' }, {})];
      expect(changed.map((one) => refusals(kept, one))).toEqual(changed.map(() => [only]));
      expect(
        judgedBy(admissionPolicies, { operation: 'UPDATE', resource: { group, resource }, userInfo }),
      ).toBeUndefined();
    });
  });

  test('are not there unless they are asked for', () => {
    const chart = emptyChart();
    const { admissionPolicies: policies } = new SidecarRestartAccess(chart, 'restart', {
      subjects: [Group.fromName(chart, 'group', 'restarters')],
    });
    expect(policies).toEqual([]);
    expect(synthesized(chart).map(({ kind }) => kind)).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'Role',
      'RoleBinding',
    ]);
  });

  test.each([
    ['the ServiceAccount', userInfo, true],
    ['the user', { username: 'jane "j" doe' }, true],
    ['a member of the group', { username: 'joe', groups: ['all', 'restarters'] }, true],
    ['the ServiceAccount of another namespace', { username: 'system:serviceaccount:dev:ci' }, false],
    ['another user', { username: 'ci' }, false],
    ['a member of another group', { username: 'joe', groups: ['restarter'] }, false],
  ])('hold %s: %j', (_, who, isHeld) => {
    const judged = judgedBy(admissionPolicies, {
      ...{ operation: 'CREATE', resource: { group: '', resource: 'pods' }, userInfo: who, dryRun: false, object: {} },
    });
    expect(judged).toEqual(isHeld ? [`${RESTARTER}pods to be created as a dry run only (dryRun=All)`] : undefined);
  });

  test('let dry runs of pods through', () => {
    const resource = { group: '', resource: 'pods' };
    expect(judgedBy(admissionPolicies, { operation: 'CREATE', resource, userInfo, dryRun: true, object: {} })).toEqual(
      [],
    );
  });

  describe.each(ROLLABLE_KINDS)('for a $kind', ({ kind, apiVersion, resource, ...rollable }) => {
    const before = {
      ...{ apiVersion, kind, status: { replicas: 2 } },
      metadata: {
        ...{ name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '7', generation: 3 },
        ...{ labels: { app: 'web' }, annotations: { note: 'a' }, managedFields: [] },
      },
      spec: {
        replicas: 2,
        template: {
          metadata: { labels: { app: 'web' }, annotations: { note: 'a' } },
          spec: { containers: [{ name: 'app', image: 'app:1' }] },
        },
      },
    };
    const judged = (...patches: readonly object[]) => {
      const object = patches.reduce<object>((now, patch) => merged(now, patch), before);
      const [group = ''] = apiVersion.split('/');
      const request: AdmissionRequest = {
        ...{
          operation: 'UPDATE',
          resource: { group, resource },
          kind: { kind },
          userInfo,
          object,
          oldObject: before,
        },
      };
      return judgedBy(admissionPolicies, request);
    };
    const ofServer = {
      metadata: { generation: 4, resourceVersion: '8', managedFields: [{ manager: 'istio-module' }] },
    };
    const mark = { metadata: { annotations: { [MARK_ANNOTATION]: '{}' } } };

    test('the restart goes through, alone and with its mark', () => {
      expect(judged(rollable.restart(AT), ofServer)).toEqual([]);
      expect(judged(rollable.restart(AT), mark, ofServer)).toEqual([]);
      expect(judged(mark, ofServer)).toEqual([]);
    });

    test('the restart goes through where there were no annotations', () => {
      const bare = merged(before, {
        ...{ metadata: { annotations: null }, spec: { template: { metadata: { annotations: null } } } },
      });
      const [group = ''] = apiVersion.split('/');
      const object = merged(merged(bare, rollable.restart(AT)), mark);
      const request = { group, resource };
      expect(
        judgedBy(admissionPolicies, {
          ...{ operation: 'UPDATE', resource: request, kind: { kind }, userInfo, object, oldObject: bare },
        }),
      ).toEqual([]);
    });

    test.each<[string, object]>([
      ['an image', { spec: { template: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } } }],
      ['a further field of the pods', { spec: { template: { spec: { hostNetwork: true } } } }],
      ['replicas', { spec: { replicas: 0 } }],
      ['a further field of the spec', { spec: { paused: true } }],
      ['a field of the spec that goes', { spec: { replicas: null } }],
      ['a label', { metadata: { labels: { app: 'other' } } }],
      ['an annotation', { metadata: { annotations: { note: 'b' } } }],
      ['a further annotation', { metadata: { annotations: { 'istio-module/restart': 'disabled' } } }],
      ['an annotation that goes', { metadata: { annotations: { note: null } } }],
      ['all annotations', { metadata: { annotations: null } }],
      ['owners', { metadata: { ownerReferences: [{ name: 'x' }] } }],
      ['finalizers', { metadata: { finalizers: ['x/y'] } }],
      ['the label of the pods', { spec: { template: { metadata: { labels: { 'istio.io/rev': 'x' } } } } }],
      ['an annotation of the pods', { spec: { template: { metadata: { annotations: { note: 'b' } } } } }],
      [
        'a further annotation of the pods',
        { spec: { template: { metadata: { annotations: { 'sidecar.istio.io/proxyImage': 'x' } } } } },
      ],
      ['an annotation of the pods that goes', { spec: { template: { metadata: { annotations: { note: null } } } } }],
      ['a further field beside', { other: 1 }],
      ...(kind === 'DaemonSet'
        ? []
        : [['the generation of a DaemonSet', daemonSetGeneration] satisfies [string, object]]),
      ...(kind === 'Rollout'
        ? [
            [
              'the restart of a template',
              { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': AT } } } } },
            ] satisfies [string, object],
          ]
        : [['restartAt', { spec: { restartAt: AT } }] satisfies [string, object]]),
    ])('%s does not, alone or with the restart', (_, change) => {
      expect(judged(change)).toHaveLength(1);
      expect(judged(rollable.restart(AT), change, ofServer)).toHaveLength(1);
      expect(judged(change)?.[0]).toMatch(
        /^SidecarRestartAccess restart allows only .* to change in the .* of a workload$/,
      );
    });
  });

  test('let the API server count the templates of a DaemonSet', () => {
    const oldObject = { metadata: {}, spec: { template: { metadata: {} } } };
    const object = { ...oldObject, metadata: daemonSetGeneration.metadata };
    const resource = { group: 'apps', resource: 'daemonsets' };
    expect(
      judgedBy(admissionPolicies, {
        ...{ operation: 'UPDATE', resource, kind: { kind: 'DaemonSet' }, userInfo, object, oldObject },
      }),
    ).toEqual([]);
  });

  test('let a Rollout be restarted that refers to a template', () => {
    const oldObject = { metadata: {}, spec: { workloadRef: { name: 'web' } } };
    const object = { metadata: {}, spec: { workloadRef: { name: 'web' }, restartAt: AT } };
    const resource = { group: 'argoproj.io', resource: 'rollouts' };
    expect(
      judgedBy(admissionPolicies, {
        ...{ operation: 'UPDATE', resource, kind: { kind: 'Rollout' }, userInfo, object, oldObject },
      }),
    ).toEqual([]);
  });

  describe('about PeerAuthentications', () => {
    const resource = { group: 'security.istio.io', resource: 'peerauthentications' };
    const transition = transitionPolicy('shop');
    const create = (object: object) => judgedBy(admissionPolicies, { operation: 'CREATE', resource, userInfo, object });
    const remove = (oldObject: object) =>
      judgedBy(admissionPolicies, { operation: 'DELETE', resource, userInfo, oldObject });

    test('let that of a transition come and go', () => {
      expect(isTransition(transition)).toBe(true);
      expect([create(transition), remove(transition)]).toEqual([[], []]);
    });

    test.each<[string, object]>([
      ['of another name', { metadata: { name: 'default' } }],
      ['without the label', { metadata: { labels: null } }],
      ['with another label', { metadata: { labels: { 'istio-module/transition': 'x' } } }],
    ])('let none %s come or go', (_, change) => {
      const other = merged(transition, change);
      expect([create(other), remove(other)]).toEqual([
        [expect.stringContaining('only the PeerAuthentication istio-module-transition')],
        [expect.stringContaining('only the PeerAuthentication istio-module-transition')],
      ]);
    });

    test.each<object>([
      { mtls: { mode: 'DISABLE' } },
      { selector: { matchLabels: { app: 'web' } } },
      { portLevelMtls: { 80: { mode: 'DISABLE' } } },
    ])('let none with %j come', (spec) => {
      expect(create(merged(transition, { spec }))).toHaveLength(1);
    });
  });

  describe('of access to updates in place', () => {
    const chart = emptyChart();
    const { admissionPolicies: policies } = new SidecarRestartAccess(chart, 'restart', {
      subjects: [ServiceAccount.fromServiceAccountName(chart, 'ci', 'ci', { namespaceName: 'ops' })],
      ...{ admissionPolicy: true, inPlace: true },
    });
    const injected = { restartPolicy: 'Always', image: 'proxyv2:1', resources: { requests: { cpu: '1' } } };
    const before = {
      ...{ apiVersion: 'v1', kind: 'Pod', status: { phase: 'Running' } },
      metadata: {
        ...{ name: 'web', namespace: 'shop', resourceVersion: '7', generation: 1, labels: { app: 'web' } },
        annotations: { 'sidecar.istio.io/status': '{"initContainers":["istio-init","istio-proxy"],"containers":null}' },
      },
      spec: {
        containers: [{ name: 'app', image: 'app:1' }],
        initContainers: [
          { name: 'istio-init', image: 'proxyv2:1' },
          { ...injected, name: 'istio-proxy' },
          { ...injected, name: 'agent' },
        ],
      },
    };
    const withContainers = (change: (name: string) => object) => ({
      spec: { initContainers: before.spec.initContainers.map((one) => ({ ...one, ...change(one.name) })) },
    });
    const changed = (name: string, change: object) => withContainers((one) => (one === name ? change : {}));
    const judged = (resource: string, ...patches: readonly object[]) =>
      judgedBy(policies, {
        ...{ operation: 'UPDATE', resource: { group: '', resource }, kind: { kind: 'Pod' }, userInfo },
        ...{ oldObject: before, object: patches.reduce<object>((now, patch) => merged(now, patch), before) },
      });
    const ofServer = { metadata: { generation: 2, resourceVersion: '8' }, status: { resize: 'Proposed' } };

    test.each(['pods', 'pods/resize'])(
      'image and resources of an injected native sidecar go through: %s',
      (resource) => {
        const image = changed('istio-proxy', { image: 'proxyv2:2' });
        const resources = changed('istio-proxy', { resources: { requests: { cpu: '2' }, limits: { cpu: '3' } } });
        expect([judged(resource, image, ofServer), judged(resource, resources, ofServer)]).toEqual([[], []]);
      },
    );

    test.each<[string, object]>([
      ['the image of the application', { spec: { containers: [{ name: 'app', image: 'app:2' }] } }],
      ['the image of an init container', changed('istio-init', { image: 'proxyv2:2' })],
      ['a sidecar that Istio has not injected', changed('agent', { image: 'proxyv2:2' })],
      ['a further field of the sidecar', changed('istio-proxy', { command: ['sh'] })],
      [
        'a field of the sidecar that goes',
        {
          spec: {
            initContainers: before.spec.initContainers.map(({ name, image }) => ({
              ...{ name, image },
              ...(name === 'agent' ? injected : {}),
            })),
          },
        },
      ],
      ['its order', { spec: { initContainers: [...before.spec.initContainers].reverse() } }],
      ['a further init container', { spec: { initContainers: [...before.spec.initContainers, { name: 'x' }] } }],
      ['a label', { metadata: { labels: { app: 'other' } } }],
      ['an annotation', { metadata: { annotations: { 'sidecar.istio.io/status': '"agent"' } } }],
      ['a further field of the pod', { spec: { activeDeadlineSeconds: 1 } }],
    ])('%s does not', (_, change) => {
      expect(judged('pods', change, ofServer)).toHaveLength(1);
    });
  });

  test.each([
    ['Group', 'system:authenticated'],
    ['Group', 'system:serviceaccounts'],
    ['Group', 'system:serviceaccounts:kube-system'],
    ['User', 'system:kube-controller-manager'],
  ] as const)('hold no %s %s, by which Kubernetes itself goes', (kind, name) => {
    const chart = emptyChart();
    const subject = kind === 'User' ? User.fromName(chart, 'who', name) : Group.fromName(chart, 'who', name);
    const made = (admissionPolicy: boolean) => () =>
      new SidecarRestartAccess(chart, admissionPolicy ? 'held' : 'free', { subjects: [subject], admissionPolicy });
    expect(made(true)).toThrow(
      `SidecarRestartAccess mesh/held: admissionPolicy cannot restrict the ${kind} '${name}', because it may include Kubernetes' own components: name a ServiceAccount, or users and groups of your own`,
    );
    expect(made(false)).not.toThrow();
  });

  test('hold the ServiceAccounts of a namespace, and none without a namespace', () => {
    const chart = emptyChart();
    const group = Group.fromName(chart, 'group', 'system:serviceaccounts:ops');
    expect(new SidecarRestartAccess(chart, 'group-access', { subjects: [group], admissionPolicy: true })).toBeDefined();
    const subjects = [new ServiceAccount(chart, 'ci', { metadata: { name: 'ci' } })];
    expect(() => new SidecarRestartAccess(chart, 'restart', { subjects, admissionPolicy: true })).toThrow(
      "the ServiceAccount 'ci' has no namespace: set its metadata.namespace",
    );
  });
});

/** A JSON merge patch, as the API server applies it. */
function merged(target: unknown, patch: object): Record<string, unknown> {
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      Reflect.deleteProperty(result, key);
    } else {
      result[key] = isObject(value) ? merged(result[key], value) : value;
    }
  }
  return result;
}
