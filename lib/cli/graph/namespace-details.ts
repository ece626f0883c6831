import { fieldsAt, textAt } from '../../mesh/checks/spec-fields';
import type { TrafficObjects } from './traffic-objects';

const UNSET = 'UNSET';

/**
 * What there is to know of a namespace as a whole: whether pods get sidecars, and which mutual TLS they ask for.
 *
 * @param rootNamespace the one whose policies are for the whole mesh
 */
export function namespaceDetails(name: string, objects: TrafficObjects, rootNamespace: string): readonly string[] {
  const labels = objects.find('Namespace', '', name)?.labels ?? {};
  const mode = modeOf(name, objects) ?? modeOf(rootNamespace, objects);
  return [
    ...(labels['istio-injection'] === 'disabled'
      ? ['no sidecars']
      : labels['istio-injection'] === 'enabled'
        ? ['sidecars']
        : typeof labels['istio.io/rev'] === 'string'
          ? [`sidecars of revision ${labels['istio.io/rev']}`]
          : []),
    ...(mode === undefined ? [] : [`mTLS ${mode}`]),
  ];
}

/** By a PeerAuthentication for the whole namespace; those with a selector are for some workloads only. */
function modeOf(namespace: string, objects: TrafficObjects): string | undefined {
  const [mode] = objects
    .ofKind('PeerAuthentication')
    .filter((one) => one.namespace === namespace && one.spec.selector === undefined)
    .flatMap(({ spec }) => textAt(fieldsAt(spec, 'mtls'), 'mode') ?? []);
  return mode === UNSET ? undefined : mode;
}
