import type { Mesh } from './mesh';

const DATA_PLANE = 'istio.io/dataplane-mode';

/**
 * Namespaces with both labels that select a control plane, of which one has no effect. With `istio-injection:
 * disabled`, the other label is accepted, because it applies once `istio-injection` is removed.
 */
export function namespaceLabelProblems({ namespaces }: Mesh): string[] {
  return [...namespaces].flatMap(([name, { object }]) => {
    const injection = object.metadata.getLabel('istio-injection');
    const revision = object.metadata.getLabel('istio.io/rev');
    return injection === undefined || injection === 'disabled' || revision === undefined
      ? []
      : [
          `Namespace ${name} (${object.node.path}) has both labels 'istio-injection: ${String(injection)}' and 'istio.io/rev: ${String(revision)}', but the latter has no effect: leave out one of them`,
        ];
  });
}

/** Namespaces in both data planes: pods get a sidecar, and only pods without one are in ambient mode. */
export function namespaceLabelWarnings({ namespaces }: Mesh): string[] {
  return [...namespaces].flatMap(([name, { object, injected }]) => {
    const dataPlane = object.metadata.getLabel(DATA_PLANE);
    return injected === true && dataPlane === 'ambient'
      ? [
          `Namespace ${name} (${object.node.path}) has injection enabled and the label '${DATA_PLANE}: ambient', which pods with a sidecar ignore: leave out one of them, unless some pods opt out of injection`,
        ]
      : [];
  });
}
