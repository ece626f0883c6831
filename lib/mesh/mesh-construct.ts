import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

/** What all constructs of this package have. */
export abstract class MeshConstruct extends Construct {
  /**
   * The raw objects at and below the construct, in the order in which they were created: the escape hatch to fields that
   * no prop has. `addJsonPatch` of an object changes what synthesis prints; checks across objects read the result.
   *
   * @see https://cdk8s.io/docs/latest/basics/escape-hatches/
   */
  get apiObjects(): readonly ApiObject[] {
    return this.node.findAll().filter((one): one is ApiObject => one instanceof ApiObject);
  }
}
