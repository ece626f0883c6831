import type { Container, Pod, PodTemplate } from '../cluster/objects';
import { injectedNames, isTokenVolume, STATUS_ANNOTATION } from '../injector/sidecar';

/** Set by the injector; a pod that is to be injected anew must not bring them. */
const INJECTED_ANNOTATIONS = [STATUS_ANNOTATION, 'istio.io/rev'];
/** Set by admission, by the scheduler and by `kubectl debug`; the API server refuses or ignores them in a new pod. */
const ASSIGNED_FIELDS = ['nodeName', 'priority', 'preemptionPolicy', 'ephemeralContainers'] as const;
/** The kubelet's record on the mirror of a static pod, which only a pod on a node may have. */
const KUBELET_ANNOTATION = /^kubernetes\.io\/config\./;

/**
 * The template that a pod without a known template was made from, as near as it can be had: the pod less what
 * admission put into it. Probes are left out, since the injector rewrites them in place.
 */
export function originalTemplate(pod: Pod): PodTemplate {
  const injected = injectedNames(pod.metadata.annotations);
  const own = (containers: readonly Container[] = []) =>
    containers
      .filter(({ name }) => !injected.containers.has(name))
      .map(({ livenessProbe: _l, readinessProbe: _r, startupProbe: _s, ...container }) => ({
        ...container,
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
        Object.entries(pod.metadata.annotations ?? {}).filter(
          ([name]) => !INJECTED_ANNOTATIONS.includes(name) && !KUBELET_ANNOTATION.test(name),
        ),
      ),
    },
    spec: {
      ...spec,
      containers: own(pod.spec.containers),
      initContainers: own(pod.spec.initContainers),
      volumes: (pod.spec.volumes ?? []).filter(({ name }) => !isTokenVolume(name) && !injected.volumes.has(name)),
    },
  };
}
