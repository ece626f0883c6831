import { isObject } from '../../../lib/engine/cluster/is-object';
import { ApiError, type KubeClient } from '../../control-plane/kube-client';
import type { Manifest } from '../synthesis';
import type { Comparison } from './compare';
import type { Coverage, LeftObject } from './count-coverage';
import { GATEWAY_API_GROUP, istioObjects } from './istio-objects';
import { difference } from './same-meaning';
import { writtenTyped } from './written-typed';

type Spec = Readonly<Record<string, unknown>>;

/**
 * Kinds that have a construct; then classes of Gateways that are not for sidecars, and features that are for several
 * clusters or for other projects.
 */
const KINDS = ['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'ReferenceGrant'];
const OTHER_DATA_PLANE = /waypoint|east-?west|agentgateway/;
const OTHER_FEATURES = /auto-passthrough|"(kind":"(InferencePool|Backend)|group":"inference\.networking\.k8s\.io)"/;

/**
 * Writes each object of the Gateway API in Istio's sources with constructs. Both versions are compared as the API
 * server returns them with defaults; objects with the same meaning count once.
 */
export async function countGatewayApi(client: KubeClient): Promise<Coverage> {
  const seen = new Set<string>();
  const kinds = new Map<string, { all: number; written: number }>();
  const left: LeftObject[] = [];
  const missed: LeftObject[] = [];
  let refused = 0;
  for (const { file, manifests, statuses } of await istioObjects(GATEWAY_API_GROUP)) {
    const relevant = manifests.filter(isForSidecars);
    if (relevant.length === 0) continue;
    const found = await firstAccepted(client, relevant);
    if (!found || statuses.some((status) => isSame(status, found.manifest) && isRefused(status))) {
      refused++;
      continue;
    }
    const { manifest, spec } = found;
    const key = JSON.stringify([manifest.kind, spec]);
    if (seen.has(key)) continue;
    seen.add(key);
    const comparison = await compared(client, manifest, spec);
    const { all, written } = kinds.get(manifest.kind) ?? { all: 0, written: 0 };
    kinds.set(manifest.kind, { all: all + 1, written: written + (comparison.ours === 'same' ? 1 : 0) });
    if (comparison.ours !== 'same') left.push({ ...comparison, file });
    if (comparison.writtenRefused !== '') missed.push({ ...comparison, file });
  }
  return { kinds, left, refused, missed };
}

function isForSidecars({ kind, spec = {} }: Manifest): boolean {
  const isOther = kind === 'Gateway' && OTHER_DATA_PLANE.test(String(spec.gatewayClassName));
  return KINDS.includes(kind) && !isOther && !OTHER_FEATURES.test(JSON.stringify(spec));
}

// Reasons that concern the object itself, and not other objects.
const REFUSALS = /^(Unsupported\w+|Invalid|InvalidKind|InvalidParameters|InvalidRouteKinds|InvalidCACertificateKind)$/;

function isSame(one: Manifest, other: Manifest): boolean {
  return [one.kind, one.metadata.name, one.metadata.namespace].every(
    (text, index) => text === [other.kind, other.metadata.name, other.metadata.namespace][index],
  );
}

/** Whether istiod reports that it does not accept something in an object. */
function isRefused(status: Manifest): boolean {
  const conditions = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(conditions);
    if (!isObject(value)) return false;
    if (value.status === 'False' && REFUSALS.test(String(value.reason))) return true;
    return Object.values(value).some(conditions);
  };
  return conditions((status as Manifest & { readonly status?: unknown }).status);
}

/** The first of several ways to fill in a template that the API server accepts, with defaults. */
async function firstAccepted(client: KubeClient, manifests: readonly Manifest[]) {
  for (const given of manifests) {
    // The place of an object is not part of its meaning; its references to other objects are.
    const { namespace = 'default' } = given.metadata;
    const manifest = { ...given, metadata: { name: given.metadata.name, namespace } };
    const { spec } = await asked(client, manifest);
    if (spec) return { manifest, spec };
  }
  return undefined;
}

async function compared(client: KubeClient, manifest: Manifest, spec: Spec): Promise<Comparison> {
  const { kind, metadata } = manifest;
  const common = { kind, name: metadata.name, spec, refusedByIstio: '', writtenRefused: '' };
  const written = writtenTyped({ ...manifest, spec });
  if ('refused' in written) return { ...common, ours: 'refused', reason: written.refused };
  if ('unsaid' in written) return { ...common, ours: 'unsaid', reason: written.unsaid };
  const own = await asked(client, written.object);
  if (!own.spec) return { ...common, writtenRefused: own.refusal, ours: 'unsaid', reason: own.refusal };
  const namespace = metadata.namespace ?? '';
  const other = difference(
    `${kind} of the Gateway API`,
    namespace,
    sameWords(own.spec, namespace),
    sameWords(spec, namespace),
  );
  return { ...common, ours: other === undefined ? 'same' : 'unsaid', reason: other ?? '' };
}

/** An object as the API server would store it, from a dry run; or why the API server refuses it. */
async function asked(client: KubeClient, manifest: Manifest): Promise<{ spec?: Spec; refusal: string }> {
  try {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: manifest.metadata.namespace ?? '' } };
    await client.apply(namespace);
    const { spec } = await client.apply(manifest, { dryRun: true, force: true });
    return { spec: spec as Spec, refusal: '' };
  } catch (error) {
    // The API server reports an unknown field as an internal error.
    const unknownField = error instanceof ApiError && error.message.includes('failed to create typed patch object');
    if (error instanceof ApiError && (error.code < 500 || unknownField)) return { refusal: error.message };
    if (String(error).includes('knows no kind')) return { refusal: String(error) };
    throw error;
  }
}

/**
 * A spec in one of several forms with the same meaning: without empty backends and its own namespace in references,
 * with filters in one order, full host names of Services, shares in percent, and plain text in place of regular
 * expressions that are plain text.
 */
function sameWords(spec: Spec, namespace: string): Spec {
  return plain(spec, namespace) as Spec;
}

function plain(value: unknown, namespace: string): unknown {
  if (typeof value === 'string') return value.replace(/, +/g, ',');
  if (Array.isArray(value)) {
    const items = value.map((one) => plain(one, namespace));
    return items.every(isFilter) ? items.sort((one, other) => (one.type < other.type ? -1 : 1)) : items;
  }
  if (!isObject(value)) return value;
  const { type, value: host, fraction, ...others } = value;
  if (type === 'Hostname' && typeof host === 'string') {
    return { type, value: host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local` };
  }
  if (type === 'RegularExpression' && /^\w+$/.test(String(value.method)) && value.service === undefined) {
    return { ...others, type: 'Exact' };
  }
  if (isObject(fraction)) {
    return plain({ ...others, percent: (100 * Number(fraction.numerator)) / Number(fraction.denominator) }, namespace);
  }
  const empty = (one: unknown) => Array.isArray(one) && one.length === 0;
  const kept = Object.entries(value).filter(
    ([name, one]) => !(name === 'namespace' && one === namespace) && !(name === 'backendRefs' && empty(one)),
  );
  return Object.fromEntries(kept.map(([name, one]) => [name, plain(one, namespace)]));
}

function isFilter(value: unknown): value is { readonly type: string } {
  return typeof value === 'object' && value !== null && 'type' in value && !('name' in value) && !('value' in value);
}
