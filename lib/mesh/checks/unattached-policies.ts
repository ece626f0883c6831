import { GATEWAY_API } from '../gateway-api/gateway-api-group';
import { fullHost } from '../host-matching';
import { podsBehind, workloadTitle, type KnownPods } from './known-pods';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { serviceOf } from './routed-services';
import { listAt, textAt } from './spec-fields';
import { targetedPolicies } from './targeted-policies';

/** The label by which Istio finds the pods of a target. istiod sets it on the pods that it deploys. */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** A policy with a Gateway as its target that is served by pods that istiod does not deploy. */
interface Attachment {
  readonly policy: MeshObject;
  readonly gateway: MeshObject;

  /** The pods, as far as the app contains them. */
  readonly pods: readonly KnownPods[];
}

/** Policies whose target is a Gateway that is served by pods of the app without the label of this Gateway. */
export function unattachedPolicyProblems(mesh: Mesh): string[] {
  return attachments(mesh).flatMap(({ policy, gateway, pods }) => {
    const lacking = pods.filter(({ labels }) => labels[GATEWAY_NAME] !== gateway.name).map(workloadTitle);
    return lacking.length === 0
      ? []
      : [
          `${titleOf(policy)} does not apply to pods of ${lacking.join(' and ')}, which serve ${titleOf(gateway)} but lack the label '${GATEWAY_NAME}: ${gateway.name}': add this label to the pods, or set workload to their own labels instead of targets`,
        ];
  });
}

/** Policies whose target is a Gateway that is served by pods outside the app, which may lack the label. */
export function unattachedPolicyWarnings(mesh: Mesh): string[] {
  return attachments(mesh)
    .filter(({ pods }) => pods.length === 0)
    .map(
      ({ policy, gateway }) =>
        `${titleOf(policy)} has no effect on ${titleOf(gateway)} unless the existing pods that serve it have the label '${GATEWAY_NAME}: ${gateway.name}': add this label to the pods, or set workload to their own labels instead of targets`,
    );
}

const attachments = perMesh((mesh): readonly Attachment[] => {
  const gateways = new Map(
    mesh
      .ofGatewayApi('Gateway')
      .filter(isServedByExistingPods)
      .map((gateway) => [`${gateway.namespace}/${gateway.name}`, { gateway, pods: podsOf(mesh, gateway) }]),
  );
  if (gateways.size === 0) return [];
  return targetedPolicies(mesh)
    .filter(({ group, kind }) => group === GATEWAY_API && kind === 'Gateway')
    .flatMap(({ policy, name }) => {
      const served = gateways.get(`${policy.namespace}/${name}`);
      return served ? [{ policy, ...served }] : [];
    });
});

/**
 * Whether existing pods serve a Gateway. istiod deploys pods only for a Gateway without addresses, or with a single
 * address of type `IPAddress`.
 */
function isServedByExistingPods({ spec }: MeshObject): boolean {
  const addresses = listAt(spec, 'addresses');
  return addresses.length > 1 || addresses.some((address) => (textAt(address, 'type') ?? 'IPAddress') !== 'IPAddress');
}

function podsOf(mesh: Mesh, gateway: MeshObject): readonly KnownPods[] {
  return listAt(gateway.spec, 'addresses').flatMap((address) => {
    const service = serviceOf(mesh, fullHost(textAt(address, 'value') ?? '', gateway.namespace));
    return service ? (podsBehind(mesh, service) ?? []) : [];
  });
}
