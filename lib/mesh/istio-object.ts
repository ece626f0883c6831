import { ApiObject, type ApiObjectProps, type JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';

/** The parts that the manifests of Istio's API groups and the Gateway API have in common. */
export interface IstioManifest extends ApiObjectProps {
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * An object that constructs create in large numbers. Its manifest is known without rendering it, unless it was patched.
 */
export class IstioObject extends ApiObject {
  /**
   * Whether an object is an IstioObject. `instanceof` is true for every ApiObject, because cdk8s overrides it for
   * ApiObject and so for its subclasses.
   */
  static is(object: ApiObject): object is IstioObject {
    return #manifest in object;
  }

  readonly #manifest: IstioManifest;
  private patched = false;

  constructor(scope: Construct, id: string, manifest: IstioManifest) {
    super(scope, id, manifest);
    this.#manifest = manifest;
  }

  /** The manifest, if synthesis prints it unchanged. */
  get unpatched(): IstioManifest | undefined {
    return this.patched ? undefined : this.#manifest;
  }

  override addJsonPatch(...operations: JsonPatch[]): void {
    this.patched = true;
    super.addJsonPatch(...operations);
  }
}
