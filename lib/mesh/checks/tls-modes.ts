import { hostOf } from './destination-rules';
import type { Mesh } from './mesh';
import { titleOf, type MeshObject } from './mesh-object';
import { coversHost, fullHost, namespaceOfHost } from '../host-matching';
import { uniformMode } from './peer-modes';
import { perMesh } from './per-mesh';
import { fieldsAt, listAt, textAt } from './spec-fields';
import { isWithoutSidecars } from './without-sidecars';

const FIND_OUT = 'leave tls out, because proxies detect which pods have a sidecar';

/** A mode with which a DestinationRule makes clients send what the server does not accept. */
interface Mismatch {
  readonly sentence: string;

  /**
   * Whether the app proves that the server does not accept this mode: injection is disabled, or the app contains pods
   * of the server that get a sidecar.
   */
  readonly isCertain: boolean;
}

/**
 * DestinationRules that make clients send what the server does not accept: anything but Istio's mutual TLS to a
 * namespace whose sidecars require it, or Istio's mutual TLS to a namespace without sidecars or whose sidecars do not
 * accept it. MUTUAL is not checked, because its certificates may be Istio's own. In namespaces with injection, gateways
 * and other pods that are known to have no sidecar are not checked.
 */
export function tlsModeProblems(mesh: Mesh): string[] {
  return mismatches(mesh).flatMap(({ sentence, isCertain }) => (isCertain ? [sentence] : []));
}

/** Like {@link tlsModeProblems}, for hosts whose pods are not in the app, and may have no sidecar. */
export function tlsModeWarnings(mesh: Mesh): string[] {
  return mismatches(mesh).flatMap(({ sentence, isCertain }) =>
    isCertain ? [] : [`${sentence}, unless the pods have no sidecar`],
  );
}

const mismatches = perMesh((mesh): readonly Mismatch[] =>
  mesh.ofKind('DestinationRule').flatMap((rule) => {
    const modes = modesOf(rule);
    if (modes.length === 0) return [];
    const host = hostOf(rule);
    const namespace = namespaceOfHost(host);
    if (namespace !== undefined) return mismatchesIn(mesh, rule, modes, namespace, 'there');
    const found = coveredNamespaces(mesh, host).flatMap((name) =>
      mismatchesIn(mesh, rule, modes, name, `of namespace '${name}'`),
    );
    // One sentence is enough for a rule that covers several namespaces.
    const worst = found.find(({ isCertain }) => isCertain) ?? found[0];
    return worst ? [worst] : [];
  }),
);

/** The mismatches between the modes of a rule and a namespace. `where` describes the sidecars. */
function mismatchesIn(
  mesh: Mesh,
  rule: MeshObject,
  modes: readonly string[],
  namespace: string,
  where: string,
): readonly Mismatch[] {
  const member = mesh.namespaces.get(namespace);
  if (member?.injected === undefined) return [];
  const host = hostOf(rule);
  const has = (mode: string) => `${titleOf(rule)} has tls mode ${mode} for host '${host}', but`;
  const mutual = modes.includes('ISTIO_MUTUAL');
  if (!member.injected) {
    const refused = `${has('ISTIO_MUTUAL')} namespace '${namespace}' (${member.object.node.path}) has injection disabled, so nothing there accepts it: write DISABLE, or leave tls out`;
    return mutual ? [{ sentence: refused, isCertain: true }] : [];
  }
  const other = ['DISABLE', 'SIMPLE'].find((mode) => modes.includes(mode));
  const strict = other === undefined ? undefined : uniformMode(mesh, namespace, 'STRICT');
  const disabled = mutual ? uniformMode(mesh, namespace, 'DISABLE') : undefined;
  if (!strict && !disabled) return [];
  // Only sidecars enforce PeerAuthentications. The servers of a gateway decide what it accepts.
  const isBare = isWithoutSidecars(mesh, host, namespace);
  if (isBare) return [];
  const sentence = (mode: string, because: MeshObject, accepted: string) =>
    `${has(mode)} because of ${titleOf(because)}, sidecars ${where} ${accepted}: ${FIND_OUT}, or make the PeerAuthentication PERMISSIVE`;
  return [
    ...(other !== undefined && strict ? [sentence(other, strict, 'only accept mutual TLS')] : []),
    ...(disabled ? [sentence('ISTIO_MUTUAL', disabled, 'do not accept mutual TLS')] : []),
  ].map((one) => ({ sentence: one, isCertain: isBare === false }));
}

/** The app's namespaces with sidecars that a wildcard such as `*.local` covers and that no more specific rule names. */
function coveredNamespaces(mesh: Mesh, host: string): string[] {
  if (!host.startsWith('*')) return [];
  return [...mesh.namespaces]
    .filter(
      ([name, { injected }]) =>
        injected === true && !ruledNamespaces(mesh).has(name) && coversHost(host, fullHost('any', name)),
    )
    .map(([name]) => name);
}

const ruledNamespaces = perMesh(
  (mesh) => new Set(mesh.ofKind('DestinationRule').map((rule) => namespaceOfHost(hostOf(rule)))),
);

function modesOf({ spec }: MeshObject): string[] {
  const found: string[] = [];
  for (const holder of [spec, ...listAt(spec, 'subsets')]) {
    if (holder.trafficPolicy === undefined) continue;
    const policy = fieldsAt(holder, 'trafficPolicy');
    for (const settings of [policy, ...listAt(policy, 'portLevelSettings')]) {
      const mode = textAt(fieldsAt(settings, 'tls'), 'mode');
      if (mode !== undefined) found.push(mode);
    }
  }
  return found;
}
