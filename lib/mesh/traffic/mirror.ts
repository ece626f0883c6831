import { renderTarget } from './destination';
import { hostOf, type ServiceReference } from '../namespaces/service-reference';

/** Options of a {@link Mirror}. */
export interface MirrorOptions {
  /**
   * Share of the route's requests that are copied, in percent, from 0 to 100; fractions down to 0.0001 are possible.
   *
   * @default 100
   */
  readonly percent?: number;

  /**
   * Port of the Service to which copies go.
   *
   * @default - the port that the client requested
   */
  readonly port?: number;
}

/** Options of {@link Mirror.toHost}. */
export interface HostMirrorOptions extends MirrorOptions {
  /**
   * Subset of that host. A DestinationRule for the host must define it.
   *
   * @default - all pods of the host
   */
  readonly subset?: string;
}

/**
 * A destination of copies of a route's requests. Responses to copies are discarded, and clients do not wait for them.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/mirroring/
 */
export class Mirror {
  /** Sends copies to the pods of one of the policy's subsets. */
  static to(subset: string, options: MirrorOptions = {}): Mirror {
    return new Mirror({ ...options, subset });
  }

  /**
   * Sends copies to another host: a Service as an object, the name of a Service in the policy's namespace, or a full
   * domain name.
   */
  static toHost(host: ServiceReference, options: HostMirrorOptions = {}): Mirror {
    return new Mirror(options, host);
  }

  /** The host, if it is not the policy's. */
  readonly host?: string;
  readonly subset?: string;
  readonly port?: number;
  readonly percent: number;

  private constructor(
    options: HostMirrorOptions,
    /**
     * The other host as it was given.
     *
     * @internal
     */
    readonly otherHost?: ServiceReference,
  ) {
    this.host = otherHost === undefined ? undefined : hostOf(otherHost);
    this.subset = options.subset;
    this.port = options.port;
    this.percent = options.percent ?? 100;
  }

  /** The mirror as an entry of a VirtualService's `http[].mirrors`. */
  render(host: string): Readonly<Record<string, unknown>> {
    return {
      destination: renderTarget(this, host),
      percentage: { value: this.percent },
    };
  }
}
