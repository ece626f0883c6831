import { coversHost } from '../host-matching';
import type { Labels } from '../labels';
import { parseEgressHost } from '../namespaces/egress-host';
import { groupBy } from '../../group-by';
import type { Mesh } from './mesh';
import type { MeshObject } from './mesh-object';
import { perMesh } from './per-mesh';
import { fieldsAt, listAt, textAt, textFields, textsAt } from './spec-fields';

/** A host in Istio's service registry, at one port. */
export interface RegistryHost {
  readonly name: string;

  /** The namespace of its Service or ServiceEntry; undefined if unknown. */
  readonly namespace?: string;

  /** The port; undefined for any. */
  readonly port?: number;
}

/** The labels of the workloads to which a Sidecar applies; none for a whole namespace, or the mesh. */
export function workloadOf({ spec }: MeshObject): Labels {
  return textFields(fieldsAt(fieldsAt(spec, 'workloadSelector'), 'labels'));
}

/** The Sidecar of the app for a namespace: its own, otherwise that of the mesh. Sidecars for workloads do not count. */
export function namespaceSidecar(mesh: Mesh, namespace: string): MeshObject | undefined {
  const { rootNamespace } = mesh;
  const wide = namespaceSidecars(mesh);
  const found = wide.get(namespace) ?? (rootNamespace === undefined ? undefined : wide.get(rootNamespace));
  return found?.[0];
}

const namespaceSidecars = perMesh((mesh) => {
  const wide = mesh.ofKind('Sidecar').filter((sidecar) => Object.keys(workloadOf(sidecar)).length === 0);
  return groupBy(wide, ({ namespace }) => namespace);
});

/** Whether a Sidecar includes a host, for the sidecars of a namespace. Without a Sidecar, they know all hosts. */
export function knowsHost(sidecar: MeshObject | undefined, namespace: string, host: RegistryHost): boolean {
  const egress = sidecar ? listAt(sidecar.spec, 'egress') : [];
  return egress.length === 0 || egress.some((listener) => includesHost(listener, namespace, host));
}

function includesHost(listener: MeshObject['spec'], namespace: string, host: RegistryHost): boolean {
  const port = fieldsAt(listener, 'port');
  const otherPort = typeof port.number === 'number' && port.number !== 0 && port.number !== (host.port ?? port.number);
  if (otherPort && textAt(port, 'protocol') !== 'HTTP_PROXY') return false;
  const named = textsAt(listener, 'hosts')
    .map((text) => parseEgressHost(text, namespace))
    .filter((one) => coversHost(one.host, host.name));
  const excluded = named.some((one) => one.excluded && ['', '*', host.namespace].includes(one.namespace));
  const included = named.some(
    (one) => !one.excluded && (host.namespace === undefined || ['*', host.namespace].includes(one.namespace)),
  );
  return included && !excluded;
}
