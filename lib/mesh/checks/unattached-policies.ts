import { GATEWAY_API } from '../gateway-api/gateway-api-group';
import { fullHost, namespaceOfHost } from '../host-matching';
import { podsWith, type KnownPods } from './known-pods';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { servicesOf } from './routed-services';
import { fieldsAt, listAt, textAt } from './spec-fields';
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
  return attachments(mesh)
    .filter(({ gateway, pods }) => pods.some(({ labels }) => labels[GATEWAY_NAME] !== gateway.name))
    .map(
      ({ policy, gateway }) =>
        `${titleOf(policy)} has no effect on ${titleOf(gateway)}, because the existing pods that serve it lack the label '${GATEWAY_NAME}: ${gateway.name}': add this label to the pods, or set workload to their own labels instead of targets`,
    );
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

function attachments(mesh: Mesh): readonly Attachment[] {
  const gateways = new Map(
    mesh
      .ofGatewayApi('Gateway')
      .filter(isServedByExistingPods)
      .map((gateway) => [`${gateway.namespace}/${gateway.name}`, gateway]),
  );
  if (gateways.size === 0) return [];
  return targetedPolicies(mesh)
    .filter(({ group, kind }) => group === GATEWAY_API && kind === 'Gateway')
    .flatMap(({ policy, name }) => {
      const gateway = gateways.get(`${policy.namespace}/${name}`);
      return gateway ? [{ policy, gateway, pods: podsOf(mesh, gateway) }] : [];
    });
}

/** istiod deploys the pods of a Gateway without addresses, or with one that is not a Service. */
function isServedByExistingPods({ spec }: MeshObject): boolean {
  const addresses = listAt(spec, 'addresses');
  return addresses.length > 1 || addresses.some((address) => (textAt(address, 'type') ?? 'IPAddress') !== 'IPAddress');
}

function podsOf(mesh: Mesh, gateway: MeshObject): readonly KnownPods[] {
  const services = servicesOf(mesh);
  return listAt(gateway.spec, 'addresses').flatMap((address) => {
    const host = fullHost(textAt(address, 'value') ?? '', gateway.namespace);
    const [name = ''] = host.split('.');
    const namespace = namespaceOfHost(host);
    const service = namespace === undefined ? undefined : services.get(`${namespace}/${name}`);
    const { spec = {} } = (service?.toJson() ?? {}) as { readonly spec?: MeshObject['spec'] };
    return podsWith(mesh, fieldsAt(spec, 'selector')).filter((pods) => pods.namespace === namespace);
  });
}
