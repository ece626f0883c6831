import { namespaceOfHost } from '../host-matching';
import { canMatchBoth, hasLabels, type Labels } from '../labels';
import { isForGateways } from '../security/client-identities';
import { groupBy } from '../../group-by';
import { podsIn } from './known-pods';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { destinationsOf } from './routed-destinations';
import { serviceEntriesFor } from './service-entries';
import { knowsHost, namespaceSidecar, workloadOf, type RegistryHost } from './sidecar-scopes';
import { fieldsAt, listAt, textAt, textFields, textsAt } from './spec-fields';

/** A Sidecar, and a namespace to whose sidecars it applies. */
interface SidecarPlace {
  readonly sidecar: MeshObject;
  readonly namespace: string;
}

/** A provider that an object names, and that a Sidecar hides from the sidecars that use it. */
interface HiddenProvider extends SidecarPlace {
  readonly object: MeshObject;
  readonly sentence: string;
}

/** External authorizers that the Sidecar of a namespace hides from the sidecars whose policies ask them. */
export function unreachedProviderProblems(mesh: Mesh): string[] {
  return hiddenAuthorizers(mesh)
    .filter(isOfNamespace)
    .map(({ sentence }) => sentence);
}

/**
 * Hidden providers that may cause no failure: external authorizers that the Sidecar of the mesh hides, because a
 * namespace may contain only gateways, which do not use it; external authorizers of policies for the mesh, because a
 * namespace may get no requests that need them; and backends for spans and access logs.
 */
export function unreachedProviderWarnings(mesh: Mesh): string[] {
  const hidden = [
    ...hiddenAuthorizers(mesh).filter((one) => !isOfNamespace(one)),
    ...hiddenBackends(mesh, 'tracing'),
    ...hiddenBackends(mesh, 'accessLogging'),
  ];
  return hidden.map(({ sentence }) => sentence);
}

/** Whether the Sidecar and the policy are both of the namespace. */
function isOfNamespace({ object, sidecar, namespace }: HiddenProvider): boolean {
  return sidecar.namespace === namespace && object.namespace === namespace;
}

const hiddenAuthorizers = perMesh((mesh): readonly HiddenProvider[] =>
  mesh
    .ofKind('AuthorizationPolicy')
    .filter(({ spec }) => spec.action === 'CUSTOM')
    .flatMap((object) => {
      const provider = textAt(fieldsAt(object.spec, 'provider'), 'name');
      return provider === undefined ? [] : hiddenFrom(mesh, object, provider);
    }),
);

function hiddenBackends(mesh: Mesh, use: string): readonly HiddenProvider[] {
  const telemetries = mesh.ofKind('Telemetry');
  const given = telemetries.filter(({ spec }) => spec[use] !== undefined);
  const settings = groupBy(given, ({ namespace }) => namespace);
  return telemetries.flatMap((object) => {
    // The settings of a namespace take precedence over those of the mesh.
    const applies = ({ namespace }: SidecarPlace) => (settings.get(namespace) ?? []).every((one) => one === object);
    return [...new Set(providersOf(object, use))].flatMap((provider) => hiddenFrom(mesh, object, provider, applies));
  });
}

function providersOf({ spec }: MeshObject, use: string): readonly string[] {
  return listAt(spec, use)
    .filter(({ disabled, disableSpanReporting }) => disabled !== true && disableSpanReporting !== true)
    .flatMap((settings) => listAt(settings, 'providers').flatMap((provider) => textAt(provider, 'name') ?? []));
}

/** Each Sidecar that hides a provider of an object, with one of the namespaces in which it does. */
function hiddenFrom(
  mesh: Mesh,
  object: MeshObject,
  provider: string,
  applies: (place: SidecarPlace) => boolean = () => true,
): readonly HiddenProvider[] {
  if (mesh.ofKind('Sidecar').length === 0) return [];
  const host = hostOf(mesh, provider);
  // Sidecars also know the destinations of their routes.
  if (!host || routedHosts(mesh).has(host.name)) return [];
  const seen = new Set<MeshObject>();
  return placesOf(mesh, object)
    .filter(applies)
    .filter(({ sidecar, namespace }) => !knowsHost(sidecar, namespace, host))
    .filter(({ sidecar }) => !seen.has(sidecar) && seen.add(sidecar))
    .map(({ sidecar, namespace }) => ({
      object,
      sidecar,
      namespace,
      sentence: `${titleOf(object)} uses provider '${provider}', but because of ${titleOf(sidecar)}, sidecars of namespace '${namespace}' do not know its host and cannot reach it: add '${host.namespace ?? '*'}/${host.name}' to egress.hosts of the Sidecar`,
    }));
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
  return serviceEntriesFor(mesh, host).find(({ namespace }) => namespace !== '')?.namespace;
}

/** The hosts of VirtualServices and of their destinations. */
const routedHosts = perMesh(
  (mesh): ReadonlySet<string> =>
    new Set(
      mesh
        .ofKind('VirtualService')
        .flatMap((route) => [...textsAt(route.spec, 'hosts'), ...destinationsOf(route).map(({ host }) => host)]),
    ),
);

/**
 * The Sidecars that certainly apply to workloads to which an object applies. Sidecars for only some of these workloads
 * do not count, because those may get no requests. Gateways do not use Sidecars.
 */
function placesOf(mesh: Mesh, object: MeshObject): readonly SidecarPlace[] {
  if (isForGateways(object.spec)) return [];
  const labels = textFields(fieldsAt(fieldsAt(object.spec, 'selector'), 'matchLabels'));
  const isForMesh = object.namespace === mesh.rootNamespace;
  const places = sidecarPlaces(mesh);
  const reached = isForMesh ? [...places.values()].flat() : (places.get(object.namespace) ?? []);
  return reached.filter((place) => {
    const own = workloadOf(place.sidecar);
    return (
      hasLabels(labels, own) &&
      (hasLabels(own, labels) || (!isForMesh && !hasRival(mesh, place, labels))) &&
      !areGateways(mesh, place.namespace, labels)
    );
  });
}

/** The Sidecars of the app by the namespace to which they apply, except for the root namespace. */
const sidecarPlaces = perMesh((mesh): ReadonlyMap<string, readonly SidecarPlace[]> => {
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
  return groupBy([...own, ...inherited], ({ namespace }) => namespace);
});

/** Whether the app's workloads with these labels are gateways. */
function areGateways(mesh: Mesh, namespace: string, labels: Labels): boolean {
  const pods = podsIn(mesh, namespace).filter((one) => hasLabels(one.labels, labels));
  return pods.length > 0
    ? pods.every((one) => one.awaitsImage || 'istio' in one.labels)
    : gatewayNamespaces(mesh).has(namespace);
}

const gatewayNamespaces = perMesh(
  (mesh): ReadonlySet<string> => new Set(mesh.ofGatewayApi('Gateway').map(({ namespace }) => namespace)),
);

/** Whether another Sidecar for workloads can apply to some of the workloads with these labels. */
function hasRival(mesh: Mesh, { sidecar, namespace }: SidecarPlace, labels: Labels): boolean {
  return (sidecarPlaces(mesh).get(namespace) ?? [])
    .filter((one) => one.sidecar !== sidecar)
    .map((one) => workloadOf(one.sidecar))
    .some((other) => Object.keys(other).length > 0 && canMatchBoth(other, labels));
}
