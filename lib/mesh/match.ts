/** How a string of a request is compared; each method makes a {@link Match}. */
export interface StringMatch {
  /** The whole string, as it is written. */
  exact(value: string): Match;
  /** What the string starts with. */
  prefix(value: string): Match;
  /** A regular expression in RE2's syntax that the whole string satisfies. */
  regex(value: string): Match;
}

type Comparison = Readonly<Record<string, string>>;

interface Conditions {
  readonly uri?: Comparison;
  readonly method?: Comparison;
  readonly authority?: Comparison;
  readonly headers?: Readonly<Record<string, Comparison>>;
  readonly queryParams?: Readonly<Record<string, Comparison>>;
}

/**
 * Which requests a route is for. Several matches of a route are alternatives; {@link Match.and} makes one of conditions
 * that must all hold.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */
export class Match {
  /** A request header; names are written in lower case. */
  static header(name: string): StringMatch {
    return comparing((comparison) => ({ headers: { [name]: comparison } }));
  }

  /** The request's path, without query parameters. */
  static uri(): StringMatch {
    return comparing((uri) => ({ uri }));
  }

  /** The request's method, such as `GET`. */
  static method(): StringMatch {
    return comparing((method) => ({ method }));
  }

  /** The request's host, as the client named it. */
  static authority(): StringMatch {
    return comparing((authority) => ({ authority }));
  }

  /** A query parameter. */
  static queryParam(name: string): StringMatch {
    return comparing((comparison) => ({ queryParams: { [name]: comparison } }));
  }

  /** @internal */
  constructor(private readonly conditions: Conditions) {}

  /** A match for requests that satisfy this one and another. */
  and(other: Match): Match {
    const { headers, queryParams } = this.conditions;
    return new Match({
      ...this.conditions,
      ...other.conditions,
      ...(headers || other.conditions.headers ? { headers: { ...headers, ...other.conditions.headers } } : {}),
      ...(queryParams || other.conditions.queryParams
        ? { queryParams: { ...queryParams, ...other.conditions.queryParams } }
        : {}),
    });
  }

  /** The match as an entry of a VirtualService's `http[].match`. */
  render(): Readonly<Record<string, unknown>> {
    return { ...this.conditions };
  }

  /** What is wrong with the match, one sentence each. */
  problems(): string[] {
    const problems: string[] = [];
    for (const name of Object.keys(this.conditions.headers ?? {})) {
      if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
        problems.push(`header '${name}' is not a header's name in lower case: write '${name.toLowerCase()}'`);
      }
    }
    return problems;
  }
}

function comparing(conditions: (comparison: Comparison) => Conditions): StringMatch {
  return {
    exact: (value) => new Match(conditions({ exact: value })),
    prefix: (value) => new Match(conditions({ prefix: value })),
    regex: (value) => new Match(conditions({ regex: value })),
  };
}
