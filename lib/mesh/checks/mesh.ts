import type { ApiObject, Chart } from 'cdk8s';
import { GATEWAY_API, type GatewayApiKind } from '../gateway-api/gateway-api-group';
import type { ControlPlane, ControlPlanes } from '../control-plane';
import { identityOf, readMeshObject, type MeshObject } from './mesh-object';

/** A Namespace of the app, as its labels put it into the mesh or out of it. */
export interface MeshMember {
  readonly object: ApiObject;

  /** Whether pods get sidecars; unknown without the labels, where the mesh's configuration decides. */
  readonly injected?: boolean;
}

/** What of an app belongs to one mesh. */
export class Mesh {
  private readonly kinds = new Map<string, MeshObject[]>();
  private readonly gatewayApiKinds = new Map<string, MeshObject[]>();

  constructor(
    /** All of its objects, those that have nothing to do with Istio as well. */
    readonly objects: readonly ApiObject[],
    /** Its control planes, where the app has them. */
    readonly controlPlanes: readonly ControlPlane[],
    /** The Namespaces that the app has, by name. */
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

  /** Its root namespace, where it is known. */
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
 * The meshes of an app. Charts whose objects wait for the same control plane make one; but Charts that both have some
 * object other than a Namespace, with the same kind, namespace and name, are for different clusters, and so is a Chart for
 * which the app has no control plane.
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
