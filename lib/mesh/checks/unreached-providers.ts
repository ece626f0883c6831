import { namespaceOfHost } from '../host-matching';
import type { Labels } from '../labels';
import { isForGateways } from '../security/client-identities';
import { knownPods } from './known-pods';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { knowsHost, namespaceSidecar, workloadOf, type RegistryHost } from './sidecar-scopes';
import { fieldsAt, listAt, textAt, textFields, textsAt } from './spec-fields';

/** A Sidecar, and a namespace to whose sidecars it applies. */
interface SidecarPlace {
  readonly sidecar: MeshObject;
  readonly namespace: string;
}

/** External authorizers that the Sidecar of a namespace hides from the sidecars that ask them. */
export function unreachedProviderProblems(mesh: Mesh): string[] {
  return unreachedAuthorizers(mesh, isOfNamespace);
}

/**
 * External authorizers that the Sidecar of the mesh hides, because a namespace may contain only gateways, to which the
 * Sidecar does not apply; and backends for spans and access logs that any Sidecar hides.
 */
export function unreachedProviderWarnings(mesh: Mesh): string[] {
  const telemetries = mesh.ofKind('Telemetry');
  const unreachedBackends = telemetries.flatMap((object) =>
    ['tracing', 'accessLogging'].flatMap((use) => {
      // The settings of a namespace take precedence over those of the mesh.
      const applies = ({ namespace }: SidecarPlace) =>
        !telemetries.some((one) => one !== object && one.namespace === namespace && one.spec[use] !== undefined);
      return [...new Set(providersOf(object, use))].flatMap((provider) => unreached(mesh, object, provider, applies));
    }),
  );
  return [...unreachedAuthorizers(mesh, (place) => !isOfNamespace(place)), ...unreachedBackends];
}

function isOfNamespace({ sidecar, namespace }: SidecarPlace): boolean {
  return sidecar.namespace === namespace;
}

function unreachedAuthorizers(mesh: Mesh, applies: (place: SidecarPlace) => boolean): string[] {
  return mesh
    .ofKind('AuthorizationPolicy')
    .filter(({ spec }) => spec.action === 'CUSTOM')
    .flatMap((object) => {
      const provider = textAt(fieldsAt(object.spec, 'provider'), 'name');
      return provider === undefined ? [] : unreached(mesh, object, provider, applies);
    });
}

function providersOf({ spec }: MeshObject, use: string): readonly string[] {
  return listAt(spec, use)
    .filter(({ disabled, disableSpanReporting }) => disabled !== true && disableSpanReporting !== true)
    .flatMap((settings) => listAt(settings, 'providers').flatMap((provider) => textAt(provider, 'name') ?? []));
}

/** One sentence for each Sidecar that hides the provider of an object. */
function unreached(
  mesh: Mesh,
  object: MeshObject,
  provider: string,
  applies: (place: SidecarPlace) => boolean,
): string[] {
  if (mesh.ofKind('Sidecar').length === 0) return [];
  const host = hostOf(mesh, provider);
  if (!host || isRouted(mesh, host)) return [];
  const hiding = placesOf(mesh, object)
    .filter(applies)
    .filter(({ sidecar, namespace }) => !knowsHost(sidecar, namespace, host));
  return hiding
    .filter(({ sidecar }, index) => hiding.findIndex((one) => one.sidecar === sidecar) === index)
    .map(
      ({ sidecar, namespace }) =>
        `${titleOf(object)} uses provider '${provider}', but because of ${titleOf(sidecar)}, sidecars of namespace '${namespace}' do not know its host and cannot reach it: add '${host.namespace ?? '*'}/${host.name}' to egress.hosts of the Sidecar`,
    );
}

/** The host of a provider; undefined if the provider is unknown, or built into the proxies. */
function hostOf(mesh: Mesh, provider: string): RegistryHost | undefined {
  const known = mesh.controlPlanes.flatMap(({ extensionProviders = [] }) => extensionProviders);
  const found: MeshObject['spec'] = known.find(({ name }) => name === provider) ?? {};
  const type = Object.keys(found).find((key) => key !== 'name') ?? '';
  const { service, port } = fieldsAt(found, type);
  if (typeof service !== 'string' || typeof port !== 'number') return undefined;
  const [first = '', second] = service.split('/');
  const name = second ?? first;
  const namespace = second === undefined ? (namespaceOfHost(name) ?? namespaceOfEntry(mesh, name)) : first;
  return { name, namespace, port };
}

function namespaceOfEntry(mesh: Mesh, host: string): string | undefined {
  return mesh
    .ofKind('ServiceEntry')
    .find(({ namespace, spec }) => namespace !== '' && textsAt(spec, 'hosts').includes(host))?.namespace;
}

/** Whether a VirtualService names the host, because sidecars also know the destinations of their routes. */
function isRouted(mesh: Mesh, { name }: RegistryHost): boolean {
  return mesh.ofKind('VirtualService').some(({ spec }) => JSON.stringify(spec).includes(`"${name}"`));
}

/**
 * The Sidecars that certainly apply to workloads to which an object applies. Sidecars for only some of these workloads
 * do not count, because these workloads may get no requests. Gateways do not use Sidecars.
 */
function placesOf(mesh: Mesh, object: MeshObject): readonly SidecarPlace[] {
  if (isForGateways(object.spec)) return [];
  const labels = textFields(fieldsAt(fieldsAt(object.spec, 'selector'), 'matchLabels'));
  const isForMesh = object.namespace === mesh.rootNamespace;
  return sidecarPlaces(mesh).filter((place) => {
    const own = workloadOf(place.sidecar);
    return (
      (isForMesh || object.namespace === place.namespace) &&
      isWithin(own, labels) &&
      (isWithin(labels, own) || (!isForMesh && !hasRival(mesh, place, labels))) &&
      !areGateways(mesh, place.namespace, labels)
    );
  });
}

/** The Sidecars of the app with the namespaces to which they apply, except for the root namespace. */
function sidecarPlaces(mesh: Mesh): readonly SidecarPlace[] {
  const own = mesh
    .ofKind('Sidecar')
    .filter(({ namespace }) => namespace !== '' && namespace !== mesh.rootNamespace)
    .filter(({ namespace }) => mesh.namespaces.get(namespace)?.injected !== false)
    .map((sidecar) => ({ sidecar, namespace: sidecar.namespace }));
  const inherited = [...mesh.namespaces]
    .filter(([name, { injected }]) => injected === true && name !== mesh.rootNamespace)
    .flatMap(([namespace]) => {
      const sidecar = namespaceSidecar(mesh, namespace);
      return sidecar && sidecar.namespace !== namespace ? [{ sidecar, namespace }] : [];
    });
  return [...own, ...inherited];
}

/** Whether the app's workloads with these labels are gateways. */
function areGateways(mesh: Mesh, namespace: string, labels: Labels): boolean {
  const pods = knownPods(mesh).filter((one) => one.namespace === namespace && isWithin(labels, one.labels));
  return pods.length > 0
    ? pods.every((one) => one.awaitsImage || 'istio' in one.labels)
    : mesh.ofGatewayApi('Gateway').some((gateway) => gateway.namespace === namespace);
}

/** Whether another Sidecar for workloads can apply to some with these labels. */
function hasRival(mesh: Mesh, { sidecar, namespace }: SidecarPlace, labels: Labels): boolean {
  return mesh
    .ofKind('Sidecar')
    .filter((one) => one !== sidecar && one.namespace === namespace)
    .map(workloadOf)
    .filter((other) => Object.keys(other).length > 0)
    .some((other) => Object.entries(other).every(([key, value]) => (labels[key] ?? value) === value));
}

function isWithin(some: Readonly<Record<string, unknown>>, all: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(some).every(([key, value]) => all[key] === value);
}
