import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isIstioResource } from '../checks/mesh';
import { readMeshObject } from '../checks/mesh-object';
import type { ControlPlane } from '../control-plane';
import { makesPods } from '../makes-pods';
import { OWNERSHIP_ANNOTATION } from '../namespaces/namespace-ownership';
import { needingSidecars } from '../security/needing-sidecars';
import { annotationsOf } from './annotations-of';
import { assignedStage, InstallationStage } from './installation-stage';

const { ADOPTED, FOUNDATION, CONTROL_PLANE, WEBHOOKS, MESH, STRICT } = InstallationStage;

/** API groups of Kubernetes whose objects need no controller that is installed later. */
const KUBERNETES = new Set([
  'core',
  'admissionregistration.k8s.io',
  'autoscaling',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/** Kinds of Istio whose objects may refuse clients without a sidecar. */
const POLICIES = ['PeerAuthentication', 'AuthorizationPolicy'];

/** The stages of an app's objects. */
export class Stages {
  private readonly modules: ReadonlySet<IConstruct>;
  private readonly parts: ReadonlySet<IConstruct>;
  private readonly namespaces: ReadonlySet<string>;
  private readonly needingSidecars: ReadonlySet<ApiObject>;

  constructor(controlPlanes: readonly ControlPlane[], objects: readonly ApiObject[]) {
    this.modules = new Set(controlPlanes.map(({ module }) => module));
    this.parts = new Set(controlPlanes.flatMap(({ parts }) => parts));
    const rootNamespaces = new Set(controlPlanes.map(({ rootNamespace }) => rootNamespace));
    this.namespaces = new Set([...rootNamespaces, ...controlPlanes.map(({ namespace }) => namespace)]);
    const policies = objects
      .filter((object) => isIstioResource(object) && POLICIES.includes(object.kind))
      .map((object) => ({ ...readMeshObject(object), annotations: annotationsOf(object) }));
    this.needingSidecars = new Set(needingSidecars(policies, rootNamespaces).map(({ object }) => object));
  }

  /** The stage in which an object is applied. */
  of(object: ApiObject): InstallationStage {
    return assignedStage(object) ?? this.byKind(object);
  }

  private byKind(object: ApiObject): InstallationStage {
    const { kind } = object;
    if (kind === 'Namespace') return isAdopted(object) ? ADOPTED : FOUNDATION;
    if (kind === 'CustomResourceDefinition') return FOUNDATION;
    if (isIstioResource(object)) return this.needingSidecars.has(object) ? STRICT : MESH;
    const isPart = isWithin(object, this.parts);
    if (kind.endsWith('WebhookConfiguration')) return isPart || isIstioWebhook(object) ? WEBHOOKS : MESH;
    if (isPart) return CONTROL_PLANE;
    return this.isFoundation(object) ? FOUNDATION : MESH;
  }

  private isFoundation(object: ApiObject): boolean {
    const { namespace } = object.metadata;
    return (
      KUBERNETES.has(object.apiGroup) &&
      !makesPods(object) &&
      !isWithin(object, this.modules) &&
      (namespace === undefined || this.namespaces.has(namespace))
    );
  }
}

/** Whether a Namespace is adopted. */
export function isAdopted(object: ApiObject): boolean {
  return object.kind === 'Namespace' && annotationsOf(object)[OWNERSHIP_ANNOTATION] === 'adopted';
}

function isWithin(object: ApiObject, constructs: ReadonlySet<IConstruct>): boolean {
  return object.node.scopes.some((scope) => constructs.has(scope));
}

function isIstioWebhook(object: ApiObject): boolean {
  const { webhooks = [] } = object.toJson() as { readonly webhooks?: readonly { readonly name?: unknown }[] };
  return webhooks.some(({ name }) => String(name).endsWith('.istio.io'));
}
