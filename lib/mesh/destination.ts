/** Options of a {@link Destination}. */
export interface DestinationOptions {
  /**
   * Share of the requests, in percent; those of a route's destinations add up to 100.
   *
   * @default - all of them, which needs the destination to be the route's only one
   */
  readonly weight?: number;

  /**
   * Port of the Service that requests go to.
   *
   * @default - the port that the client asked for
   */
  readonly port?: number;
}

/**
 * Where a route's requests go.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination
 */
export class Destination {
  /** The pods of one of the policy's subsets. */
  static subset(name: string, options: DestinationOptions = {}): Destination {
    return new Destination(options, name);
  }

  /** All pods of the policy's host, whatever their subset. */
  static host(options: DestinationOptions = {}): Destination {
    return new Destination(options);
  }

  readonly weight?: number;
  readonly port?: number;

  private constructor(
    options: DestinationOptions,
    readonly subset?: string,
  ) {
    this.weight = options.weight;
    this.port = options.port;
  }

  /** The destination as an entry of a VirtualService's `http[].route`. */
  render(host: string): Readonly<Record<string, unknown>> {
    return {
      destination: {
        host,
        ...(this.subset === undefined ? {} : { subset: this.subset }),
        ...(this.port === undefined ? {} : { port: { number: this.port } }),
      },
      ...(this.weight === undefined ? {} : { weight: this.weight }),
    };
  }
}
