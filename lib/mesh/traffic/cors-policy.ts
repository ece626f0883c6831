import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { isHeaderName } from '../http-header-name';
import { durationProblem, istioDuration, milliseconds } from '../istio-duration';
import { regularExpressionProblem } from '../regular-expression';

/**
 * Pages from which origins may call a host by script. Proxies answer the browsers' preflight requests themselves.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy
 */
export interface CorsPolicy {
  /** The origins; none of a list lets a page of any other read a response. */
  readonly allowOrigins: readonly Origin[];

  /**
   * Methods, as in `Access-Control-Allow-Methods`; `*` stands for all.
   *
   * @default - the header is not sent: GET, HEAD and POST of simple requests
   */
  readonly allowMethods?: readonly CorsMethod[];

  /**
   * Request headers, as in `Access-Control-Allow-Headers`; `*` stands for all.
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
   * How long browsers keep the answer to a preflight request, in whole seconds.
   *
   * @default - the header is not sent: the browser's own
   */
  readonly maxAge?: Duration;

  /**
   * Whether scripts may send cookies and other credentials.
   *
   * @default - the header is not sent: no
   */
  readonly allowCredentials?: boolean;
}

/** A method that {@link CorsPolicy} can allow. */
export type CorsMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | '*';

/** An origin of {@link CorsPolicy}, such as `https://shop.example.com`. */
export class Origin {
  /** Any origin. */
  static readonly ANY = new Origin('regex', '.*');

  /** The whole origin, with scheme and, where it is not the scheme's own, port; or `*` for any. */
  static exact(origin: string): Origin {
    return new Origin('exact', origin);
  }

  /** What origins start with. */
  static prefix(prefix: string): Origin {
    return new Origin('prefix', prefix);
  }

  /** A regular expression in RE2's syntax that the whole origin satisfies. */
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

  /** The problems with the origin, one sentence each; the Gateway API has wildcards in origins. */
  problems(at: string, wildcards: boolean): string[] {
    if (this.comparison === 'regex') return regularExpressionProblem(`${at} regex`, this.value);
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//;
    if (this.value === '') return [`${at} is empty: write an origin such as https://shop.example.com, or Origin.ANY`];
    if (this.comparison === 'exact' && ['*', 'null'].includes(this.value)) return [];
    if (this.value.includes('*') && !wildcards) {
      return [
        `${at} '${this.value}' has a *, which no origin has: write Origin.regex('https://[^.]+\\.example\\.com')`,
      ];
    }
    return this.comparison === 'exact' && !scheme.test(this.value)
      ? [`${at} '${this.value}' is not an origin: write it with its scheme, such as https://shop.example.com`]
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
      .map((method) => `${at}.allowMethods has '${method}', which is not a method: write it in upper case`),
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
    : [`${prop} ${istioDuration(maxAge)} is too exact: write a whole number of seconds`];
}
