import { ipBlockProblem } from './ip-block';

/**
 * The allowed values of a condition's attribute. Each method creates a {@link Condition}. Values are compared exactly;
 * a leading or trailing `*` matches anything, and a single `*` matches any non-empty value.
 */
export interface ConditionValues {
  /** The attribute must have one of these values. */
  values(...values: readonly [string, ...string[]]): Condition;
  /** The attribute must have none of these values. Requests without the attribute also match. */
  notValues(...values: readonly [string, ...string[]]): Condition;
}

const ADDRESSES: readonly string[] = ['destination.ip', 'source.ip', 'remote.ip'];

/**
 * A condition that a request must satisfy in addition to its source and operation.
 *
 * @see https://istio.io/latest/docs/reference/config/security/conditions/
 */
export class Condition {
  /** A claim of the request's token; further names select a nested claim. */
  static claim(name: string, ...inner: readonly string[]): ConditionValues {
    return Condition.on('request.auth.claims', [name, ...inner]);
  }

  /** The claim `aud` of the request's token. */
  static audience(): ConditionValues {
    return Condition.on('request.auth.audiences');
  }

  /** The claim `azp` of the request's token. */
  static presenter(): ConditionValues {
    return Condition.on('request.auth.presenter');
  }

  /** A request header, or one of HTTP/2's pseudo-headers, such as `:method`. */
  static header(name: string): ConditionValues {
    return Condition.on('request.headers', [name]);
  }

  /** Address of the workload that receives the request, as an IP address or CIDR block. */
  static destinationIp(): ConditionValues {
    return Condition.on('destination.ip');
  }

  /** Port of the workload that receives the request, 1 to 65535. */
  static destinationPort(): ConditionValues {
    return Condition.on('destination.port');
  }

  /** Source address of the connection, as an IP address or CIDR block. */
  static sourceIp(): ConditionValues {
    return Condition.on('source.ip');
  }

  /**
   * Address of the original client, as an IP address or CIDR block. It is taken from `X-Forwarded-For` or the PROXY
   * protocol.
   */
  static remoteIp(): ConditionValues {
    return Condition.on('remote.ip');
  }

  /** Namespace of the client. */
  static sourceNamespace(): ConditionValues {
    return Condition.on('source.namespace');
  }

  /** Identity of the client, as `TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE_ACCOUNT`. */
  static sourcePrincipal(): ConditionValues {
    return Condition.on('source.principal');
  }

  /** Service account of the client, as `NAMESPACE/NAME`. */
  static sourceServiceAccount(): ConditionValues {
    return Condition.on('source.serviceAccount');
  }

  /** Trust domain of the client's identity, such as `cluster.local`. */
  static sourceTrustDomain(): ConditionValues {
    return Condition.on('source.trustDomain');
  }

  /** Identity of the token, as `ISSUER/SUBJECT`. */
  static requestPrincipal(): ConditionValues {
    return Condition.on('request.auth.principal');
  }

  /**
   * Dynamic metadata that an Envoy filter set for the request or connection. Experimental in Istio.
   *
   * @param filter name of the filter, such as `envoy.filters.network.mysql_proxy`
   * @param key key of the metadata
   */
  static envoyFilter(filter: string, key: string): ConditionValues {
    return Condition.on(`experimental.${filter}`, [key]);
  }

  /** The server name of a TLS connection (SNI). */
  static sni(): ConditionValues {
    return Condition.on('connection.sni');
  }

  private static on(attribute: string, names: readonly string[] = []): ConditionValues {
    return {
      values: (...values) => new Condition(attribute, names, values, []),
      notValues: (...values) => new Condition(attribute, names, [], values),
    };
  }

  private constructor(
    private readonly attribute: string,
    private readonly names: readonly string[],
    private readonly allowed: readonly string[],
    private readonly excluded: readonly string[],
  ) {}

  /** The same condition without some of its values: `values('shop-*').except('shop-test')`. */
  except(...values: readonly [string, ...string[]]): Condition {
    return new Condition(this.attribute, this.names, this.allowed, [...this.excluded, ...values]);
  }

  /** Whether the condition uses the request's token. */
  get ofToken(): boolean {
    return this.attribute.startsWith('request.auth.');
  }

  /** Whether a request needs a token to satisfy the condition. */
  get requiresToken(): boolean {
    return this.ofToken && this.allowed.length > 0;
  }

  /**
   * Whether the condition uses the client's identity. Istio rejects such conditions in policies with an external
   * authorizer.
   */
  get ofIdentity(): boolean {
    return ['source.namespace', 'source.principal', 'source.serviceAccount', 'source.trustDomain'].includes(
      this.attribute,
    );
  }

  /** The attribute, as in Istio's API. */
  get key(): string {
    return this.attribute + this.names.map((name) => `[${name}]`).join('');
  }

  /** The condition as an entry of an AuthorizationPolicy's `rules[].when`. */
  render(): Readonly<Record<string, unknown>> {
    return {
      key: this.key,
      ...(this.allowed.length > 0 ? { values: this.allowed } : {}),
      ...(this.excluded.length > 0 ? { notValues: this.excluded } : {}),
    };
  }

  /** The problems with the condition, one sentence each. */
  problems(): string[] {
    const values = [...this.allowed, ...this.excluded];
    return [
      ...this.names
        .filter(
          (name) =>
            !(this.attribute === 'request.headers' ? /^:?[A-Za-z0-9!#$%&'*+.^_`|~-]+$/ : /^[^[\]]+$/).test(name),
        )
        .map(
          (name) =>
            `${this.attribute} has the invalid name '${name}': write one that is not empty, without brackets or spaces`,
        ),
      ...(values.length > 0 && !values.includes('')
        ? []
        : [`${this.key} has no value, or an empty one: write a value, or '*' for any non-empty value`]),
      ...(ADDRESSES.includes(this.attribute) ? values.flatMap((value) => ipBlockProblem(this.key, value)) : []),
      ...(this.attribute === 'destination.port' ? values : [])
        .filter((value) => !/^[1-9]\d{0,4}$/.test(value) || Number(value) > 65535)
        .map((value) => `${this.key} ${value} is not a port: write a whole number from 1 to 65535`),
      ...(this.attribute.startsWith('experimental.') && !/^experimental\.envoy\.filters\.[\w.]+$/.test(this.attribute)
        ? [`${this.key} does not name an Envoy filter: write its name, such as 'envoy.filters.network.mysql_proxy'`]
        : []),
    ];
  }
}
