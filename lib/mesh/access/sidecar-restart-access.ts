import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { withoutNamespace } from '../cluster-scoped';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { objectNameProblem } from '../object-name';
import { admissionPolicies, type AdmissionPolicy } from './admission-policies';
import { heldSubjectProblem, isBySubject } from './held-subjects';
import type { RestartSubject } from './restart-subject';
import { RestartQuestions } from './restart-questions';

/** Properties of {@link SidecarRestartAccess}. */
export interface SidecarRestartAccessProps {
  /** Subjects that restart workloads: one or more `ServiceAccount`, `User` or `Group` constructs of cdk8s-plus. */
  readonly subjects: readonly RestartSubject[];

  /**
   * How the subjects may determine the expected sidecar of a workload.
   *
   * @default RestartQuestions.DRY_RUNS
   */
  readonly asks?: RestartQuestions;

  /**
   * Whether the subjects may also list the Istio resources that block an uninstall.
   *
   * @default true
   */
  readonly uninstall?: boolean;

  /**
   * Whether the subjects may update native sidecars in running pods (`inPlace`, `--in-place`). This permits them to
   * patch the image of any container and to resize pods, unless `admissionPolicy` restricts that to the sidecars.
   *
   * @default false
   */
  readonly inPlace?: boolean;

  /**
   * Whether the subjects may evict pods that no rollout replaces, as the restart option `evict` does: pods of
   * ReplicaSets and ReplicationControllers that no controller manages. They may also patch an annotation of these
   * owners.
   *
   * @default false
   */
  readonly eviction?: boolean;

  /**
   * Permission to watch what determines sidecars, as `istio-module watch` does: webhook configurations, Namespaces,
   * ProxyConfigs, and the Deployments and ConfigMaps in the namespaces of control planes. Also names the Lease that the
   * subjects may hold.
   *
   * @default - none
   */
  readonly watch?: RestartWatchAccess;

  /**
   * Names of the injectors' Services that the subjects may call directly, to distinguish Istio's changes from those of
   * other admission webhooks. Name every Service to which an injection webhook points, including during a canary
   * upgrade, such as `istiod` and `istiod-canary`. For a Service outside `istioNamespace`, write `NAMESPACE/NAME`.
   *
   * @default ['istiod']; may be empty, except with `RestartQuestions.INJECTOR_ALONE`
   */
  readonly injectorServices?: readonly string[];

  /**
   * The namespace of the control plane, and of the Services that are written without one.
   *
   * @default 'istio-system'
   */
  readonly istioNamespace?: string;

  /**
   * Whether admission policies restrict the subjects to the requests of a restart, which RBAC cannot express. They
   * allow dry runs of pods; updates of workloads that change only the annotation `kubectl.kubernetes.io/restartedAt` of
   * the pod template, the workload's own annotation `istio-module/restarted-for`, and `spec.restartAt` of Argo
   * Rollouts; with `eviction`, updates of `istio-module/restarted-for` on ReplicaSets and ReplicationControllers; with
   * `inPlace`, updates of pods that change only the image and resources of native sidecars that Istio has injected; and
   * the creation and deletion of the PeerAuthentication `istio-module-transition` in a namespace whose workloads enter
   * or leave the mesh. The policies apply to all requests of these subjects for these resources, so name subjects that
   * are used only for restarts. Requests of other subjects are not affected.
   *
   * Needs Kubernetes 1.30 or newer.
   *
   * @default false
   * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
   */
  readonly admissionPolicy?: boolean;

  /**
   * `metadata.name` of the ClusterRole and its ClusterRoleBinding, and of the Roles and their RoleBindings; the names of
   * the admission policies, and of the Role and RoleBinding for the Lease, start with it.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/** Permissions that `istio-module watch` needs in addition to those of a restart. */
export interface RestartWatchAccess {
  /**
   * Namespaces of the control planes, in which the subjects may watch Deployments and ConfigMaps: those to which the
   * injection webhooks point.
   *
   * @default - `istioNamespace`, and the namespaces of `injectorServices`
   */
  readonly namespaces?: readonly string[];

  /**
   * Lease of the option `--lease`.
   *
   * @default - none
   */
  readonly lease?: { readonly namespace: string; readonly name: string };
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The permissions that a restart needs. */
const RESTART_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] },
  // Pods are created only as dry runs, which RBAC cannot express: see admissionPolicies().
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'create'] },
  { apiGroups: [''], resources: ['configmaps', 'services', 'replicationcontrollers'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list', 'create'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: ['get', 'list', 'patch'] },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get', 'list'] },
  { apiGroups: ['argoproj.io'], resources: ['rollouts'], verbs: ['get', 'list', 'patch'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list'] },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    verbs: ['list'],
  },
  { apiGroups: ['networking.istio.io'], resources: ['proxyconfigs'], verbs: ['list'] },
  { apiGroups: ['security.istio.io'], resources: ['peerauthentications'], verbs: ['list', 'create', 'delete'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
];

/** The same permissions without dry runs, but with those to read quotas, which dry runs would have checked. */
const RULES_WITHOUT_PODS: readonly Rule[] = [
  ...RESTART_RULES.map((rule) =>
    rule.resources.includes('pods') ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'create') } : rule,
  ),
  { apiGroups: [''], resources: ['resourcequotas'], verbs: ['list'] },
];

const IN_PLACE_RULE: Rule = { apiGroups: [''], resources: ['pods', 'pods/resize'], verbs: ['patch'] };

/** The additional permissions of a restart that evicts pods. The annotation on their owners records the reason. */
const EVICTION_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['replicationcontrollers'], verbs: ['patch'] },
];

const WATCH_RULES: readonly Rule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['watch'] },
  { apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations'], verbs: ['watch'] },
  { apiGroups: ['networking.istio.io'], resources: ['proxyconfigs'], verbs: ['watch'] },
];

const WATCH_RULES_IN_NAMESPACE: readonly Rule[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['watch'] },
];

/** RBAC cannot limit the creation of objects to a name. */
function leaseRules(name: string): readonly Rule[] {
  const common = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    { ...common, verbs: ['create'] },
    { ...common, resourceNames: [name], verbs: ['get', 'update'] },
  ];
}

/** A Service of an injector. */
interface InjectorService {
  readonly namespace: string;
  readonly name: string;
}

/** Parses a Service that is written as `NAME` or `NAMESPACE/NAME`. */
function injectorService(text: string, istioNamespace: string): InjectorService {
  const [, namespace = istioNamespace, name = ''] = /^(?:([^/]*)\/)?(.*)$/s.exec(text) ?? [];
  return { namespace, name };
}

function injectorRules(services: readonly InjectorService[]): readonly Rule[] {
  const resourceNames = services.map(({ name }) => `https:${name}:443`);
  return resourceNames.length > 0
    ? [{ apiGroups: [''], resources: ['services/proxy'], resourceNames, verbs: ['create'] }]
    : [];
}

const UNINSTALL_RULE: Rule = {
  apiGroups: ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
  resources: ['*'],
  verbs: ['list'],
};

/**
 * The permissions to restart workloads whose sidecar is out of date: a ClusterRole with the least privileges, the
 * ClusterRoleBinding that grants it, and, in each namespace of a control plane, a Role to call its injectors directly.
 *
 * RBAC cannot limit the creation of pods to dry runs, or a patch to certain fields. Without `admissionPolicy`, treat
 * these credentials like any others that can run pods. With `asks: RestartQuestions.INJECTOR_ALONE`, they cannot create
 * pods.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export class SidecarRestartAccess extends MeshConstruct {
  /** The raw ClusterRole. */
  readonly clusterRole: ApiObject;

  /** The raw ClusterRoleBinding. */
  readonly clusterRoleBinding: ApiObject;

  /** The raw Roles, one in each namespace of a control plane; empty without injectors and `watch`. */
  readonly roles: readonly ApiObject[];

  /** The raw RoleBindings, in the order of the Roles. */
  readonly roleBindings: readonly ApiObject[];

  /** The raw Role for the Lease; undefined without one. */
  readonly leaseRole: ApiObject | undefined;

  /** The raw RoleBinding for the Lease; undefined without one. */
  readonly leaseRoleBinding: ApiObject | undefined;

  /** The raw ValidatingAdmissionPolicies, one for each feature; empty without `admissionPolicy`. */
  readonly admissionPolicies: readonly ApiObject[];

  /** The raw ValidatingAdmissionPolicyBindings, in the order of the policies. */
  readonly admissionPolicyBindings: readonly ApiObject[];

  /** @throws Error if there are no subjects, a name is invalid, or `admissionPolicy` cannot restrict a subject */
  constructor(scope: Construct, id: string, props: SidecarRestartAccessProps) {
    super(scope, id);
    const name = props.name ?? id;
    const {
      subjects,
      uninstall = true,
      inPlace = false,
      eviction = false,
      injectorServices = ['istiod'],
      istioNamespace = 'istio-system',
      watch,
    } = props;
    const injectors = injectorServices.map((text) => injectorService(text, istioNamespace));
    const places = [istioNamespace, ...injectors.map(({ namespace }) => namespace)];
    const watched = new Set(watch ? (watch.namespaces ?? places) : []);
    const bound = subjects.map((subject) => subject.toSubjectConfiguration());
    const policies = props.admissionPolicy ? admissionPolicies({ eviction, inPlace }) : [];
    const asksAlone = props.asks === RestartQuestions.INJECTOR_ALONE;
    throwProblems(this, [
      ...[name, ...new Set([...places, ...watched]), ...injectors.map((one) => one.name)].flatMap(objectNameProblem),
      ...Object.values(watch?.lease ?? {}).flatMap(objectNameProblem),
      ...(props.admissionPolicy ? bound.flatMap(heldSubjectProblem) : []),
      ...(subjects.length > 0
        ? []
        : [
            "subjects is empty: name at least one subject, such as ServiceAccount.fromServiceAccountName(this, 'ci', 'ci')",
          ]),
      ...(asksAlone && injectorServices.length === 0
        ? ['injectorServices is empty, but asks is RestartQuestions.INJECTOR_ALONE: name the Services of the injectors']
        : []),
    ]);
    this.clusterRole = new ApiObject(this, 'cluster-role', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        ...(asksAlone ? RULES_WITHOUT_PODS : RESTART_RULES),
        ...(inPlace ? [IN_PLACE_RULE] : []),
        ...(eviction ? EVICTION_RULES : []),
        ...(uninstall ? [UNINSTALL_RULE] : []),
        ...(watch ? WATCH_RULES : []),
      ],
    });
    this.clusterRoleBinding = new ApiObject(this, 'cluster-role-binding', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: bound,
    });
    const granted = [...new Set([...injectors.map(({ namespace }) => namespace), ...watched])].map((namespace) => {
      const rules = [
        ...injectorRules(injectors.filter((one) => one.namespace === namespace)),
        ...(watched.has(namespace) ? WATCH_RULES_IN_NAMESPACE : []),
      ];
      return this.grant(`role-${namespace}`, { name, namespace }, rules, bound);
    });
    this.roles = granted.map(([role]) => role);
    this.roleBindings = granted.map(([, binding]) => binding);
    if (watch?.lease) {
      const { namespace, name: lease } = watch.lease;
      const metadata = { name: `${name}-lease`, namespace };
      [this.leaseRole, this.leaseRoleBinding] = this.grant('lease-role', metadata, leaseRules(lease), bound);
    }
    withoutNamespace(this.clusterRole);
    withoutNamespace(this.clusterRoleBinding);
    this.clusterRoleBinding.addDependency(this.clusterRole);
    this.admissionPolicies = policies.map((policy) => this.policy(name, policy, isBySubject(bound)));
    this.admissionPolicyBindings = this.admissionPolicies.map((policy) => this.bindingOf(policy));
    // The policies must be in force before the permissions are granted.
    this.clusterRoleBinding.addDependency(...this.admissionPolicyBindings);
  }

  private grant(
    id: string,
    metadata: { readonly name: string; readonly namespace: string },
    rules: readonly Rule[],
    subjects: readonly object[],
  ): readonly [ApiObject, ApiObject] {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const role = new ApiObject(this, id, { apiVersion, kind: 'Role', metadata, rules });
    const binding = new ApiObject(this, `${id}-binding`, {
      ...{ apiVersion, kind: 'RoleBinding', metadata, subjects },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    });
    binding.addDependency(role);
    return [role, binding];
  }

  private policy(access: string, policy: AdmissionPolicy, isBySubjects: string): ApiObject {
    const { suffix, requests, variables = [], validations } = policy;
    const object = new ApiObject(this, `policy-${suffix}`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: `${access}-${suffix}` },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          resourceRules: requests.map(({ apiGroup, ...rule }) => ({
            apiGroups: [apiGroup],
            apiVersions: ['*'],
            ...rule,
          })),
        },
        matchConditions: [{ name: 'subjects', expression: isBySubjects }],
        variables,
        validations: validations.map(({ expression, allows }) => ({
          expression,
          message: `SidecarRestartAccess ${access} allows ${allows}`,
          reason: 'Forbidden',
        })),
      },
    });
    withoutNamespace(object);
    return object;
  }

  private bindingOf(policy: ApiObject): ApiObject {
    const object = new ApiObject(this, `${policy.node.id}-binding`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: policy.name },
      spec: { policyName: policy.name, validationActions: ['Deny'] },
    });
    withoutNamespace(object);
    object.addDependency(policy);
    return object;
  }
}
