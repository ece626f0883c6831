import { ApiObject } from 'cdk8s';
import type { ISubject } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { withoutNamespace } from '../cluster-scoped';
import { throwProblems } from '../construct-error';
import { objectNameProblem } from '../object-name';

/** Properties of {@link SidecarRestartAccess}. */
export interface SidecarRestartAccessProps {
  /** Who restarts: a cdk8s-plus `ServiceAccount`, `User` or `Group`, or several. */
  readonly subjects: readonly ISubject[];

  /**
   * Whether they may look for the Istio resources that block an uninstall, too.
   *
   * @default true
   */
  readonly uninstall?: boolean;

  /**
   * `metadata.name` of the ClusterRole and its ClusterRoleBinding.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What a restart asks of the API server, and nothing else. */
const RESTART_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] },
  // Created as a dry run only, which RBAC cannot say.
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'create'] },
  { apiGroups: [''], resources: ['configmaps', 'replicationcontrollers'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list', 'create'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['get', 'list', 'patch'] },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list'] },
  { apiGroups: ['argoproj.io'], resources: ['rollouts'], verbs: ['get', 'list', 'patch'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list'] },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    verbs: ['list'],
  },
  { apiGroups: ['networking.istio.io'], resources: ['proxyconfigs'], verbs: ['list'] },
  { apiGroups: ['security.istio.io'], resources: ['peerauthentications'], verbs: ['list', 'create', 'delete'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
];

const UNINSTALL_RULE: Rule = {
  apiGroups: ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
  resources: ['*'],
  verbs: ['list'],
};

/**
 * The permissions to restart workloads whose sidecar is out of date: a ClusterRole with the least that it takes, and the
 * ClusterRoleBinding that grants it.
 *
 * RBAC cannot limit the creation of pods to dry runs: treat these credentials like any that may run pods.
 *
 * The objects themselves are `clusterRole` and `clusterRoleBinding`, the escape hatches to the raw objects.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export class SidecarRestartAccess extends Construct {
  /** The raw ClusterRole. */
  readonly clusterRole: ApiObject;

  /** The raw ClusterRoleBinding. */
  readonly clusterRoleBinding: ApiObject;

  /** @throws Error when nobody is named, or the name is none */
  constructor(scope: Construct, id: string, props: SidecarRestartAccessProps) {
    super(scope, id);
    const name = props.name ?? id;
    const { subjects, uninstall = true } = props;
    throwProblems(this, [
      ...objectNameProblem(name),
      ...(subjects.length > 0
        ? []
        : ["subjects is empty: name who restarts, such as ServiceAccount.fromServiceAccountName(this, 'ci', 'ci')"]),
    ]);
    this.clusterRole = new ApiObject(this, 'cluster-role', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [...RESTART_RULES, ...(uninstall ? [UNINSTALL_RULE] : [])],
    });
    this.clusterRoleBinding = new ApiObject(this, 'cluster-role-binding', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: subjects.map((subject) => subject.toSubjectConfiguration()),
    });
    withoutNamespace(this.clusterRole);
    withoutNamespace(this.clusterRoleBinding);
    this.clusterRoleBinding.addDependency(this.clusterRole);
  }
}
