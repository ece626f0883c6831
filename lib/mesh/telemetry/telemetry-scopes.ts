import type { IConstruct } from 'constructs';
import { perTree } from '../per-tree';
import type { TelemetrySettings } from './telemetry-settings';

/** The scope and the settings of a Telemetry. */
export interface TelemetryScope extends IConstruct {
  /** The namespace, once it is known. */
  readonly namespace: string | undefined;

  /** Labels of the workloads; if undefined, all workloads of the namespace. */
  readonly workload?: Readonly<Record<string, string>>;

  readonly settings: TelemetrySettings;
}

/** The Telemetries of a construct tree, in order of construction. */
export class TelemetryScopes {
  static readonly of = perTree(() => new TelemetryScopes());

  private readonly scopes: TelemetryScope[] = [];

  private constructor() {
    // One per construct tree, created by TelemetryScopes.of.
  }

  add(scope: TelemetryScope): void {
    this.scopes.push(scope);
  }

  /** The scopes from which a scope inherits. */
  around(scope: TelemetryScope, rootNamespaces: readonly string[]): TelemetryScope[] {
    return this.scopes.filter(
      ({ namespace, workload }) =>
        !workload &&
        namespace !== undefined &&
        (rootNamespaces.includes(namespace)
          ? scope.workload !== undefined || scope.namespace !== namespace
          : scope.workload !== undefined && scope.namespace === namespace),
    );
  }
}
