import { ipBlockProblem } from './ip-block';

/**
 * What a condition's attribute may be; each method makes a {@link Condition}. Values are compared as they are written;
 * a leading or trailing `*` stands for anything, and `*` alone for any value that is not empty.
 */
export interface ConditionValues {
  /** One of these. */
  values(...values: readonly [string, ...string[]]): Condition;
  /** None of these; requests without the attribute satisfy it as well. */
  notValues(...values: readonly [string, ...string[]]): Condition;
}

const ADDRESSES: readonly string[] = ['destination.ip', 'source.ip', 'remote.ip'];

/**
 * What else must hold of a request, beyond its source and operation.
 *
 * @see https://istio.io/latest/docs/reference/config/security/conditions/
 */
export class Condition {
  /** A claim of the request's token; further names lead to an inner claim. */
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

  /** Address, or CIDR block, of the workload that the request is for. */
  static destinationIp(): ConditionValues {
    return Condition.on('destination.ip');
  }

  /** Port of the workload that the request is for, 1 to 65535. */
  static destinationPort(): ConditionValues {
    return Condition.on('destination.port');
  }

  /** Address, or CIDR block, that the connection comes from. */
  static sourceIp(): ConditionValues {
    return Condition.on('source.ip');
  }

  /** Address, or CIDR block, of the original client, by `X-Forwarded-For` or the proxy protocol. */
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
   * What a filter of Envoy wrote down about the request or connection (dynamic metadata), which Istio takes as an
   * experiment.
   *
   * @param filter name of the filter, such as `envoy.filters.network.mysql_proxy`
   * @param key its key
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

  /** Whether it is about the request's token. */
  get ofToken(): boolean {
    return this.attribute.startsWith('request.auth.');
  }

  /** Whether a request needs a token to satisfy it. */
  get requiresToken(): boolean {
    return this.ofToken && this.allowed.length > 0;
  }

  /** Whether an external authorizer is asked without regard to it, which Istio refuses. */
  get ofIdentity(): boolean {
    return ['source.namespace', 'source.principal', 'source.serviceAccount', 'source.trustDomain'].includes(
      this.attribute,
    );
  }

  /** The attribute in Istio's words. */
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
          (name) => `${this.attribute} has the name '${name}': write one that is not empty, without brackets or spaces`,
        ),
      ...(values.length > 0 && !values.includes('')
        ? []
        : [`${this.key} has no value, or an empty one: write a value, or '*' for any non-empty value`]),
      ...(ADDRESSES.includes(this.attribute) ? values.flatMap((value) => ipBlockProblem(this.key, value)) : []),
      ...(this.attribute === 'destination.port' ? values : [])
        .filter((value) => !/^[1-9]\d{0,4}$/.test(value) || Number(value) > 65535)
        .map((value) => `${this.key} ${value} is not a port: write a whole number from 1 to 65535`),
      ...(this.attribute.startsWith('experimental.') && !/^experimental\.envoy\.filters\.[\w.]+$/.test(this.attribute)
        ? [`${this.key} is not of a filter of Envoy: write its name, such as 'envoy.filters.network.mysql_proxy'`]
        : []),
    ];
  }
}
