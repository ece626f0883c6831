import { ApiObject, type ApiObjectProps, type JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';

/** The manifest of an object of Istio's API groups or the Gateway API, as far as all of them have it. */
export interface IstioManifest extends ApiObjectProps {
  readonly spec: Readonly<Record<string, unknown>>;
}

/** An object that a construct makes in numbers: what it says is known without rendering it, unless it was patched. */
export class IstioObject extends ApiObject {
  /** `instanceof` tells no subclass of ApiObject from ApiObject. */
  static is(object: ApiObject): object is IstioObject {
    return #manifest in object;
  }

  readonly #manifest: IstioManifest;
  private patched = false;

  constructor(scope: Construct, id: string, manifest: IstioManifest) {
    super(scope, id, manifest);
    this.#manifest = manifest;
  }

  /** The manifest, if that is what synthesis prints. */
  get unpatched(): IstioManifest | undefined {
    return this.patched ? undefined : this.#manifest;
  }

  override addJsonPatch(...operations: JsonPatch[]): void {
    this.patched = true;
    super.addJsonPatch(...operations);
  }
}
