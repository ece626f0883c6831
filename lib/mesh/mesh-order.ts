import { ApiObject, App, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isIstioResource } from './checks/mesh';
import { MeshProblems } from './checks/mesh-problems';
import type { ControlPlane } from './control-plane';
import { makesPods } from './makes-pods';
import { perTree } from './per-tree';
import { sameItems } from './same-items';
import { constructError, describe } from './construct-error';
import { Warnings } from './warnings';

interface Awaiting {
  readonly construct: IConstruct;
  readonly assign: (rootNamespace: string) => void;
}

/**
 * The order in which the objects of the whole app are applied, as dependencies between ApiObjects:
 *
 * 1. every object waits for its Namespace, if the app contains it;
 * 2. every object of Istio's API groups (`*.istio.io`), and every object that makes pods in a namespace with injection,
 *    waits for the control plane.
 *
 * There is one registry per construct tree, so the order of construction does not matter. A dependency between objects
 * of this package's constructs in the same Chart is created as soon as both objects exist. Dependencies between Charts,
 * and those of plain ApiObjects, are added when the app is validated, which is the first step of synthesis. Both ways
 * take linear time. The same validation checks the objects against each other ({@link MeshProblems}), and prints the
 * {@link Warnings}.
 */
export class MeshOrder {
  /** @throws Error if the construct is in the tree of another tool, which cdk8s cannot synthesize */
  static of(construct: IConstruct): MeshOrder {
    if (!(construct.node.root instanceof App)) {
      const chart = Chart.of(construct).node.id;
      throw constructError(
        construct,
        `no cdk8s App contains Chart '${chart}': write new Chart(new App(), '${chart}'), with App from cdk8s`,
      );
    }
    return MeshOrder.ofTree(construct);
  }

  private static readonly ofTree = perTree((root) => new MeshOrder(root));

  /** The control planes at or below each construct. */
  private readonly controlPlanes = new Map<IConstruct, ControlPlane[]>();
  private readonly injected = new Set<string>();
  private readonly charts = new Map<IConstruct, AddedObjects>();
  private readonly inNamespace = new Set<ApiObject>();
  private awaiting: Awaiting[] = [];
  private settled: readonly ApiObject[] = [];

  private constructor(private readonly root: IConstruct) {
    const problems = new MeshProblems(this);
    const warnings = new Warnings();
    root.node.addValidation({
      validate: () => {
        const constructs = this.root.node.findAll();
        const objects = apiObjectsAmong(constructs);
        if (!sameItems(objects, this.settled)) this.settle(objects);
        const found = problems.of(objects);
        warnings.print(constructs, found.warnings);
        return found.problems;
      },
    });
  }

  addControlPlane(controlPlane: ControlPlane): void {
    const { module } = controlPlane;
    for (const ancestor of module.node.scopes) listOf(this.controlPlanes, ancestor).push(controlPlane);
    const chart = Chart.of(module);
    this.assignRootNamespaces(chart);
    for (const object of this.addedTo(chart).objects) this.awaitControlPlanes(object, chart);
    this.addObjects(module);
  }

  /** Registers a namespace whose pods get sidecars. */
  addInjectedNamespace(name: string): void {
    this.injected.add(name);
  }

  /** Adds the dependencies of the objects below a construct on earlier objects, and of earlier objects on them. */
  addObjects(construct: IConstruct): void {
    const chart = Chart.of(construct);
    const { objects, byNamespace, namespaces } = this.addedTo(chart);
    for (const object of apiObjectsAmong(construct.node.findAll())) {
      objects.push(object);
      const { namespace } = object.metadata;
      if (namespace !== undefined) listOf(byNamespace, namespace).push(object);
      this.awaitNamespace(object, namespaces);
      this.awaitControlPlanes(object, chart);
      if (object.kind !== 'Namespace') continue;
      listOf(namespaces, object.name).push(object);
      for (const member of byNamespace.get(object.name) ?? []) this.awaitNamespace(member, namespaces);
    }
  }

  /** Calls `assign` with the root namespace of the construct's mesh, now or as soon as the app has a control plane. */
  withRootNamespace(construct: IConstruct, assign: (rootNamespace: string) => void): void {
    const [controlPlane] = this.controlPlanesOf(construct, Chart.of(construct));
    if (controlPlane) assign(controlPlane.rootNamespace);
    else this.awaiting.push({ construct, assign });
  }

  /** The control planes nearest to a construct: those below its closest ancestor that contains one, up to the scope. */
  controlPlanesOf(construct: IConstruct, scope: IConstruct = this.root): readonly ControlPlane[] {
    for (const ancestor of construct.node.scopes.reverse()) {
      const found = this.controlPlanes.get(ancestor);
      if (found) return found;
      if (ancestor === scope) break;
    }
    return [];
  }

  private settle(objects: readonly ApiObject[]): void {
    this.settled = objects;
    this.assignRootNamespaces(this.root);
    const namespaces = new Map<string, ApiObject[]>();
    for (const object of objects) {
      if (object.kind === 'Namespace') listOf(namespaces, object.name).push(object);
    }
    for (const object of objects) {
      this.awaitNamespace(object, namespaces);
      this.awaitControlPlanes(object, this.root);
    }
  }

  private assignRootNamespaces(scope: IConstruct): void {
    this.awaiting = this.awaiting.filter(({ construct, assign }) => {
      if (!construct.node.scopes.includes(scope)) return true;
      const [controlPlane] = this.controlPlanesOf(construct, scope);
      if (controlPlane) assign(controlPlane.rootNamespace);
      return !controlPlane;
    });
  }

  private awaitNamespace(object: ApiObject, namespaces: ReadonlyMap<string, readonly ApiObject[]>): void {
    if (this.inNamespace.has(object)) return;
    const candidates = namespaces.get(object.metadata.namespace ?? '') ?? [];
    const namespace = candidates.find((one) => one !== object && this.mayWaitFor(object, one));
    if (!namespace) return;
    this.inNamespace.add(object);
    makeWait(object, [namespace]);
  }

  private awaitControlPlanes(object: ApiObject, scope: IConstruct): void {
    if (this.controlPlanes.size === 0 || (!isIstioResource(object) && !this.makesInjectedPods(object))) return;
    for (const { module, parts, ready } of this.controlPlanesOf(object, scope)) {
      // An Istio that is installed outside the app has no objects to wait for.
      if (ready.length === 0) continue;
      refuseNested(object, module);
      if (!object.node.scopes.some((ancestor) => parts.includes(ancestor))) makeWait(object, ready);
    }
  }

  private makesInjectedPods(object: ApiObject): boolean {
    const { namespace } = object.metadata;
    return makesPods(object) && namespace !== undefined && this.injected.has(namespace);
  }

  /**
   * The Chart of a control plane must not wait for another Chart, because the others wait for it and cdk8s rejects
   * cycles.
   */
  private mayWaitFor(object: ApiObject, namespace: ApiObject): boolean {
    const chart = Chart.of(object);
    return (
      chart === Chart.of(namespace) ||
      !(this.controlPlanes.get(chart) ?? []).some(({ module }) => Chart.of(module) === chart)
    );
  }

  private addedTo(chart: IConstruct): AddedObjects {
    const added = this.charts.get(chart) ?? { objects: [], byNamespace: new Map(), namespaces: new Map() };
    this.charts.set(chart, added);
    return added;
  }
}

/** cdk8s always applies a Chart after the Charts that it contains, regardless of dependencies. */
function refuseNested(object: ApiObject, module: IConstruct): void {
  const [inner, outer] = [Chart.of(object).node, Chart.of(module).node];
  if (inner === outer || !inner.scopes.includes(Chart.of(module))) return;
  throw constructError(
    object,
    `waits for ${describe(module)}, but Chart '${inner.path}' is inside Chart '${outer.path}' and is therefore applied first: make them siblings`,
  );
}

/** The objects that were added to one Chart. */
interface AddedObjects {
  readonly objects: ApiObject[];
  readonly byNamespace: Map<string, ApiObject[]>;
  readonly namespaces: Map<string, ApiObject[]>;
}

/**
 * Adds those dependencies that an object does not have yet, neither directly nor through one of its direct
 * dependencies, because every edge costs cdk8s time.
 */
function makeWait(object: ApiObject, targets: readonly ApiObject[]): void {
  const { dependencies } = object.node;
  const through = dependencies.flatMap((dependency) => dependency.node.dependencies);
  const missing = targets.filter((target) => !dependencies.includes(target) && !through.includes(target));
  object.addDependency(...missing);
}

function apiObjectsAmong(constructs: readonly IConstruct[]): ApiObject[] {
  return constructs.filter((one): one is ApiObject => one instanceof ApiObject);
}

function listOf<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
