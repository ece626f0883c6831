/** Options of {@link TokenLocation.header}. */
export interface TokenHeaderOptions {
  /**
   * Prefix of the token in the header, including the space: `'Bearer '`.
   *
   * @default - nothing
   */
  readonly prefix?: string;
}

/**
 * The location of a token in requests.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule
 */
export class TokenLocation {
  /** A request header. */
  static header(name: string, options: TokenHeaderOptions = {}): TokenLocation {
    return new TokenLocation('header', name, options.prefix);
  }

  /** A query parameter. */
  static queryParam(name: string): TokenLocation {
    return new TokenLocation('query parameter', name);
  }

  /** A cookie. */
  static cookie(name: string): TokenLocation {
    return new TokenLocation('cookie', name);
  }

  private constructor(
    private readonly kind: 'header' | 'query parameter' | 'cookie',
    private readonly name: string,
    private readonly prefix?: string,
  ) {}

  /** The fields of a RequestAuthentication's `jwtRules[]` for several locations. */
  static render(locations: readonly TokenLocation[]): Readonly<Record<string, unknown>> {
    const of = (wanted: TokenLocation['kind']) => locations.filter(({ kind }) => kind === wanted);
    const headers = of('header').map(({ name, prefix }) => ({ name, ...(prefix === undefined ? {} : { prefix }) }));
    const params = of('query parameter').map(({ name }) => name);
    const cookies = of('cookie').map(({ name }) => name);
    return {
      ...(headers.length > 0 ? { fromHeaders: headers } : {}),
      ...(params.length > 0 ? { fromParams: params } : {}),
      ...(cookies.length > 0 ? { fromCookies: cookies } : {}),
    };
  }

  /** The problems with the location, one sentence each. */
  problems(): string[] {
    const valid = this.kind === 'query parameter' ? this.name !== '' : /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(this.name);
    return valid ? [] : [`${this.kind} '${this.name}' is not a valid name: write a name without spaces`];
  }
}
