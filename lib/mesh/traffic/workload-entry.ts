import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { entryProblems, type ServiceEndpoint } from './resolution';

/** Properties of {@link WorkloadEntry}. */
export interface WorkloadEntryProps extends ServiceEndpoint {
  /** The namespace of the WorkloadEntry, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /**
   * `metadata.name` of the WorkloadEntry.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * A workload outside Kubernetes, such as a virtual machine. ServiceEntries and Services in its namespace select it by
 * its labels.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/workload-entry/
 */
export class WorkloadEntry extends MeshConstruct {
  /** The raw WorkloadEntry. */
  readonly workloadEntryObject: ApiObject;

  /** @throws Error that lists all problems: invalid addresses, ports, labels or names */
  constructor(scope: Construct, id: string, props: WorkloadEntryProps) {
    super(scope, id);
    const { namespace: place, name = id, ...spec } = props;
    const namespace = namespaceName(place);
    throwProblems(this, [
      ...objectNameProblem(name),
      ...labelNameProblem('namespace', namespace),
      ...entryProblems(spec),
    ]);
    this.workloadEntryObject = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: { name, namespace },
      spec,
    });
    MeshOrder.of(this).addObjects(this);
  }
}
