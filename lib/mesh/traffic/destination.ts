import { definedFields } from '../fields';
import { renderHeaderChanges, type HeaderChanges } from './header-changes';
import { hostOf, type ServiceReference } from '../namespaces/service-reference';

/** Options of a {@link Destination}. */
export interface DestinationOptions {
  /**
   * Share of the requests, in proportion to the weights of the route's other destinations: a whole number of at least
   * 0.
   *
   * @default - all requests; the destination must be the only one of the route
   */
  readonly weight?: number;

  /**
   * Port of the Service to which requests go.
   *
   * @default - the port that the client requested
   */
  readonly port?: number;

  /**
   * Changes to the headers of requests to this destination, and of their responses.
   *
   * @default - nothing
   */
  readonly headers?: HeaderChanges;
}

/** Options of {@link Destination.otherHost}. */
export interface OtherHostOptions extends DestinationOptions {
  /**
   * Subset of that host. A DestinationRule for the host must define it.
   *
   * @default - all pods of the host
   */
  readonly subset?: string;
}

/**
 * A destination of a route's requests.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination
 */
export class Destination {
  /** The pods of one of the policy's subsets. */
  static subset(name: string, options: DestinationOptions = {}): Destination {
    return new Destination({ ...options, subset: name });
  }

  /** All pods of the policy's host, regardless of their subset. */
  static host(options: DestinationOptions = {}): Destination {
    return new Destination(options);
  }

  /**
   * A host other than the policy's: a Service as an object, the name of a Service in the policy's namespace, or a full
   * domain name.
   */
  static otherHost(host: ServiceReference, options: OtherHostOptions = {}): Destination {
    return new Destination(options, host);
  }

  /** The host, if it is not the policy's. */
  readonly host?: string;
  readonly subset?: string;
  readonly weight?: number;
  readonly port?: number;
  readonly headers: HeaderChanges;

  private constructor(
    options: OtherHostOptions,
    /**
     * The other host as it was given.
     *
     * @internal
     */
    readonly otherHost?: ServiceReference,
  ) {
    this.host = otherHost === undefined ? undefined : hostOf(otherHost);
    this.subset = options.subset;
    this.weight = options.weight;
    this.port = options.port;
    this.headers = options.headers ?? {};
  }

  /** The destination as an entry of a VirtualService's `http[].route`. */
  render(host: string): Readonly<Record<string, unknown>> {
    return {
      destination: renderTarget(this, host),
      ...definedFields({ weight: this.weight }),
      ...renderHeaderChanges(this.headers),
    };
  }
}

/** A target as the `destination` of a VirtualService; without a host of its own, the policy's host. */
export function renderTarget(
  { host, subset, port }: { readonly host?: string; readonly subset?: string; readonly port?: number },
  policyHost: string,
): Readonly<Record<string, unknown>> {
  return definedFields({ host: host ?? policyHost, subset, port: port === undefined ? undefined : { number: port } });
}
