import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

/** Base class of the constructs in this package. */
export abstract class MeshConstruct extends Construct {
  /**
   * The raw objects at and below the construct, in order of creation. They are the escape hatch to fields that have no
   * prop: `addJsonPatch` changes the manifest that synthesis prints, and checks across objects read the result.
   *
   * @see https://cdk8s.io/docs/latest/basics/escape-hatches/
   */
  get apiObjects(): readonly ApiObject[] {
    return this.node.findAll().filter((one): one is ApiObject => one instanceof ApiObject);
  }
}
