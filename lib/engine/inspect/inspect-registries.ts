import { allContainers } from '../cluster/all-containers';
import { RETIREMENT, retiredRegistry } from '../../retired-registries';
import { MANAGED_GATEWAY } from '../plan/template-sidecar';
import type { Workload } from '../snapshot/snapshot';
import type { Observation } from './finding';
import { discoveryImage } from './mesh-state';
import type { MeshView } from './mesh-view';
import { restartCommand } from './restart-command';

const CHANGE_TEMPLATE = "change the images of Istio's containers in its pod template";
const CHANGE_HUB = 'set hub to docker.io/istio, or to a mirror of your own, and upgrade Istio';

/** Images from a retired registry: of control planes, proxies, and other workloads such as the CNI node agent. */
export function registryObservations({ state, workloads }: MeshView): readonly Observation[] {
  const controlPlanes = state.istiods.map(({ revision, deployment }) => {
    const { namespace = '', name } = deployment.metadata;
    const running = state.istiodPods.filter((pod) => pod.namespace === namespace && pod.revision === revision);
    const template = discoveryImage(deployment.spec.template?.spec.containers ?? []);
    const registry = firstRetired([template, ...running.map(({ image }) => image)]);
    return { revision, registry, object: { kind: 'Deployment', namespace, name } };
  });
  const isControlPlane = ({ kind, namespace, name }: Workload) =>
    controlPlanes.some(({ object }) => object.kind === kind && object.namespace === namespace && object.name === name);
  const isRetired = (revision: string) =>
    controlPlanes.some((one) => one.registry !== undefined && (one.revision === revision || revision === ''));
  return [
    ...controlPlanes.flatMap(({ registry, object }) => observed(registry, 'an istiod image', object, CHANGE_HUB)),
    ...workloads
      .filter((workload) => !isControlPlane(workload))
      .flatMap((workload) => [...ofProxies(workload, isRetired), ...ofTemplate(workload)].slice(0, 1)),
  ];
}

function ofProxies(workload: Workload, isRetired: (revision: string) => boolean): Observation[] {
  const proxies = workload.pods.flatMap(({ sidecar, hasCustomImage }) => {
    const images = Object.values(sidecar?.containers ?? {}).map(({ fields }) => fields.image);
    const registry = firstRetired(images);
    return sidecar && registry !== undefined ? [{ registry, revision: sidecar.revision, hasCustomImage }] : [];
  });
  const [first] = proxies;
  if (!first) {
    return [];
  }
  const ofTheTemplate = firstRetired(proxyImages(workload));
  if (ofTheTemplate !== undefined) {
    return observed(ofTheTemplate, 'an image of istio-proxy in its pod template', workload, CHANGE_TEMPLATE);
  }
  const some = `${String(proxies.length)} ${proxies.length === 1 ? 'proxy' : 'proxies'}`;
  const restart = restartCommand(workload) || 'restart it';
  const remedy = proxies.some(({ hasCustomImage }) => hasCustomImage)
    ? 'change or remove its annotation sidecar.istio.io/proxyImage, and restart it'
    : proxies.some(({ revision }) => isRetired(revision))
      ? `${CHANGE_HUB}, then: ${restart}`
      : restart;
  return observed(first.registry, some, workload, remedy);
}

/**
 * The images of istio-proxy in the template, which the injector keeps; none for a template that istiod writes and
 * updates.
 */
function proxyImages({ template: { metadata, spec } }: Workload): readonly unknown[] {
  return metadata?.labels?.[MANAGED_GATEWAY] === undefined
    ? allContainers(spec).flatMap(({ name, image }) => (name === 'istio-proxy' ? [image] : []))
    : [];
}

/** Images in the workload's own template, which no injector sets. */
function ofTemplate(workload: Workload): Observation[] {
  const registry = firstRetired(allContainers(workload.template.spec).map(({ image }) => image));
  const remedy = `if Istio's charts create it, ${CHANGE_HUB}; otherwise change its image`;
  return observed(registry, 'an image', workload, remedy);
}

function observed(
  registry: string | undefined,
  what: string,
  { kind, namespace, name }: Observation['object'],
  remedy: string,
): Observation[] {
  const message = `${kind} ${namespace}/${name} has ${what} from the registry ${registry ?? ''}, ${RETIREMENT}`;
  return registry === undefined
    ? []
    : [{ code: 'RetiredRegistry', object: { kind, namespace, name }, message, remedy }];
}

function firstRetired(images: readonly unknown[]): string | undefined {
  return images.map((image) => (typeof image === 'string' ? retiredRegistry(image) : undefined)).find(Boolean);
}
