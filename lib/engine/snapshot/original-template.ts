import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import type { Container, Pod, PodSpec, PodTemplate, StringMap } from '../cluster/objects';
import { injectedNames, isTokenVolume, isWellKnownContainer, STATUS_ANNOTATION } from '../injector/sidecar';

/** Where `kubectl apply` keeps what its user wrote. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Set by the injector; a pod that is to be injected anew must not bring them. */
const INJECTED_ANNOTATIONS = [STATUS_ANNOTATION, 'istio.io/rev', LAST_APPLIED];
/** What the injector writes where Istio's CNI agent is, unless the pod says otherwise: with these values, it was the injector. */
const CNI_DEFAULTS: StringMap = {
  'sidecar.istio.io/interceptionMode': 'REDIRECT',
  'traffic.sidecar.istio.io/includeOutboundIPRanges': '*',
  'traffic.sidecar.istio.io/includeInboundPorts': '*',
  'traffic.sidecar.istio.io/excludeInboundPorts': '15020',
};
/** The injector's record of what the pod itself said about injected containers, by which it makes them again. */
const OVERRIDES_ANNOTATION = 'proxy.istio.io/overrides';
/** Set by admission, by the scheduler and by `kubectl debug`; the API server refuses or ignores them in a new pod. */
const ASSIGNED_FIELDS = ['nodeName', 'priority', 'preemptionPolicy', 'ephemeralContainers'] as const;
/** The kubelet's record on the mirror of a static pod, which only a pod on a node may have. */
const KUBELET_ANNOTATION = /^kubernetes\.io\/config\./;

/**
 * The template that a pod without a known template was made from: what its user applied, where that is kept; else as near as
 * it can be had, the pod less what admission put into it. Probes are left out then, since the injector rewrites them in place.
 */
export function originalTemplate(pod: Pod): PodTemplate {
  return appliedTemplate(pod) ?? withoutInjection(pod);
}

function withoutInjection(pod: Pod): PodTemplate {
  const injected = injectedNames(pod.metadata.annotations);
  const written = (containers: readonly Container[] = []) =>
    containers
      .filter(({ name }) => !isWellKnownContainer(name))
      .map(({ livenessProbe: _l, readinessProbe: _r, startupProbe: _s, ...container }) => ({
        ...(injected.containers.has(container.name) ? withoutMerged(container) : container),
        volumeMounts: (container.volumeMounts ?? []).filter(({ name }) => !isTokenVolume(name)),
      }));
  const spec = { ...pod.spec } as Record<string, unknown>;
  for (const field of ASSIGNED_FIELDS) {
    Reflect.deleteProperty(spec, field);
  }
  return {
    metadata: {
      labels: pod.metadata.labels ?? {},
      annotations: Object.fromEntries(
        Object.entries(pod.metadata.annotations ?? {})
          .filter(
            ([name, value]) =>
              !INJECTED_ANNOTATIONS.includes(name) &&
              !KUBELET_ANNOTATION.test(name) &&
              own(CNI_DEFAULTS, name) !== value,
          )
          .map(([name, value]) => [name, name === OVERRIDES_ANNOTATION ? withoutToken(value) : value]),
      ),
    },
    spec: {
      ...spec,
      containers: written(pod.spec.containers),
      initContainers: written(pod.spec.initContainers),
      volumes: (pod.spec.volumes ?? []).filter(({ name }) => !isTokenVolume(name) && !injected.volumes.has(name)),
    },
  };
}

/** A container that the injector's record names is the application's own where a template was merged into it: it is asked anew. */
function withoutMerged({ lifecycle: _, ...container }: Container): Container {
  return container;
}

/** Undefined where it is not kept, or is no description of this pod. */
function appliedTemplate({ metadata, spec }: Pod): PodTemplate | undefined {
  const text = metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) {
    return undefined;
  }
  let applied: unknown;
  try {
    applied = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(applied) || !isObject(applied.metadata) || !isObject(applied.spec)) {
    return undefined;
  }
  const { labels, annotations } = applied.metadata;
  const isOfPod = applied.metadata.name === metadata.name && isPodSpec(applied.spec) && holds(spec, applied.spec);
  return isOfPod && isTexts(labels) && isTexts(annotations)
    ? { metadata: { labels: labels ?? {}, annotations: annotations ?? {} }, spec: applied.spec as unknown as PodSpec }
    : undefined;
}

function isPodSpec(spec: Readonly<Record<string, unknown>>): spec is Readonly<Record<string, unknown>> & PodSpec {
  const areContainers = (list: unknown) =>
    Array.isArray(list) && list.every((one: unknown) => isObject(one) && typeof one.name === 'string');
  return areContainers(spec.containers) && (spec.initContainers === undefined || areContainers(spec.initContainers));
}

function holds(spec: PodSpec, applied: PodSpec): boolean {
  const names = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  return [...applied.containers, ...(applied.initContainers ?? [])].every(({ name }) => names.has(name));
}

function isTexts(value: unknown): value is StringMap | undefined {
  return value === undefined || (isObject(value) && Object.values(value).every((text) => typeof text === 'string'));
}

/**
 * The overrides without the mounts of the token volume: admission has put them into the pod before the injector saw it, and
 * puts another one into the next pod. What is no such record stays as it is, for the injector to judge.
 */
function withoutToken(overrides: string): string {
  let record: unknown;
  try {
    record = JSON.parse(overrides);
  } catch {
    return overrides;
  }
  if (!isObject(record)) {
    return overrides;
  }
  const lists = ['containers', 'initContainers'].flatMap((field) => {
    const containers = own(record, field);
    return Array.isArray(containers) ? [[field, containers.map(withoutTokenMounts)] as const] : [];
  });
  return JSON.stringify({ ...record, ...Object.fromEntries(lists) });
}

function withoutTokenMounts(container: unknown): unknown {
  const mounts = isObject(container) ? own(container, 'volumeMounts') : undefined;
  if (!isObject(container) || !Array.isArray(mounts)) {
    return container;
  }
  const left = (mounts as readonly unknown[]).filter((mount) => {
    const name = isObject(mount) ? own(mount, 'name') : undefined;
    return !(typeof name === 'string' && isTokenVolume(name));
  });
  return { ...container, volumeMounts: left.length > 0 ? left : undefined };
}
