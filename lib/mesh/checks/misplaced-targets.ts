import { GATEWAY_API } from '../gateway-api/gateway-api-group';
import { groupBy } from '../../group-by';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { isInRootByDefault } from '../root-by-default';
import { textAt } from './spec-fields';
import { targetedPolicies, type TargetedPolicy } from './targeted-policies';

/** A policy whose target is a Gateway that the app only has in other namespaces. */
interface StrayPolicy {
  readonly policy: MeshObject;

  /** The policy and its target, for messages. */
  readonly sentence: string;

  /** The namespaces in which the app has the Gateway, for messages. */
  readonly places: string;
}

/**
 * Policies that are outside the root namespace although their target is a GatewayClass; and policies that are in the
 * root namespace only because their construct names no namespace, although the app only has their target Gateway in
 * other namespaces.
 */
export function misplacedTargetProblems(mesh: Mesh): string[] {
  const { rootNamespace } = mesh;
  if (rootNamespace === undefined) return [];
  const ofClass = targetedPolicies(mesh).filter(
    ({ policy, group, kind }) =>
      group === GATEWAY_API && kind === 'GatewayClass' && !['', rootNamespace].includes(policy.namespace),
  );
  return [
    ...ofClass.map(
      ({ policy, name }) =>
        `${titleOf(policy)} has GatewayClass '${name}' as its target, which only has an effect in the root namespace '${rootNamespace}': put the policy into that namespace, or name Gateways of its own namespace`,
    ),
    ...strayPolicies(mesh)
      .filter(({ policy }) => isInRootByDefault(policy.object))
      .map(
        ({ sentence, places }) =>
          `${sentence}: set the prop namespace to '${places}', or to that of the intended Gateway`,
      ),
  ];
}

/**
 * Policies that may be mistakes: those whose construct names a namespace, although the app only has their target
 * Gateway in other namespaces (another app may have it in this one); and those for a Service or ServiceEntry, which
 * only waypoints enforce, in a namespace whose pods have sidecars.
 */
export function misplacedTargetWarnings(mesh: Mesh): string[] {
  return [
    ...strayPolicies(mesh)
      .filter(({ policy }) => !isInRootByDefault(policy.object))
      .map(
        ({ sentence, places }) =>
          `${sentence}: put the policy into namespace '${places}', if the Gateway there is the intended one`,
      ),
    ...targetedPolicies(mesh).flatMap((targeted) => waypointWarning(mesh, targeted)),
  ];
}

const strayPolicies = perMesh((mesh): readonly StrayPolicy[] => {
  const gateways = groupBy(mesh.ofGatewayApi('Gateway'), ({ name }) => name);
  if (gateways.size === 0) return [];
  return targetedPolicies(mesh)
    .filter(({ policy, group, kind }) => group === GATEWAY_API && kind === 'Gateway' && policy.namespace !== '')
    .flatMap(({ policy, name }) => {
      const known = gateways.get(name) ?? [];
      if (known.length === 0 || known.some(({ namespace }) => ['', policy.namespace].includes(namespace))) return [];
      const sentence = `${titleOf(policy)} has Gateway '${policy.namespace}/${name}' as its target, which is not in the app, but the app has ${known.map(titleOf).join(' or ')}, and a policy only applies to targets of its own namespace`;
      return [{ policy, sentence, places: known.map(({ namespace }) => namespace).join("' or '") }];
    });
});

function waypointWarning(mesh: Mesh, { policy, kind, name }: TargetedPolicy): string[] {
  const member = mesh.namespaces.get(policy.namespace);
  if (!['Service', 'ServiceEntry'].includes(kind) || member?.injected !== true || hasWaypoints(mesh, policy)) return [];
  return [
    `${titleOf(policy)} has ${kind} '${name}' as its target, which only has an effect at a waypoint, but namespace '${policy.namespace}' (${member.object.node.path}) has injection enabled, and sidecars ignore the policy: set workload to the labels of the pods instead of targets, unless a waypoint serves the target`,
  ];
}

/** Whether the app has waypoints, or says that one serves the namespace of a policy. */
function hasWaypoints(mesh: Mesh, { namespace }: MeshObject): boolean {
  return (
    mesh.namespaces.get(namespace)?.object.metadata.getLabel('istio.io/use-waypoint') !== undefined ||
    containsWaypoints(mesh)
  );
}

const containsWaypoints = perMesh((mesh) =>
  mesh.ofGatewayApi('Gateway').some(({ spec }) => textAt(spec, 'gatewayClassName') === 'istio-waypoint'),
);
