import { Group, ServiceAccount } from 'cdk8s-plus-27';
import { RestartQuestions, SidecarRestartAccess, type SidecarRestartAccessProps } from 'istio-module';
import { emptyChart, synthesized, title, type Manifest } from '../synthesis';

interface Role {
  rules: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[];
}

describe('SidecarRestartAccess', () => {
  test('grants the least that a restart needs', () => {
    const chart = emptyChart();
    const ci = ServiceAccount.fromServiceAccountName(chart, 'ci', 'ci', { namespaceName: 'ops' });
    new SidecarRestartAccess(chart, 'restart', { subjects: [ci, Group.fromName(chart, 'admins', 'admins')] });
    const [role, binding] = synthesized(chart);
    expect([role, binding].map((one) => one && title(one))).toEqual([
      'ClusterRole/restart',
      'ClusterRoleBinding/restart',
    ]);
    const may = (role as unknown as Role).rules.flatMap(({ resources, verbs }) =>
      resources.map((resource) => `${verbs.join(',')} ${resource}`),
    );
    expect(may).toEqual([
      'list namespaces',
      'get,list,create pods',
      'get configmaps',
      'get services',
      'get replicationcontrollers',
      'list,create events',
      'get,list,patch deployments',
      'get,list,patch statefulsets',
      'get,list,patch daemonsets',
      'get,list replicasets',
      'get,list,patch rollouts',
      'get,list jobs',
      'list mutatingwebhookconfigurations',
      'list validatingwebhookconfigurations',
      'list proxyconfigs',
      'list,create,delete peerauthentications',
      'create selfsubjectaccessreviews',
      'list *',
    ]);
    expect(binding).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'restart' },
      subjects: [
        { kind: 'ServiceAccount', name: 'ci', namespace: 'ops' },
        { kind: 'Group', name: 'admins', apiGroup: 'rbac.authorization.k8s.io' },
      ],
    });
  });

  test.each([
    [undefined, ['https:istiod:443']],
    [
      ['istiod', 'istiod-canary'],
      ['https:istiod:443', 'https:istiod-canary:443'],
    ],
  ])('lets the injectors %j be asked, in their namespace', (injectorServices, resourceNames) => {
    const chart = emptyChart();
    const subjects = [Group.fromName(chart, 'admins', 'admins')];
    new SidecarRestartAccess(chart, 'restart', { subjects, injectorServices, istioNamespace: 'mesh' });
    const [, , role, binding] = synthesized(chart);
    expect([role, binding].map((one) => one && title(one))).toEqual(['Role/mesh/restart', 'RoleBinding/mesh/restart']);
    expect((role as unknown as Role).rules).toEqual([
      { apiGroups: [''], resources: ['services/proxy'], resourceNames, verbs: ['create'] },
    ]);
    expect(binding).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'restart' },
      subjects: [{ kind: 'Group', name: 'admins' }],
    });
  });

  test('creates no pods where the injector alone is asked, and reads quotas instead', () => {
    const rulesWith = (asks: RestartQuestions) => {
      const chart = emptyChart();
      const subjects = [Group.fromName(chart, 'admins', 'admins')];
      new SidecarRestartAccess(chart, 'restart', { subjects, asks });
      return (synthesized(chart)[0] as unknown as Role).rules.flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
      );
    };
    const [dryRuns, alone] = [rulesWith(RestartQuestions.DRY_RUNS), rulesWith(RestartQuestions.INJECTOR_ALONE)];
    expect(dryRuns.filter((rule) => !alone.includes(rule))).toEqual(['create pods']);
    expect(alone.filter((rule) => !dryRuns.includes(rule))).toEqual(['list resourcequotas']);
  });

  test('refuses an empty list of injectors where only the injector is asked', () => {
    const chart = emptyChart();
    const subjects = [Group.fromName(chart, 'admins', 'admins')];
    const asks = RestartQuestions.INJECTOR_ALONE;
    expect(() => new SidecarRestartAccess(chart, 'restart', { subjects, asks, injectorServices: [] })).toThrow(
      'injectorServices is empty, but asks is RestartQuestions.INJECTOR_ALONE: name the Services of the injectors',
    );
  });

  test('grants nothing about injectors when there are none', () => {
    const chart = emptyChart();
    const access = new SidecarRestartAccess(chart, 'restart', {
      subjects: [Group.fromName(chart, 'admins', 'admins')],
      injectorServices: [],
    });
    expect([access.roles, access.roleBindings, synthesized(chart).length]).toEqual([[], [], 2]);
  });

  describe('with control planes in several namespaces', () => {
    const rolesWith = (props: Partial<SidecarRestartAccessProps>) => {
      const chart = emptyChart();
      const subjects = [Group.fromName(chart, 'admins', 'admins')];
      const access = new SidecarRestartAccess(chart, 'restart', { subjects, ...props });
      const granted = access.roles.map((one) => one.toJson() as Manifest & Role);
      return Object.fromEntries<string[]>(
        granted.map(({ metadata, rules }) => [
          metadata.namespace ?? '',
          rules.flatMap(({ resources, resourceNames = [], verbs }) =>
            [verbs.join(), ...resources, ...resourceNames].join(' '),
          ),
        ]),
      );
    };
    const injectorServices = ['istiod', 'istio-canary/istiod-canary', 'istio-canary/istiod-next'];
    const watched = ['list,watch configmaps', 'watch deployments'];

    test('lets the injectors of each be asked there, and no others', () => {
      expect(rolesWith({ injectorServices })).toEqual({
        'istio-system': ['create services/proxy https:istiod:443'],
        'istio-canary': ['create services/proxy https:istiod-canary:443 https:istiod-next:443'],
      });
      expect(Object.keys(rolesWith({ injectorServices: ['istio-canary/istiod'] }))).toEqual(['istio-canary']);
    });

    test('lets the configuration of each be watched', () => {
      expect(rolesWith({ injectorServices, watch: {} })).toEqual({
        'istio-system': ['create services/proxy https:istiod:443', ...watched],
        'istio-canary': ['create services/proxy https:istiod-canary:443 https:istiod-next:443', ...watched],
      });
      expect(rolesWith({ injectorServices: [], watch: { namespaces: ['a', 'b'] } })).toEqual({
        a: watched,
        b: watched,
      });
    });

    test('binds each Role where it is', () => {
      const chart = emptyChart();
      const subjects = [Group.fromName(chart, 'admins', 'admins')];
      new SidecarRestartAccess(chart, 'restart', { subjects, injectorServices });
      expect(synthesized(chart).map(title)).toEqual([
        ...['ClusterRole/restart', 'ClusterRoleBinding/restart'],
        ...['Role/istio-system/restart', 'RoleBinding/istio-system/restart'],
        ...['Role/istio-canary/restart', 'RoleBinding/istio-canary/restart'],
      ]);
    });

    test.each(['Istio/istiod', 'istio-canary/istiod/x', '/istiod', 'istio-canary/'])('refuses %s', (service) => {
      expect(() => rolesWith({ injectorServices: [service] })).toThrow('is not a valid object name');
    });
  });

  test('lets running pods be updated on request', () => {
    const chart = emptyChart();
    const subjects = [Group.fromName(chart, 'admins', 'admins')];
    new SidecarRestartAccess(chart, 'restart', { subjects, inPlace: true });
    const [role] = synthesized(chart);
    expect((role as unknown as Role).rules).toContainEqual({
      ...{ apiGroups: [''], resources: ['pods', 'pods/resize'] },
      verbs: ['patch'],
    });
  });

  test('leaves out what an uninstall needs on request', () => {
    const chart = emptyChart();
    const subjects = [Group.fromName(chart, 'admins', 'admins')];
    new SidecarRestartAccess(chart, 'restart', { subjects, uninstall: false, name: 'mesh-restart' });
    const [role] = synthesized(chart);
    expect(role?.metadata.name).toBe('mesh-restart');
    expect((role as unknown as Role).rules.some(({ resources }) => resources.includes('*'))).toBe(false);
  });

  test('lets pods be evicted only on request, and the purpose be recorded on their owners', () => {
    const may = (eviction?: boolean) => {
      const chart = emptyChart();
      const subjects = [Group.fromName(chart, 'admins', 'admins')];
      new SidecarRestartAccess(chart, 'restart', { subjects, eviction });
      const [role] = synthesized(chart);
      return (role as unknown as Role).rules.flatMap(({ apiGroups, resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${apiGroups.join()}`)),
      );
    };
    expect(may().filter((one) => !may(false).includes(one))).toEqual([]);
    expect(may(true).filter((one) => !may().includes(one))).toEqual([
      'create pods/eviction.',
      'patch replicasets.apps',
      'patch replicationcontrollers.',
    ]);
  });

  test('reports everything that is wrong at once', () => {
    const chart = emptyChart();
    expect(() => new SidecarRestartAccess(chart, 'restart', { subjects: [], name: 'Mesh' })).toThrow(
      "SidecarRestartAccess mesh/restart: 'Mesh' is not a valid object name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name\n" +
        "SidecarRestartAccess mesh/restart: subjects is empty: name at least one subject, such as ServiceAccount.fromServiceAccountName(this, 'ci', 'ci')",
    );
  });
});
