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
   * The control plane of one revision, or the one that a revision tag stands for, adds sidecars.
   *
   * @param name the revision or tag, such as `canary`
   * @see https://istio.io/latest/docs/setup/upgrade/canary/
   */
  static revision(name: string): SidecarInjection {
    return new SidecarInjection({ 'istio.io/rev': name }, true, name);
  }

  private constructor(
    /** Labels of the Namespace that say so. */
    readonly labels: Readonly<Record<string, string>>,
    /** Whether pods get sidecars. */
    readonly injected: boolean,
    /** The revision, where one was named. */
    readonly revisionName?: string,
  ) {}
}
