import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { isHeaderName } from '../http-header-name';
import { durationProblem, istioDuration, milliseconds } from '../istio-duration';
import { regularExpressionProblem } from '../regular-expression';

/**
 * A cross-origin resource sharing (CORS) policy: the origins whose scripts may call a host. Proxies answer the
 * preflight requests of browsers themselves.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy
 */
export interface CorsPolicy {
  /** The allowed origins. Pages of other origins cannot read responses. */
  readonly allowOrigins: readonly Origin[];

  /**
   * Allowed methods, as in `Access-Control-Allow-Methods`; `*` stands for all.
   *
   * @default - the header is not sent, so only simple requests with GET, HEAD and POST are allowed
   */
  readonly allowMethods?: readonly CorsMethod[];

  /**
   * Allowed request headers, as in `Access-Control-Allow-Headers`; `*` stands for all.
   *
   * @default - the header is not sent
   */
  readonly allowHeaders?: readonly string[];

  /**
   * Response headers that scripts may read, as in `Access-Control-Expose-Headers`; `*` stands for all.
   *
   * @default - the header is not sent
   */
  readonly exposeHeaders?: readonly string[];

  /**
   * Time for which browsers cache the answer to a preflight request, in whole seconds.
   *
   * @default - the header is not sent, so the browser's default applies
   */
  readonly maxAge?: Duration;

  /**
   * Whether scripts may send cookies and other credentials.
   *
   * @default - the header is not sent, so scripts may not
   */
  readonly allowCredentials?: boolean;
}

/** A method that {@link CorsPolicy} can allow. */
export type CorsMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | '*';

/** An origin of {@link CorsPolicy}, such as `https://shop.example.com`. */
export class Origin {
  /** Any origin. */
  static readonly ANY = new Origin('regex', '.*');

  /** An exact origin: scheme, host, and the port unless it is the default of the scheme; or `*` for any origin. */
  static exact(origin: string): Origin {
    return new Origin('exact', origin);
  }

  /** A prefix of origins. */
  static prefix(prefix: string): Origin {
    return new Origin('prefix', prefix);
  }

  /** A regular expression in RE2 syntax that must match the whole origin. */
  static regex(expression: string): Origin {
    return new Origin('regex', expression);
  }

  private constructor(
    private readonly comparison: 'exact' | 'prefix' | 'regex',
    private readonly value: string,
  ) {}

  /** The origin as an entry of `corsPolicy.allowOrigins`. */
  render(): Readonly<Record<string, string>> {
    return { [this.comparison]: this.value };
  }

  /**
   * The problems with the origin, one sentence each. Only the Gateway API allows wildcards in the host of an origin.
   */
  problems(at: string, wildcards: boolean): string[] {
    if (this.comparison === 'regex') return regularExpressionProblem(`${at} regex`, this.value);
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//;
    if (this.value === '') return [`${at} is empty: write an origin such as https://shop.example.com, or Origin.ANY`];
    if (this.comparison === 'exact' && ['*', 'null'].includes(this.value)) return [];
    if (this.value.includes('*') && !wildcards) {
      return [
        `${at} '${this.value}' has a *, which is not possible in an origin: write Origin.regex('https://[^.]+\\.example\\.com')`,
      ];
    }
    return this.comparison === 'exact' && !scheme.test(this.value)
      ? [`${at} '${this.value}' is not an origin: write it with a scheme, such as https://shop.example.com`]
      : [];
  }
}

/** The policy as a VirtualService's `http[].corsPolicy`. */
export function renderCorsPolicy(policy: CorsPolicy): Readonly<Record<string, unknown>> {
  return definedFields({
    ...policy,
    allowOrigins: policy.allowOrigins.map((origin) => origin.render()),
    maxAge: policy.maxAge && istioDuration(policy.maxAge),
  });
}

/** The problems with a CORS policy, one sentence each. */
export function corsPolicyProblems(at: string, policy: CorsPolicy, wildcards = false): string[] {
  const { allowOrigins, allowMethods = [], maxAge } = policy;
  const headers = (prop: 'allowHeaders' | 'exposeHeaders') =>
    (policy[prop] ?? [])
      .filter((name) => !isHeaderName(name))
      .map((name) => `${at}.${prop} has '${name}', which is not a valid header name: write another`);
  return [
    ...(allowOrigins.length > 0 ? [] : [`${at}.allowOrigins is empty: name an origin, or write Origin.ANY`]),
    ...allowOrigins.flatMap((origin, index) => origin.problems(`${at}.allowOrigins[${String(index)}]`, wildcards)),
    ...allowMethods
      .filter((method) => !METHODS.has(method))
      .map((method) => `${at}.allowMethods has '${method}', which is not an HTTP method: write it in upper case`),
    ...headers('allowHeaders'),
    ...headers('exposeHeaders'),
    ...maxAgeProblems(`${at}.maxAge`, maxAge),
  ];
}

const METHODS = new Set<string>(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*']);

function maxAgeProblems(prop: string, maxAge: Duration | undefined): string[] {
  const problems = durationProblem(prop, maxAge);
  if (maxAge === undefined || problems.length > 0) return problems;
  return milliseconds(maxAge) % 1000 === 0
    ? []
    : [`${prop} ${istioDuration(maxAge)} is too precise: write a whole number of seconds`];
}
