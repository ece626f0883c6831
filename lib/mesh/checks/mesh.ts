import type { ApiObject, Chart } from 'cdk8s';
import { GATEWAY_API, type GatewayApiKind } from '../gateway-api/gateway-api-group';
import type { ControlPlane, ControlPlanes } from '../control-plane';
import { identityOf, readMeshObject, type MeshObject } from './mesh-object';

/** A Namespace of the app, with the effect of its labels on injection. */
export interface MeshMember {
  readonly object: ApiObject;

  /** Whether pods get sidecars; undefined without the labels, because the configuration of the mesh then decides. */
  readonly injected?: boolean;
}

/** The parts of an app that belong to one mesh. */
export class Mesh {
  private readonly kinds = new Map<string, MeshObject[]>();
  private readonly gatewayApiKinds = new Map<string, MeshObject[]>();

  constructor(
    /** All objects of the mesh, including those unrelated to Istio. */
    readonly objects: readonly ApiObject[],
    /** The control planes of the mesh that the app contains. */
    readonly controlPlanes: readonly ControlPlane[],
    /** The Namespaces of the app, by name. */
    readonly namespaces: ReadonlyMap<string, MeshMember>,
  ) {
    for (const object of objects) {
      const kinds = this.kindsOf(object);
      if (!kinds) continue;
      const read = readMeshObject(object);
      const list = kinds.get(read.kind);
      if (list) list.push(read);
      else kinds.set(read.kind, [read]);
    }
  }

  /** The root namespace of the mesh, if known. */
  get rootNamespace(): string | undefined {
    return this.controlPlanes[0]?.rootNamespace;
  }

  /** The objects of one of Istio's kinds, in order of construction. */
  ofKind(kind: string): readonly MeshObject[] {
    return this.kinds.get(kind) ?? [];
  }

  /** The objects of one of the Gateway API's kinds, in order of construction. */
  ofGatewayApi(kind: GatewayApiKind): readonly MeshObject[] {
    return this.gatewayApiKinds.get(kind) ?? [];
  }

  private kindsOf(object: ApiObject): Map<string, MeshObject[]> | undefined {
    if (isIstioResource(object)) return this.kinds;
    return object.apiGroup === GATEWAY_API ? this.gatewayApiKinds : undefined;
  }
}

/**
 * The meshes of an app. Charts whose objects wait for the same control plane form one mesh, unless two of them contain
 * the same object (kind, namespace and name) other than a Namespace. In that case, each of these Charts is for a
 * different cluster. A Chart for which the app has no control plane is a mesh of its own.
 */
export function meshesOf(objects: readonly ApiObject[], order: ControlPlanes): readonly Mesh[] {
  const charts = new Map<Chart, ApiObject[]>();
  for (const object of objects) {
    const list = charts.get(object.chart);
    if (list) list.push(object);
    else charts.set(object.chart, [object]);
  }
  const groups = new Map<readonly ControlPlane[] | Chart, ApiObject[][]>();
  for (const [chart, ofChart] of charts) {
    const planes = order.controlPlanesOf(chart);
    const key = planes.length > 0 ? planes : chart;
    groups.set(key, [...(groups.get(key) ?? []), ofChart]);
  }
  return [...groups.values()].flatMap((ofCharts) =>
    (shareObjects(ofCharts) ? ofCharts : [ofCharts.flat()]).map((together) => meshOf(together, order)),
  );
}

function shareObjects(charts: readonly (readonly ApiObject[])[]): boolean {
  if (charts.length === 1) return false;
  const seen = new Set<string>();
  return charts.some((objects) => {
    const identities = objects.filter(({ kind }) => kind !== 'Namespace').map(identityOf);
    const shared = identities.some((identity) => seen.has(identity));
    for (const identity of identities) seen.add(identity);
    return shared;
  });
}

function meshOf(objects: readonly ApiObject[], order: ControlPlanes): Mesh {
  const [first] = objects;
  const controlPlanes = first ? order.controlPlanesOf(first.chart) : [];
  const namespaces = new Map<string, MeshMember>();
  for (const object of objects) {
    if (object.kind === 'Namespace') namespaces.set(object.name, { object, injected: isInjected(object) });
  }
  return new Mesh(objects, controlPlanes, namespaces);
}

function isInjected({ metadata }: ApiObject): boolean | undefined {
  const label = metadata.getLabel('istio-injection');
  if (label === 'disabled') return false;
  return label === 'enabled' || metadata.getLabel('istio.io/rev') !== undefined ? true : undefined;
}

/** Whether an object is of Istio's API groups. */
export function isIstioResource(object: ApiObject): boolean {
  return object.apiGroup.endsWith('.istio.io');
}
