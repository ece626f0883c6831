import type { ApiObject } from 'cdk8s';
import { IstioObject } from '../istio-object';

/** An object of Istio's API groups or the Gateway API, as synthesis prints it. */
export interface MeshObject {
  readonly object: ApiObject;
  readonly kind: string;
  readonly name: string;

  /** Namespace of the object; empty if it has none, so that kubectl decides. */
  readonly namespace: string;

  readonly spec: Readonly<Record<string, unknown>>;
}

/** Reads an object. */
export function readMeshObject(object: ApiObject): MeshObject {
  const known = IstioObject.is(object) ? object.unpatched : undefined;
  if (known) {
    const { kind, name, metadata } = object;
    return { object, kind, name, namespace: metadata.namespace ?? '', spec: known.spec };
  }
  const { kind, metadata, spec } = object.toJson() as {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly spec?: MeshObject['spec'];
  };
  const { name, namespace = '' } = metadata;
  return { object, kind, name, namespace, spec: spec ?? {} };
}

/** The title of an object in messages: kind, namespace, name and construct path. */
export function titleOf({ object, kind, namespace, name }: MeshObject): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name} (${object.node.path})`;
}

/** Whether two objects are the same for the API server. A separate check reports that. */
export function isSame(one: MeshObject, other: MeshObject): boolean {
  return identityOf(one.object) === identityOf(other.object);
}

/** The identity of an object for the API server, as far as it is known without rendering the object. */
export function identityOf({ apiGroup, kind, name, metadata: { namespace = '' } }: ApiObject): string {
  return `${apiGroup}/${kind}/${namespace}/${name}`;
}
