import { definedFields, fieldOf } from '../fields';

/** Which proxies a patch is for, and which side of a connection. */
export type PatchContext = 'ANY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';

// Types already prevent this. The check is for programs in plain JavaScript.
const CONTEXTS: readonly PatchContext[] = ['ANY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND', 'GATEWAY'];

/** What is done with the object that a patch finds, or beside it. */
export type PatchOperation = 'MERGE' | 'ADD' | 'REMOVE' | 'INSERT_BEFORE' | 'INSERT_AFTER' | 'INSERT_FIRST' | 'REPLACE';

/** Where filters of one class stand that no other place is given for. */
export type FilterClass = 'AUTHN' | 'AUTHZ' | 'STATS';

/** The change of an {@link EnvoyPatch}. */
export interface PatchOptions {
  readonly operation: PatchOperation;

  /**
   * What is merged or added, in Envoy's words, as it is.
   *
   * @default - nothing, for REMOVE
   */
  readonly value?: Readonly<Record<string, unknown>>;

  /**
   * Among which filters an added one stands.
   *
   * @default - where the operation says
   */
  readonly filterClass?: FilterClass;

  /**
   * Which proxies it is for, and which side of a connection.
   *
   * @default 'ANY'
   */
  readonly context?: PatchContext;

  /**
   * The proxies' version, as a regular expression, and their metadata.
   *
   * @default - all
   */
  readonly proxy?: { readonly proxyVersion?: string; readonly metadata?: Readonly<Record<string, string>> };
}

/** A listener, as patches find it; what is left out may be anything. */
export interface ListenerMatch {
  readonly name?: string;
  readonly portNumber?: number;
  readonly portName?: string;
  readonly listenerFilter?: string;
  readonly filterChain?: {
    readonly name?: string;
    readonly sni?: string;
    readonly transportProtocol?: string;
    readonly applicationProtocols?: string;
    readonly destinationPort?: number;
    readonly filter?: { readonly name: string; readonly subFilter?: { readonly name: string } };
  };
}

/** A configuration of routes, as patches find it; what is left out may be anything. */
export interface RouteConfigurationMatch {
  readonly name?: string;
  readonly portNumber?: number;
  readonly portName?: string;
  readonly gateway?: string;
  readonly vhost?: {
    readonly name?: string;
    readonly domainName?: string;
    readonly route?: { readonly name?: string; readonly action?: 'ANY' | 'ROUTE' | 'REDIRECT' | 'DIRECT_RESPONSE' };
  };
}

/** A cluster, as patches find it; what is left out may be anything. */
export interface ClusterMatch {
  readonly name?: string;
  readonly service?: string;
  readonly subset?: string;
  readonly portNumber?: number;
}

/**
 * A change of what istiod sends to Envoy: the place is typed, the change is Envoy's configuration as it is.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
export class EnvoyPatch {
  /** Of listeners. */
  static listener(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('LISTENER', { listener: match }, options);
  }

  /** Of the filters of listeners, before a connection's bytes are looked at. */
  static listenerFilter(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('LISTENER_FILTER', { listener: match }, options);
  }

  /** Of filter chains of listeners. */
  static filterChain(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('FILTER_CHAIN', { listener: match }, options);
  }

  /** Of network filters, in filter chains. */
  static networkFilter(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('NETWORK_FILTER', { listener: match }, options);
  }

  /** Of HTTP filters, in the HTTP connection manager. */
  static httpFilter(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('HTTP_FILTER', { listener: match }, options);
  }

  /** Of configurations of routes. */
  static routeConfiguration(match: RouteConfigurationMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('ROUTE_CONFIGURATION', { routeConfiguration: match }, options);
  }

  /** Of virtual hosts, in configurations of routes. */
  static virtualHost(match: RouteConfigurationMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('VIRTUAL_HOST', { routeConfiguration: match }, options);
  }

  /** Of routes, in virtual hosts. */
  static httpRoute(match: RouteConfigurationMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('HTTP_ROUTE', { routeConfiguration: match }, options);
  }

  /** Of clusters. */
  static cluster(match: ClusterMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('CLUSTER', { cluster: match }, options);
  }

  /** Of the configuration of an extension. */
  static extensionConfig(options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('EXTENSION_CONFIG', {}, options);
  }

  /** Of the configuration that Envoy starts with; a change reaches a sidecar when its pod is replaced. */
  static bootstrap(options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('BOOTSTRAP', {}, options);
  }

  private constructor(
    private readonly applyTo: string,
    private readonly match: Readonly<Record<string, object>>,
    private readonly options: PatchOptions,
  ) {}

  /** The patch as an entry of an EnvoyFilter's `configPatches`. */
  render(): Readonly<Record<string, unknown>> {
    const { operation, value, filterClass, context, proxy } = this.options;
    return {
      applyTo: this.applyTo,
      ...fieldOf('match', { ...definedFields({ context, proxy }), ...nonEmpty(this.match) }),
      patch: definedFields({ operation, filterClass, value }),
    };
  }

  /** The problems with the patch, one sentence each. */
  problems(): string[] {
    const { operation, value, context = 'ANY' } = this.options;
    return [
      ...(CONTEXTS.includes(context) ? [] : [`has context ${context as string}: write one of ${CONTEXTS.join(', ')}`]),
      ...(operation === 'REMOVE' || value !== undefined
        ? []
        : [`has operation ${operation} without a value: set value, in Envoy's words`]),
    ];
  }
}

function nonEmpty(fields: Readonly<Record<string, object>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Object.keys(value).length > 0));
}
