import { fieldsAt, textAt } from '../../mesh/checks/spec-fields';
import type { TrafficObjects } from './traffic-objects';

const UNSET = 'UNSET';

/**
 * Properties of a whole namespace: whether pods get sidecars, and their mutual TLS mode.
 *
 * @param rootNamespace the namespace whose policies apply to the whole mesh
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

/** The mode of the PeerAuthentication for the whole namespace. Ignores policies with a selector. */
function modeOf(namespace: string, objects: TrafficObjects): string | undefined {
  const [mode] = objects
    .ofKind('PeerAuthentication')
    .filter((one) => one.namespace === namespace && one.spec.selector === undefined)
    .flatMap(({ spec }) => textAt(fieldsAt(spec, 'mtls'), 'mode') ?? []);
  return mode === UNSET ? undefined : mode;
}
