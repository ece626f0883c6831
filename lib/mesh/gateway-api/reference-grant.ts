import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { MeshConstruct } from '../mesh-construct';
import { definedFields } from '../fields';
import { GATEWAY_API } from './gateway-api-group';
import { gatewayApiObject } from './gateway-api-object';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem, objectNameProblem } from '../object-name';

/** Objects that may refer to objects in another namespace. */
export interface ReferenceSource {
  /** Kind of the objects. */
  readonly kind: 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute' | 'Gateway';

  /** Namespace of the objects, as the construct or by name. */
  readonly namespace: NamespaceReference;
}

/** Objects to which objects in another namespace may refer. */
export interface ReferenceTarget {
  /** Kind of the objects. */
  readonly kind: 'Service' | 'Secret' | 'ConfigMap';

  /**
   * Name of a single object.
   *
   * @default - all objects of the kind
   */
  readonly name?: string;
}

/** Properties of {@link ReferenceGrant}. */
export interface ReferenceGrantProps {
  /** The namespace of the target objects, as the construct or by name. */
  readonly namespace: NamespaceReference;

  /** Objects that may refer to the targets, 1 to 16 entries. */
  readonly from: readonly ReferenceSource[];

  /** Target objects, 1 to 16 entries. */
  readonly to: readonly ReferenceTarget[];

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Allows objects in other namespaces to refer to objects in this one: routes of a Gateway to Services, and Gateways to
 * Secrets and ConfigMaps with certificates. Routes in sidecars need no grant.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/referencegrant/
 */
export class ReferenceGrant extends MeshConstruct {
  /** Name of the ReferenceGrant. */
  readonly name: string;

  /** Namespace of the ReferenceGrant. */
  readonly namespace: string;

  /** The raw ReferenceGrant. */
  readonly grant: ApiObject;

  /** @throws Error if a list is empty or too long, or a name is invalid */
  constructor(scope: Construct, id: string, props: ReferenceGrantProps) {
    super(scope, id);
    const { from, to } = props;
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    throwProblems(this, [
      ...objectNameProblem(this.name),
      ...labelNameProblem('namespace', this.namespace),
      ...Object.entries({ from, to })
        .filter(([, entries]) => entries.length === 0 || entries.length > 16)
        .map(([prop, entries]) => `${prop} has ${String(entries.length)} entries: write 1 to 16`),
      ...from.flatMap(({ namespace }, index) =>
        labelNameProblem(`from[${String(index)}].namespace`, namespaceName(namespace)),
      ),
      ...to.flatMap(({ name }, index) =>
        name === undefined || objectNameProblem(name).length === 0
          ? []
          : [
              `to[${String(index)}].name '${name}' is not a valid name: write lower-case letters, digits, hyphens and dots`,
            ],
      ),
    ]);
    this.grant = gatewayApiObject(
      this,
      'ReferenceGrant',
      { name: this.name, namespace: this.namespace },
      {
        from: from.map(({ kind, namespace }) => ({ group: GATEWAY_API, kind, namespace: namespaceName(namespace) })),
        to: to.map(({ kind, name }) => definedFields({ group: '', kind, name })),
      },
    );
  }
}
