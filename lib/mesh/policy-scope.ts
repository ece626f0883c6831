import { JsonPatch, type ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { namespaceName, type NamespaceReference } from './namespaces/namespace-reference';
import { MeshOrder } from './mesh-order';
import { labelNameProblem } from './object-name';
import { listLimitProblem } from './size-limit';
import { objectReferenceProblem } from './traffic/object-reference';
import { canMatchBoth, hasLabels, labelProblems, showLabels } from './labels';
import { recordRootByDefault } from './root-by-default';

/** The workloads to which a policy applies. */
export interface PolicyScope {
  /**
   * The namespace of the workloads, as the construct or by name. The root namespace means the whole mesh.
   *
   * @default - the whole mesh
   */
  readonly namespace?: NamespaceReference;

  /**
   * Labels of the workloads.
   *
   * @default - every workload of the namespace, or of the mesh
   */
  readonly workload?: Readonly<Record<string, string>>;

  /**
   * The root namespace of the mesh, which contains the objects that apply to the whole mesh.
   *
   * @default - the root namespace of the app's IstioModule or ExistingIstio
   */
  readonly rootNamespace?: string;
}

/**
 * An object in the policy's namespace to which the policy applies: a gateway of the Gateway API, or a host behind a
 * waypoint. Sidecars ignore policies with targets. The only GatewayClass with an effect is `istio-waypoint`, in a
 * policy in the root namespace, which then applies to all waypoints.
 */
export interface PolicyTarget {
  readonly kind: 'Gateway' | 'GatewayClass' | 'Service' | 'ServiceEntry';

  /** Name of the object. */
  readonly name: string;
}

/** The workloads, or other objects, to which a policy applies. */
export interface TargetedPolicyScope extends PolicyScope {
  /**
   * The objects to which the policy applies, instead of workloads, 1 to 16. If existing pods serve a Gateway (the prop
   * `service` of {@link KubernetesGateway}), the policy only applies to pods with the label
   * `gateway.networking.k8s.io/gateway-name` and the name of the Gateway as its value.
   *
   * @default - none; the policy applies to workloads
   */
  readonly targets?: readonly PolicyTarget[];
}

const TARGET_GROUPS: Readonly<Record<PolicyTarget['kind'], string>> = {
  Gateway: 'gateway.networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
  Service: '',
  ServiceEntry: 'networking.istio.io',
};

/** The metadata of an object with this scope, without a namespace while the root namespace is unknown. */
export function scopedMetadata(name: string, { namespace, rootNamespace }: PolicyScope) {
  const place = namespace === undefined ? rootNamespace : namespaceName(namespace);
  return { name, ...(place === undefined ? {} : { namespace: place }) };
}

/** The part of a specification that selects the workloads. */
export function renderSelector({ workload, targets }: TargetedPolicyScope): Readonly<Record<string, unknown>> {
  return {
    ...(workload ? { selector: { matchLabels: workload } } : {}),
    ...(targets ? { targetRefs: targets.map(({ kind, name }) => ({ group: TARGET_GROUPS[kind], kind, name })) } : {}),
  };
}

/**
 * Puts the objects of a construct that applies to the whole mesh into the root namespace. If neither the scope nor the
 * app sets it, synthesis fails. Returns a function that returns the namespace of the objects once it is known.
 */
export function intoRootNamespace(
  construct: Construct,
  scope: PolicyScope,
  ...objects: readonly ApiObject[]
): () => string | undefined {
  const given = place(scope) ?? scope.rootNamespace;
  if (given !== undefined) return () => given;
  let found: string | undefined;
  MeshOrder.of(construct).withRootNamespace(construct, (rootNamespace) => {
    found = rootNamespace;
    for (const object of objects) {
      object.addJsonPatch(JsonPatch.add('/metadata/namespace', rootNamespace));
      recordRootByDefault(object);
    }
  });
  construct.node.addValidation({
    validate: () =>
      found === undefined
        ? [
            'applies to the whole mesh, but the app has no IstioModule or ExistingIstio that sets its root namespace: set the prop rootNamespace',
          ]
        : [],
  });
  return () => found;
}

/** The problems with the namespaces of a scope, one sentence each. */
function placeProblems({ namespace, rootNamespace }: Omit<PolicyScope, 'workload'>): string[] {
  const found: string[] = [];
  if (namespace !== undefined) found.push(...labelNameProblem('namespace', namespaceName(namespace)));
  if (rootNamespace !== undefined) found.push(...labelNameProblem('rootNamespace', rootNamespace));
  if (namespace !== undefined && rootNamespace !== undefined) {
    found.push(`rootNamespace '${rootNamespace}' is for the whole mesh, but namespace is set: leave out one of them`);
  }
  return found;
}

const MAX_TARGETS = 16;

/** The problems with a scope, one sentence each. */
export function scopeProblems({ workload, targets, ...place }: TargetedPolicyScope): string[] {
  const found = [
    ...placeProblems(place),
    ...listLimitProblem('targets', targets, MAX_TARGETS, ', and put the others into another policy'),
    ...(targets ?? []).flatMap(({ kind, name }) => [
      ...(kind in TARGET_GROUPS
        ? []
        : [
            `targets: kind '${kind as string}' is not supported: write one of ${Object.keys(TARGET_GROUPS).join(', ')}`,
          ]),
      ...objectReferenceProblem('targets:', name),
      ...(kind === 'GatewayClass' && name !== 'istio-waypoint'
        ? [
            `targets: GatewayClass '${name}' has no effect, because Istio only attaches policies to the class of waypoints: write 'istio-waypoint', or name a Gateway`,
          ]
        : []),
    ]),
  ];
  if (targets?.length === 0) found.push('targets is empty: name at least one, or leave it out');
  if (targets && workload) found.push('targets and workload are mutually exclusive: leave out one of them');
  if (workload && Object.keys(workload).length === 0) {
    found.push('workload {} has no labels: name at least one, or leave the prop out to select every workload');
  }
  return [...found, ...labelProblems('workload', workload ?? {})];
}

/** The problems with a scope of a kind that selects workloads of one namespace only, one sentence each. */
export function namespacedScopeProblems(scope: PolicyScope): string[] {
  const { namespace, workload } = scope;
  const homeless = namespace === undefined && workload !== undefined && Object.keys(workload).length > 0;
  return [
    ...scopeProblems(scope),
    ...(homeless
      ? [`workload ${showLabels(workload)} needs a namespace: set the prop namespace to that of the workload`]
      : []),
  ];
}

/**
 * The scope of a policy as Istio applies it. In the root namespace, a policy without targets is for the mesh, and one
 * with targets is for its targets only.
 */
export function effectiveScope(scope: TargetedPolicyScope, rootNamespace: string | undefined): TargetedPolicyScope {
  if (scope.targets) return { ...scope, namespace: place(scope) ?? scope.rootNamespace ?? rootNamespace };
  const isWhole = rootNamespace !== undefined && place(scope) === rootNamespace;
  return isWhole ? { workload: scope.workload } : scope;
}

/**
 * Whether an effective scope includes every workload of another one. A scope with targets includes only its targets,
 * and one without targets includes no waypoints.
 */
export function covers(scope: TargetedPolicyScope, other: TargetedPolicyScope): boolean {
  const isWhole = scope.namespace === undefined && scope.targets === undefined;
  return (
    coversTargets(scope.targets, other.targets) &&
    (isWhole || place(scope) === place(other)) &&
    hasLabels(other.workload ?? {}, scope.workload ?? {})
  );
}

function coversTargets(targets: readonly PolicyTarget[] = [], others: readonly PolicyTarget[] = []): boolean {
  const isCovered = ({ kind, name }: PolicyTarget) =>
    targets.some((target) => target.kind === kind && target.name === name);
  return targets.length === 0
    ? others.every(({ kind }) => kind === 'Gateway')
    : others.length > 0 && others.every(isCovered);
}

/** Whether two effective scopes can have workloads in common. */
export function overlaps(one: TargetedPolicyScope, other: TargetedPolicyScope): boolean {
  const apart = ![one, other].some(isForAllNamespaces) && place(one) !== place(other);
  return !apart && canMatchBoth(one.workload ?? {}, other.workload ?? {});
}

/** Whether a scope is for the whole mesh, or for a GatewayClass, whose waypoints may be in any namespace. */
function isForAllNamespaces({ namespace, targets = [] }: TargetedPolicyScope): boolean {
  return namespace === undefined || targets.some(({ kind }) => kind === 'GatewayClass');
}

/** A description of a scope for messages. */
export function describeScope({ namespace, workload }: PolicyScope): string {
  const where = namespace === undefined ? 'the mesh' : `namespace '${namespaceName(namespace)}'`;
  return workload && Object.keys(workload).length > 0 ? `workload ${showLabels(workload)} of ${where}` : where;
}

const place = ({ namespace }: PolicyScope): string | undefined =>
  namespace === undefined ? undefined : namespaceName(namespace);
