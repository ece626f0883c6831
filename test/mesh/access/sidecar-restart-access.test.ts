import { Group, ServiceAccount } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { emptyChart, synthesized, title } from '../synthesis';

interface Role {
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
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
      'get replicationcontrollers',
      'list,create events',
      'get,list,patch deployments',
      'get,list,patch statefulsets',
      'get,list,patch daemonsets',
      'get,list replicasets',
      'get,list,patch rollouts',
      'get,list jobs',
      'list mutatingwebhookconfigurations',
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

  test('leaves out what an uninstall needs when told so', () => {
    const chart = emptyChart();
    const subjects = [Group.fromName(chart, 'admins', 'admins')];
    new SidecarRestartAccess(chart, 'restart', { subjects, uninstall: false, name: 'mesh-restart' });
    const [role] = synthesized(chart);
    expect(role?.metadata.name).toBe('mesh-restart');
    expect((role as unknown as Role).rules.some(({ resources }) => resources.includes('*'))).toBe(false);
  });

  test('says everything that is wrong', () => {
    const chart = emptyChart();
    expect(() => new SidecarRestartAccess(chart, 'restart', { subjects: [], name: 'Mesh' })).toThrow(
      "SidecarRestartAccess mesh/restart: 'Mesh' cannot be the object's name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name\n" +
        "SidecarRestartAccess mesh/restart: subjects is empty: name who restarts, such as ServiceAccount.fromServiceAccountName(this, 'ci', 'ci')",
    );
  });
});
