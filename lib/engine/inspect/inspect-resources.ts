import { shellCommand } from '../cluster/shell-command';
import { isTransition } from '../istio/mutual-tls/transition-policy';
import type { Observation } from './finding';
import type { InspectedResource } from './inspection';
import { isInstalled } from './installation-labels';
import type { MeshView } from './mesh-view';

/** The mesh-wide objects that an `IstioModule` adds to those of the charts, in the root namespace. */
const MESH_WIDE: Readonly<Record<string, string>> = { PeerAuthentication: 'default', Telemetry: 'mesh-default' };

/** The objects of Istio's API groups in the selected namespaces, and whether they belong to users. */
export function inspectResources({ state, rootNamespace, names }: MeshView): readonly InspectedResource[] {
  return state.resources
    .filter(({ namespace }) => namespace === '' || names.has(namespace))
    .map(({ group, kind, namespace, name, labels }) => ({
      group,
      kind,
      namespace,
      name,
      foreign:
        !isInstalled(labels) &&
        !(namespace === rootNamespace && MESH_WIDE[kind] === name) &&
        !isTransition({ metadata: { name, labels } }),
    }))
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

function placeOf({ kind, namespace, name }: InspectedResource): string {
  return `${kind} ${namespace} ${name}`;
}

/** Resources of users that an uninstall would delete. */
export function resourceObservations(resources: readonly InspectedResource[]): readonly Observation[] {
  return resources
    .filter(({ foreign }) => foreign)
    .map(({ group, kind, namespace, name }) => ({
      code: 'ForeignResource',
      object: { kind, namespace, name },
      message: `${kind} ${namespace === '' ? '' : `${namespace}/`}${name} is not part of the installation, and an uninstall would delete it with Istio's CRDs`,
      remedy: shellCommand(
        'kubectl',
        ...(namespace === '' ? [] : ['-n', namespace]),
        'delete',
        `${kind.toLowerCase()}.${group}/${name}`,
      ),
    }));
}
