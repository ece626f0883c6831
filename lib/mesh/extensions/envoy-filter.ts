import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import type { EnvoyPatch } from './envoy-patch';
import { definedFields } from '../fields';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { wholeNumberProblem } from '../number-range';
import { objectNameProblem } from '../object-name';
import {
  intoRootNamespace,
  renderSelector,
  scopedMetadata,
  scopeProblems,
  type TargetedPolicyScope,
} from '../policy-scope';
import { warn } from '../warnings';

/** Properties of {@link EnvoyFilter}. */
export interface EnvoyFilterProps extends TargetedPolicyScope {
  /** The changes, in the order in which they are applied. */
  readonly patches: readonly EnvoyPatch[];

  /**
   * Order among EnvoyFilters for the same proxies: lower values are applied first.
   *
   * @default - Istio's: 0
   */
  readonly priority?: number;

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Patches the Envoy configuration that istiod sends to proxies. It applies to the whole mesh, a namespace, some
 * workloads, or gateways. Envoy rejects an update that contains an invalid patch, and the configuration that istiod
 * sends differs between versions.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
export class EnvoyFilter extends MeshConstruct {
  /** The raw EnvoyFilter. */
  readonly envoyFilter: ApiObject;

  /** @throws Error that lists all problems: patches without a value, invalid labels or names */
  constructor(scope: Construct, id: string, props: EnvoyFilterProps) {
    super(scope, id);
    const name = props.name ?? id;
    const { workload, targets, patches, priority } = props;
    throwProblems(this, [
      ...objectNameProblem(name),
      ...scopeProblems(props),
      ...patches.flatMap((patch, index) => patch.problems().map((problem) => `patches[${String(index)}] ${problem}`)),
      ...wholeNumberProblem('priority', priority, -(2 ** 31)),
    ]);
    this.envoyFilter = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: scopedMetadata(name, props),
      spec: {
        ...(workload ? { workloadSelector: { labels: workload } } : {}),
        ...renderSelector({ targets }),
        ...definedFields({ priority }),
        configPatches: patches.map((patch) => patch.render()),
      },
    });
    if (patches.length === 0)
      warn(this, 'patches is empty, so nothing is changed: name at least one, or leave out the EnvoyFilter');
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.envoyFilter);
  }
}
