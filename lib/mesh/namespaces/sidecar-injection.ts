/**
 * Which control plane, if any, adds sidecars to the pods of a namespace.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
export class SidecarInjection {
  /** The default control plane adds sidecars. */
  static readonly ENABLED = new SidecarInjection({ 'istio-injection': 'enabled' }, true);

  /** No pod gets a sidecar. */
  static readonly DISABLED = new SidecarInjection({ 'istio-injection': 'disabled' }, false);

  /**
   * The control plane of a revision or revision tag adds sidecars.
   *
   * @param name name of the revision or tag, such as `canary`
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  static revision(name: string): SidecarInjection {
    return new SidecarInjection({ 'istio.io/rev': name }, true, name);
  }

  private constructor(
    /** The setting as labels of the Namespace. */
    readonly labels: Readonly<Record<string, string>>,
    /** Whether pods get sidecars. */
    readonly injected: boolean,
    /** The revision, if one was named. */
    readonly revisionName?: string,
  ) {}
}
