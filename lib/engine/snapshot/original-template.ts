import { allContainers } from '../cluster/all-containers';
import { isDeep } from '../cluster/is-deep';
import { isObject } from '../cluster/is-object';
import { own } from '../cluster/own';
import type { Container, Pod, PodSpec, PodTemplate, StringMap } from '../cluster/objects';
import { POD_TEMPLATE } from '../cluster/pod-template-type';
import { injectedNames, isTokenVolume, isWellKnownContainer, STATUS_ANNOTATION } from '../injector/sidecar';

/** The annotation in which `kubectl apply` stores the user's manifest. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Annotations that the injector or `kubectl apply` sets. A pod to inject again must not contain them. */
const INJECTED_ANNOTATIONS = [STATUS_ANNOTATION, 'istio.io/rev', LAST_APPLIED];
/**
 * Annotations that the injector sets by default with Istio's CNI agent, with their values. In a pod, an annotation with
 * this value counts as the injector's, and one with another value as the user's.
 */
const CNI_DEFAULTS: StringMap = {
  'sidecar.istio.io/interceptionMode': 'REDIRECT',
  'traffic.sidecar.istio.io/includeOutboundIPRanges': '*',
  'traffic.sidecar.istio.io/includeInboundPorts': '*',
  'traffic.sidecar.istio.io/excludeInboundPorts': '15020',
};
/** Records the pod's own settings for injected containers. From them, the injector creates the containers again. */
const OVERRIDES_ANNOTATION = 'proxy.istio.io/overrides';
/** Fields that admission, the scheduler and `kubectl debug` set, so they do not count as part of the template. */
const ASSIGNED_FIELDS = ['nodeName', 'priority', 'preemptionPolicy', 'ephemeralContainers'] as const;
/**
 * The kubelet's annotations on the mirror pod of a static pod. The API server refuses a pod with
 * `kubernetes.io/config.mirror` but without `nodeName`.
 */
const KUBELET_ANNOTATION = /^kubernetes\.io\/config\./;

/**
 * The template from which a pod without a known template was created: the manifest that its user applied, if it is
 * stored; otherwise an approximation, the pod without everything that admission added. The approximation has no probes,
 * because the injector rewrites them in place.
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

/** Removes what the injector has merged into a container of the application, so that it can be asked again. */
function withoutMerged({ lifecycle: _, ...container }: Container): Container {
  return container;
}

/** Undefined if the manifest is not stored, is invalid, or does not describe this pod. */
function appliedTemplate({ metadata, spec }: Pod): PodTemplate | undefined {
  const text = metadata.annotations?.[LAST_APPLIED];
  if (text === undefined || isDeep(text)) {
    return undefined;
  }
  let applied: unknown;
  try {
    applied = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(applied) || !isObject(applied.metadata) || POD_TEMPLATE(applied, '') !== undefined) {
    return undefined;
  }
  const written = applied as unknown as Required<PodTemplate>;
  const { labels = {}, annotations = {} } = written.metadata;
  return applied.metadata.name === metadata.name && holds(spec, written.spec)
    ? { metadata: { labels, annotations }, spec: written.spec }
    : undefined;
}

function holds(spec: PodSpec, applied: PodSpec): boolean {
  const names = new Set(allContainers(spec).map(({ name }) => name));
  return allContainers(applied).every(({ name }) => names.has(name));
}

/**
 * The overrides without the mounts of the token volume. Admission added them before the injector saw the pod, and adds
 * different ones to the next pod. Overrides that are invalid or too deep stay unchanged, for the injector to assess.
 */
function withoutToken(overrides: string): string {
  if (isDeep(overrides)) {
    return overrides;
  }
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
