import { own } from '../../cluster/own';
import { parse } from '../../../bundled-libraries/yaml';
import type { Pod, StringMap } from '../../cluster/objects';
import { matches } from '../../cluster/label-selector';
import type { InjectionState, ProxyConfigResource } from './injection-state';
import type { PodToInject, SelectedInjector } from './selected-injector';

/** A pod to inject, in the form for the API server. */
export type UninjectedPod = PodToInject & Pick<Pod, 'spec'> & { readonly apiVersion: string; readonly kind: string };

const TEMPLATES = 'inject.istio.io/templates';
const PROXY_CONFIG = 'proxy.istio.io/config';
const DEFAULT_TEMPLATE = 'sidecar';

/**
 * The pod for `istioctl kube-inject`, which reads templates and proxy configuration only from a pod's annotations. The
 * annotations therefore name the templates, with aliases resolved, unless istioctl would use the same ones anyway, and
 * contain the settings of ProxyConfig resources.
 */
export function offlinePod(pod: UninjectedPod, injector: SelectedInjector, state: InjectionState): UninjectedPod {
  const annotations: StringMap = {
    ...pod.metadata.annotations,
    ...templatesOf(pod, injector),
    ...proxyConfigOf(pod, injector, state),
  };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

function templatesOf({ metadata }: UninjectedPod, { policy }: SelectedInjector): StringMap {
  const asked = metadata.annotations[TEMPLATES]?.split(',').map((name) => name.trim());
  const names = asked ?? policy.defaultTemplates ?? [];
  const resolved = (names.length > 0 ? names : [DEFAULT_TEMPLATE]).flatMap(
    (name) => own(policy.aliases ?? {}, name) ?? [name],
  );
  const plain = asked ?? [DEFAULT_TEMPLATE];
  return resolved.join() === plain.join() ? {} : { [TEMPLATES]: resolved.join(',') };
}

/** A ProxyConfig for the workload overrides the pod's annotation, which overrides the other ProxyConfigs. */
function proxyConfigOf(
  { metadata }: UninjectedPod,
  { revision }: SelectedInjector,
  { proxyConfigs }: InjectionState,
): StringMap {
  if (proxyConfigs.length === 0) {
    return {};
  }
  const root =
    ((parse(revision.mesh) ?? {}) as { readonly rootNamespace?: string }).rootNamespace ?? revision.namespace;
  const first = (namespace: string, isMeant: (one: ProxyConfigResource) => boolean) =>
    [...proxyConfigs].sort(byAge).find((one) => one.metadata.namespace === namespace && isMeant(one));
  const selectorOf = ({ spec }: ProxyConfigResource) => Object.keys(spec?.selector?.matchLabels ?? {});
  const forAll = (one: ProxyConfigResource) => !one.spec?.selector;
  const found = [
    first(root, forAll),
    metadata.namespace === root ? undefined : first(metadata.namespace, forAll),
    first(metadata.namespace, (one) => selectorOf(one).length > 0 && matches(one.spec?.selector, metadata.labels)),
  ];
  if (found.every((one) => one === undefined)) {
    return {};
  }
  const own = metadata.annotations[PROXY_CONFIG];
  const [ofMesh, ofNamespace, ofWorkload] = found.map((one) => one && fieldsOf(one));
  const merged = [ofMesh, ofNamespace, own === undefined ? undefined : readableFields(own), ofWorkload].reduce(
    (all: Fields, one) => ({
      ...all,
      ...one,
      ...(all.proxyMetadata || one?.proxyMetadata
        ? { proxyMetadata: { ...all.proxyMetadata, ...one?.proxyMetadata } }
        : {}),
    }),
    {},
  );
  return { [PROXY_CONFIG]: JSON.stringify(merged) };
}

interface Fields {
  readonly proxyMetadata?: StringMap;
  readonly [field: string]: unknown;
}

/** Ignores an annotation that Istio cannot parse. */
function readableFields(text: string): Fields | undefined {
  try {
    const fields: unknown = parse(text);
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? (fields as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf({ spec }: ProxyConfigResource): Fields {
  const { concurrency, environmentVariables, image } = spec ?? {};
  return {
    ...(concurrency === undefined || concurrency === null ? {} : { concurrency }),
    ...(environmentVariables ? { proxyMetadata: environmentVariables } : {}),
    ...(image ? { image } : {}),
  };
}

/** Sorts by age. A resource that does not exist yet is the youngest. */
function byAge({ metadata: one }: ProxyConfigResource, { metadata: other }: ProxyConfigResource): number {
  const [a, b] = [one.creationTimestamp ?? '~', other.creationTimestamp ?? '~'];
  return a === b ? (one.name < other.name ? -1 : 1) : a < b ? -1 : 1;
}
