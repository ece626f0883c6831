import { definedFields, fieldOf } from '../fields';

/** The proxies, and the side of a connection, to which a patch applies. */
export type PatchContext = 'ANY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';

// Types already prevent other values. The check is for programs in plain JavaScript.
const CONTEXTS: readonly PatchContext[] = ['ANY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND', 'GATEWAY'];

/** The operation on the object that a patch matches. */
export type PatchOperation = 'MERGE' | 'ADD' | 'REMOVE' | 'INSERT_BEFORE' | 'INSERT_AFTER' | 'INSERT_FIRST' | 'REPLACE';

/** The class of a filter, which determines its place. */
export type FilterClass = 'AUTHN' | 'AUTHZ' | 'STATS';

/** Options of an {@link EnvoyPatch}. */
export interface PatchOptions {
  readonly operation: PatchOperation;

  /**
   * Envoy configuration that is merged or added.
   *
   * @default - none, for REMOVE
   */
  readonly value?: Readonly<Record<string, unknown>>;

  /**
   * Class of an added filter, which determines its place.
   *
   * @default - the place that the operation determines
   */
  readonly filterClass?: FilterClass;

  /**
   * The proxies, and the side of a connection, to which the patch applies.
   *
   * @default 'ANY'
   */
  readonly context?: PatchContext;

  /**
   * Version of the proxies, as a regular expression, and their metadata.
   *
   * @default - all
   */
  readonly proxy?: { readonly proxyVersion?: string; readonly metadata?: Readonly<Record<string, string>> };
}

/** Conditions that match a listener. Omitted fields match anything. */
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

/** Conditions that match a route configuration. Omitted fields match anything. */
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

/** Conditions that match a cluster. Omitted fields match anything. */
export interface ClusterMatch {
  readonly name?: string;
  readonly service?: string;
  readonly subset?: string;
  readonly portNumber?: number;
}

/**
 * A patch of the configuration that istiod sends to Envoy. The match is typed; the value is raw Envoy configuration.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
export class EnvoyPatch {
  /** Patches listeners. */
  static listener(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('LISTENER', { listener: match }, options);
  }

  /** Patches listener filters, which run before the bytes of a connection are processed. */
  static listenerFilter(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('LISTENER_FILTER', { listener: match }, options);
  }

  /** Patches filter chains of listeners. */
  static filterChain(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('FILTER_CHAIN', { listener: match }, options);
  }

  /** Patches network filters in filter chains. */
  static networkFilter(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('NETWORK_FILTER', { listener: match }, options);
  }

  /** Patches HTTP filters in the HTTP connection manager. */
  static httpFilter(match: ListenerMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('HTTP_FILTER', { listener: match }, options);
  }

  /** Patches route configurations. */
  static routeConfiguration(match: RouteConfigurationMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('ROUTE_CONFIGURATION', { routeConfiguration: match }, options);
  }

  /** Patches virtual hosts in route configurations. */
  static virtualHost(match: RouteConfigurationMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('VIRTUAL_HOST', { routeConfiguration: match }, options);
  }

  /** Patches routes in virtual hosts. */
  static httpRoute(match: RouteConfigurationMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('HTTP_ROUTE', { routeConfiguration: match }, options);
  }

  /** Patches clusters. */
  static cluster(match: ClusterMatch, options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('CLUSTER', { cluster: match }, options);
  }

  /** Patches extension configurations. */
  static extensionConfig(options: PatchOptions): EnvoyPatch {
    return new EnvoyPatch('EXTENSION_CONFIG', {}, options);
  }

  /** Patches the bootstrap configuration of Envoy. A sidecar gets a change when its pod is replaced. */
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
        : [`has operation ${operation} without a value: set value to Envoy configuration`]),
    ];
  }
}

function nonEmpty(fields: Readonly<Record<string, object>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Object.keys(value).length > 0));
}
