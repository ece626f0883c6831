/** The requests that a subject may send for one feature of a restart, where RBAC alone would permit more. */
export interface AdmissionPolicy {
  /** Suffix of its name, after the name of the SidecarRestartAccess. */
  readonly suffix: string;
  /** The requests to which the policy applies. */
  readonly requests: readonly {
    readonly apiGroup: string;
    readonly resources: readonly string[];
    readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  }[];
  /** CEL that the validations share. */
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  /** CEL expressions that must be true. `allows` describes what they allow; in the message, it follows "allows". */
  readonly validations: readonly { readonly expression: string; readonly allows: string }[];
}

const DRY_RUNS: AdmissionPolicy = {
  suffix: 'dry-runs',
  requests: [{ apiGroup: '', resources: ['pods'], operations: ['CREATE'] }],
  validations: [
    {
      expression: 'has(request.dryRun) && request.dryRun',
      allows: 'pods to be created as a dry run only (dryRun=All)',
    },
  ],
};

/** Fields that the API server itself changes with each update. */
const OF_THE_SERVER = ['generation', 'managedFields', 'resourceVersion'];
/** An annotation that the API server sets when the template of a DaemonSet changes, whatever the request contains. */
const DAEMON_SET_GENERATION = 'deprecated.daemonset.template.generation';
const MARK = 'istio-module/restarted-for';
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
const IS_DAEMON_SET = "request.kind.kind == 'DaemonSet'";
const IS_ROLLOUT = "request.kind.kind == 'Rollout'";

/**
 * All fields are compared, even those that the API server's types do not have yet, because dyn() converts objects to
 * maps.
 */
const BOTH = [
  { name: 'now', expression: 'dyn(object)' },
  { name: 'old', expression: 'dyn(oldObject)' },
];
const BOTH_ANNOTATIONS = [
  { name: 'annotations', expression: annotationsOf('variables.now') },
  { name: 'oldAnnotations', expression: annotationsOf('variables.old') },
];

const RESTARTS: AdmissionPolicy = {
  suffix: 'restarts',
  requests: [
    { apiGroup: 'apps', resources: ['deployments', 'statefulsets', 'daemonsets'], operations: ['UPDATE'] },
    { apiGroup: 'argoproj.io', resources: ['rollouts'], operations: ['UPDATE'] },
  ],
  variables: [
    ...BOTH,
    ...BOTH_ANNOTATIONS,
    { name: 'ownAnnotations', expression: `['${MARK}'] + (${IS_DAEMON_SET} ? ['${DAEMON_SET_GENERATION}'] : [])` },
    { name: 'ownFields', expression: `${IS_ROLLOUT} ? ['restartAt'] : ['template']` },
    { name: 'templateAnnotations', expression: annotationsOf('variables.now.spec.template') },
    { name: 'oldTemplateAnnotations', expression: annotationsOf('variables.old.spec.template') },
  ],
  validations: [
    {
      expression: [
        same('variables.now', 'variables.old', list('apiVersion', 'kind', 'metadata', 'spec')),
        sameMetadataBut('variables.ownAnnotations'),
      ].join(' && '),
      allows: `only the annotation ${MARK} to change in the metadata of a workload`,
    },
    {
      expression: same('variables.now.spec', 'variables.old.spec', 'variables.ownFields'),
      allows: `only the pod template's annotation ${RESTARTED_AT}, and restartAt of a Rollout, to change in the spec of a workload`,
    },
    {
      expression: `${IS_ROLLOUT} || (${[
        same('variables.now.spec.template', 'variables.old.spec.template', list('metadata')),
        same('variables.now.spec.template.metadata', 'variables.old.spec.template.metadata', list('annotations')),
        same('variables.templateAnnotations', 'variables.oldTemplateAnnotations', list(RESTARTED_AT)),
      ].join(' && ')})`,
      allows: `only the annotation ${RESTARTED_AT} to change in the pod template of a workload`,
    },
  ],
};

const TRANSITION = 'istio-module-transition';
const TRANSITION_LABEL = 'istio-module/transition';

const TRANSITIONS: AdmissionPolicy = {
  suffix: 'transitions',
  requests: [{ apiGroup: 'security.istio.io', resources: ['peerauthentications'], operations: ['CREATE', 'DELETE'] }],
  variables: [{ name: 'policy', expression: "dyn(request.operation == 'DELETE' ? oldObject : object)" }],
  validations: [
    {
      expression: [
        `variables.policy.metadata.name == '${TRANSITION}'`,
        'has(variables.policy.metadata.labels)',
        `'${TRANSITION_LABEL}' in variables.policy.metadata.labels`,
        `variables.policy.metadata.labels['${TRANSITION_LABEL}'] == 'mutual-tls'`,
        "(request.operation == 'DELETE' || variables.policy.spec == {'mtls': {'mode': 'PERMISSIVE'}})",
      ].join(' && '),
      allows: `only the PeerAuthentication ${TRANSITION} with the label ${TRANSITION_LABEL}=mutual-tls to be created, with mode PERMISSIVE for the namespace, and to be deleted`,
    },
  ],
};

const EVICTIONS: AdmissionPolicy = {
  suffix: 'evictions',
  requests: [
    { apiGroup: 'apps', resources: ['replicasets'], operations: ['UPDATE'] },
    { apiGroup: '', resources: ['replicationcontrollers'], operations: ['UPDATE'] },
  ],
  variables: [...BOTH, ...BOTH_ANNOTATIONS],
  validations: [
    {
      expression: [
        same('variables.now', 'variables.old', list('apiVersion', 'kind', 'metadata')),
        sameMetadataBut(list(MARK)),
      ].join(' && '),
      allows: `only the annotation ${MARK} of a ReplicaSet or ReplicationController to change`,
    },
  ],
};

const STATUS = 'sidecar.istio.io/status';

const IN_PLACE: AdmissionPolicy = {
  suffix: 'in-place',
  requests: [{ apiGroup: '', resources: ['pods', 'pods/resize'], operations: ['UPDATE'] }],
  variables: [
    ...BOTH,
    { name: 'containers', expression: initContainersOf('variables.now') },
    { name: 'oldContainers', expression: initContainersOf('variables.old') },
    // This annotation names what istiod added to the pod.
    {
      name: 'injected',
      expression: `has(variables.old.metadata.annotations) && '${STATUS}' in variables.old.metadata.annotations ? variables.old.metadata.annotations['${STATUS}'] : ''`,
    },
  ],
  validations: [
    {
      expression: [
        same('variables.now', 'variables.old', list('apiVersion', 'kind', 'metadata', 'spec', 'status')),
        same('variables.now.metadata', 'variables.old.metadata', list(...OF_THE_SERVER)),
        same('variables.now.spec', 'variables.old.spec', list('initContainers')),
      ].join(' && '),
      allows: 'only the native sidecars of a pod to change',
    },
    {
      expression: [
        'variables.containers.map(one, one.name) == variables.oldContainers.map(one, one.name)',
        `variables.containers.all(one, variables.oldContainers.exists(before, before.name == one.name && (before == one || (${[
          "has(before.restartPolicy) && before.restartPolicy == 'Always'",
          "variables.injected.contains('\"' + one.name + '\"')",
          same('one', 'before', list('image', 'resources')),
        ].join(' && ')}))))`,
      ].join(' && '),
      allows: 'changes to init containers only in the image and resources of native sidecars that Istio has injected',
    },
  ],
};

/** The admission policies for the granted permissions of a SidecarRestartAccess, one per feature. */
export function admissionPolicies(granted: {
  readonly eviction: boolean;
  readonly inPlace: boolean;
}): readonly AdmissionPolicy[] {
  return [
    ...[DRY_RUNS, RESTARTS, TRANSITIONS],
    ...(granted.eviction ? [EVICTIONS] : []),
    ...(granted.inPlace ? [IN_PLACE] : []),
  ];
}

function initContainersOf(pod: string): string {
  return `has(${pod}.spec.initContainers) ? ${pod}.spec.initContainers : []`;
}

function annotationsOf(object: string): string {
  return `has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {}`;
}

/** CEL: whether only these annotations have changed in the metadata. Uses {@link BOTH} and {@link BOTH_ANNOTATIONS}. */
function sameMetadataBut(annotations: string): string {
  return [
    same('variables.now.metadata', 'variables.old.metadata', list('annotations', ...OF_THE_SERVER)),
    same('variables.annotations', 'variables.oldAnnotations', annotations),
  ].join(' && ');
}

/** CEL: whether two maps are equal in all keys that are not in the list. */
function same(now: string, old: string, but: string): string {
  return [
    `${now}.all(key, key in ${but} || (key in ${old} && ${now}[key] == ${old}[key]))`,
    `${old}.all(key, key in ${but} || key in ${now})`,
  ].join(' && ');
}

function list(...texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}]`;
}
