import type { IConstruct } from 'constructs';

/** The sidecars that a Sidecar is for. */
export interface SidecarScope extends IConstruct {
  /** The namespace, once it is known. */
  readonly namespace: string | undefined;

  /** Labels of the workloads; all of the namespace without. */
  readonly workload?: Readonly<Record<string, string>>;
}

const KEY = Symbol.for('istio-module.SidecarScopes');

/** The Sidecars of a construct tree, in order of construction. */
export class SidecarScopes {
  static of(construct: IConstruct): SidecarScopes {
    const root: IConstruct & { [KEY]?: SidecarScopes } = construct.node.root;
    return (root[KEY] ??= new SidecarScopes());
  }

  private readonly scopes: SidecarScope[] = [];

  private constructor() {
    // One per construct tree: SidecarScopes.of makes it.
  }

  add(scope: SidecarScope): void {
    this.scopes.push(scope);
  }

  /** The first one before a scope that is for all of its sidecars, or for some of them and no others, if any. */
  twinOf(scope: SidecarScope): SidecarScope | undefined {
    return this.scopes
      .slice(0, this.scopes.indexOf(scope))
      .find(
        (other) =>
          scope.namespace !== undefined &&
          other.namespace === scope.namespace &&
          (other.workload === undefined) === (scope.workload === undefined) &&
          (selects(other, scope) || selects(scope, other)),
      );
  }
}

/** Whether one selects by no label that the other does not select by. */
function selects({ workload = {} }: SidecarScope, other: SidecarScope): boolean {
  return Object.entries(workload).every(([key, value]) => other.workload?.[key] === value);
}
