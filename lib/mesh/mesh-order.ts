import { ApiObject, App, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/** A control plane, as far as order goes. */
export interface ControlPlane {
  readonly module: IConstruct;

  /** The root namespace of the mesh. */
  readonly rootNamespace: string;

  /** What the control plane consists of: none of it can wait for itself. */
  readonly parts: readonly IConstruct[];

  /** What must have been applied, and be ready, before anything that needs the webhooks. */
  readonly ready: readonly ApiObject[];
}

interface InjectedNamespace {
  readonly construct: IConstruct;
  readonly name: string;
}

interface Awaiting {
  readonly construct: IConstruct;
  readonly assign: (rootNamespace: string) => void;
}

const KEY = Symbol.for('istio-module.MeshOrder');
const POD_MAKERS = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Pod',
  'Rollout',
]);

/**
 * What has to be applied before what, across the whole app, as dependencies between ApiObjects:
 *
 * 1. every object waits for the Namespace it lives in, where the app has it;
 * 2. every object of Istio's API groups (`*.istio.io`), and every object that makes pods in a namespace with injection,
 *    waits for the control plane.
 *
 * One registry a construct tree, so that the order of construction does not matter: within a Chart the dependencies are
 * there as soon as both ends are; what other Charts and plain ApiObjects need is added when the app is validated, which
 * synthesis does first.
 */
export class MeshOrder {
  /** @throws Error when the construct is in the tree of another tool, in which cdk8s cannot synthesize */
  static of(construct: IConstruct): MeshOrder {
    if (!(construct.node.root instanceof App)) {
      const chart = Chart.of(construct).node.id;
      throw constructError(
        construct,
        `there is no App of cdk8s above Chart '${chart}': write new Chart(new App(), '${chart}'), with the App of cdk8s`,
      );
    }
    const root: IConstruct & { [KEY]?: MeshOrder } = construct.node.root;
    const order = (root[KEY] ??= new MeshOrder(root));
    return order;
  }

  private readonly controlPlanes: ControlPlane[] = [];
  private readonly injected: InjectedNamespace[] = [];
  private awaiting: Awaiting[] = [];

  private constructor(private readonly root: IConstruct) {
    root.node.addValidation({
      validate: () => {
        this.settle(this.root);
        return [];
      },
    });
  }

  addControlPlane(controlPlane: ControlPlane): void {
    this.controlPlanes.push(controlPlane);
    this.settle(Chart.of(controlPlane.module));
  }

  /** Notes a namespace whose pods get sidecars. */
  addInjectedNamespace(construct: IConstruct, name: string): void {
    this.injected.push({ construct, name });
    this.settle(Chart.of(construct));
  }

  /** Adds what the objects below a construct wait for. */
  addObjects(construct: IConstruct): void {
    this.settle(Chart.of(construct), construct);
  }

  /** Hands over the root namespace of the construct's mesh, now or as soon as the app has a control plane. */
  withRootNamespace(construct: IConstruct, assign: (rootNamespace: string) => void): void {
    this.awaiting.push({ construct, assign });
    this.settle(Chart.of(construct), construct);
  }

  private settle(scope: IConstruct, below: IConstruct = scope): void {
    this.awaiting = this.awaiting.filter(({ construct, assign }) => {
      if (!isWithin(construct, scope)) return true;
      const [controlPlane] = this.controlPlanesOf(construct, scope);
      if (controlPlane) assign(controlPlane.rootNamespace);
      return !controlPlane;
    });
    const namespaces = scope.node
      .findAll()
      .filter((c): c is ApiObject => c instanceof ApiObject && c.kind === 'Namespace');
    for (const object of below.node.findAll()) {
      if (!(object instanceof ApiObject)) continue;
      const namespace = namespaces.find(
        (candidate) => isNamespaceOf(candidate, object) && this.mayWaitFor(object, candidate),
      );
      if (namespace) object.addDependency(namespace);
      if (!needsWebhooks(object) && !this.makesInjectedPods(object)) continue;
      for (const { module, parts, ready } of this.controlPlanesOf(object, scope)) {
        refuseNested(object, module);
        if (!parts.some((part) => isWithin(object, part))) object.addDependency(...ready);
      }
    }
  }

  /** The control planes nearest to a construct: those below its closest ancestor, within a scope, that has any. */
  controlPlanesOf(construct: IConstruct, scope: IConstruct = this.root): readonly ControlPlane[] {
    for (const ancestor of [...construct.node.scopes].reverse()) {
      const found = this.controlPlanes.filter(({ module }) => isWithin(module, ancestor));
      if (found.length > 0) return found;
      if (ancestor === scope) break;
    }
    return [];
  }

  private makesInjectedPods(object: ApiObject): boolean {
    const { namespace } = object.metadata;
    return POD_MAKERS.has(object.kind) && this.injected.some(({ name }) => name === namespace);
  }

  /** The Chart of a control plane waits for no other Chart: those wait for it, and Charts cannot wait for each other. */
  private mayWaitFor(object: ApiObject, namespace: ApiObject): boolean {
    const chart = Chart.of(object);
    return chart === Chart.of(namespace) || !this.controlPlanes.some(({ module }) => Chart.of(module) === chart);
  }
}

/** Whatever waits for what, cdk8s puts a Chart behind the Charts inside of it. */
function refuseNested(object: ApiObject, module: IConstruct): void {
  const [inner, outer] = [Chart.of(object).node, Chart.of(module).node];
  if (inner === outer || !inner.scopes.includes(Chart.of(module))) return;
  throw constructError(
    object,
    `it waits for IstioModule ${module.node.path}, but Chart '${inner.path}' is inside of Chart '${outer.path}', and so applied before it: make them siblings`,
  );
}

function needsWebhooks(object: ApiObject): boolean {
  return object.apiGroup.endsWith('.istio.io');
}

function isNamespaceOf(namespace: ApiObject, object: ApiObject): boolean {
  return namespace !== object && namespace.name === object.metadata.namespace;
}

function isWithin(construct: IConstruct, ancestor: IConstruct): boolean {
  return construct.node.scopes.includes(ancestor);
}
