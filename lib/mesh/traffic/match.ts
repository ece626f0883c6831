import { gatewayName, gatewayNameProblem, type GatewayReference } from './gateway-name';
import { isHeaderName } from '../http-header-name';
import { ignoredConditionProblem, type Comparison, type MatchConditions } from './match-conditions';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { regularExpressionProblem } from '../regular-expression';
import { labelProblems } from '../labels';

/** How a string of a request is compared. Each method creates a {@link Match}. */
export interface StringMatch {
  /** Matches the whole string exactly. */
  exact(value: string): Match;
  /** Matches the start of the string. */
  prefix(value: string): Match;
  /** Matches the whole string with a regular expression in RE2 syntax. */
  regex(value: string): Match;
}

/** A gRPC method, or all methods of a service. */
export type GrpcMethod =
  | {
      /** The service with its package, such as `shop.v1.Cart`. */
      readonly service: string;

      /**
       * The method's name, such as `AddItem`.
       *
       * @default - all methods of the service
       */
      readonly name?: string;
    }
  | {
      readonly service?: never;

      /** The method's name, in any service. */
      readonly name: string;
    };

/**
 * A condition that selects requests for a route. The matches of a route are alternatives; {@link Match.and} combines
 * conditions that must all hold.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */
export class Match {
  /** A request header. Its name is case-insensitive. */
  static header(name: string): StringMatch {
    return Match.comparing((comparison) => ({ headers: { [name]: comparison } }));
  }

  /** A request header that exists, with any value. */
  static headerPresent(name: string): Match {
    return new Match({ headers: { [name]: {} } });
  }

  /** A request header that does not exist, or does not match. */
  static withoutHeader(name: string): StringMatch {
    return Match.comparing((comparison) => ({ withoutHeaders: { [name]: comparison } }));
  }

  /** A request header that does not exist. */
  static headerAbsent(name: string): Match {
    return new Match({ withoutHeaders: { [name]: {} } });
  }

  /** A cookie in the header `cookie`. A match can contain only one. */
  static cookie(name: string): StringMatch {
    const cookie = (value: string) =>
      new Match({ headers: { cookie: { regex: `(.*;[ ]*)?${literally(name)}=${value}([ ]*;.*)?` } } });
    return {
      exact: (value) => cookie(literally(value)),
      prefix: (value) => cookie(`${literally(value)}[^;]*`),
      regex: (value) => cookie(`(${value})`),
    };
  }

  /** The request's path, without query parameters. */
  static uri(): StringMatch {
    return Match.comparing((uri) => ({ uri }));
  }

  /** The request's path, case-insensitive and without query parameters. Regular expressions remain case-sensitive. */
  static uriIgnoringCase(): StringMatch {
    return Match.comparing((uri) => ({ uri, ignoreUriCase: true }));
  }

  /**
   * A prefix of the request's path in whole segments: `/api` matches `/api` and `/api/v1`, but not `/apis`. Only for
   * {@link HTTPRoute}.
   */
  static pathPrefix(prefix: string): Match {
    return new Match({ pathPrefix: prefix });
  }

  /** A gRPC method, by its fully qualified service, its name, or both. The match compares the path of the call. */
  static grpcMethod(method: GrpcMethod): Match {
    const { service, name }: Partial<Record<'service' | 'name', string>> = method;
    if (service === undefined) return Match.uri().regex(`/[^/]+/${name ?? ''}`);
    return name === undefined ? Match.uri().prefix(`/${service}/`) : Match.uri().exact(`/${service}/${name}`);
  }

  /** The request's scheme, `http` or `https`. */
  static scheme(): StringMatch {
    return Match.comparing((scheme) => ({ scheme }));
  }

  /** The request's method, such as `GET`. */
  static method(): StringMatch {
    return Match.comparing((method) => ({ method }));
  }

  /** The request's host, as the client sent it. */
  static authority(): StringMatch {
    return Match.comparing((authority) => ({ authority }));
  }

  /** A query parameter. */
  static queryParam(name: string): StringMatch {
    return Match.comparing((comparison) => ({ queryParams: { [name]: comparison } }));
  }

  /** The port that the request is addressed to, 1 to 65535. */
  static port(port: number): Match {
    return new Match({ port });
  }

  /** Labels of the client's pod. Not supported together with {@link Match.gateways}. */
  static sourceLabels(labels: Readonly<Record<string, string>>): Match {
    return new Match({ sourceLabels: labels });
  }

  /** The namespace of the client's pod. Not supported together with {@link Match.gateways}. */
  static sourceNamespace(namespace: string): Match {
    return new Match({ sourceNamespace: namespace });
  }

  /**
   * The gateways that the request came through, as the constructs or as `name` or `namespace/name`; `mesh` stands for
   * the sidecars of clients. The policy's prop `gateways` must contain each of them.
   */
  static gateways(...gateways: readonly GatewayReference[]): Match {
    return new Match({ gateways: gateways.map((gateway) => gatewayName(gateway)) });
  }

  private static comparing(conditions: (comparison: Comparison) => MatchConditions): StringMatch {
    return {
      exact: (value) => new Match(conditions({ exact: value })),
      prefix: (value) => new Match(conditions({ prefix: value })),
      regex: (value) => new Match(conditions({ regex: value })),
    };
  }

  private constructor(
    /** The conditions, in the terms of Istio's API. */
    readonly conditions: MatchConditions,
    private readonly overruled: readonly string[] = [],
  ) {}

  /** The same match with a name, which access logs show after the name of the route. */
  named(name: string): Match {
    return new Match({ ...this.conditions, name }, this.overruled);
  }

  /** Whether the match has a condition on a prefix of the path. */
  get hasUriPrefix(): boolean {
    return this.conditions.uri?.prefix !== undefined;
  }

  /** Whether the match has a condition on a prefix of the path in whole segments. */
  get hasPathPrefix(): boolean {
    return this.conditions.pathPrefix !== undefined;
  }

  /** A match for requests that satisfy both this match and another. */
  and(other: Match): Match {
    const overruled = [...this.overruled, ...other.overruled];
    const merged: Record<string, unknown> = { ...this.conditions };
    for (const [kind, theirs] of Object.entries(other.conditions) as [keyof MatchConditions, unknown][]) {
      const ours: unknown = merged[kind];
      if (NAMED.includes(kind) && ours !== undefined) {
        const names = Object.keys(theirs as object).filter((name) => name in (ours as object));
        overruled.push(...names.map((name) => `${kind} '${name}'`));
        merged[kind] = { ...(ours as object), ...(theirs as object) };
      } else {
        if (ours !== undefined && kind !== 'ignoreUriCase') overruled.push(kind);
        merged[kind] = theirs;
      }
    }
    return new Match(merged, overruled);
  }

  /** The match as an entry of a VirtualService's `http[].match`. */
  render(): Readonly<Record<string, unknown>> {
    return { ...this.conditions };
  }

  /** The problems with the match, one sentence each. */
  problems(): string[] {
    const { uri, scheme, method, authority, headers = {}, withoutHeaders = {}, queryParams = {} } = this.conditions;
    const { name: own, port, sourceLabels, sourceNamespace, gateways } = this.conditions;
    return [
      ...(own === '' ? ['has an empty name: write one, or leave it out'] : []),
      ...this.overruled.map((what) => `has two conditions for ${what}, but can contain only one: write one`),
      ...[...Object.keys(headers), ...Object.keys(withoutHeaders)].flatMap(headerNameProblem),
      ...(uri?.prefix === '' ? [] : comparisonProblems('uri', uri)),
      ...Object.entries({ scheme, method, authority }).flatMap(([what, one]) => comparisonProblems(what, one)),
      ...Object.entries(headers).flatMap(([name, one]) => comparisonProblems(`header '${name}'`, one)),
      ...Object.entries(withoutHeaders).flatMap(([name, one]) => comparisonProblems(`header '${name}'`, one)),
      ...Object.entries(queryParams).flatMap(([name, one]) => comparisonProblems(`query parameter '${name}'`, one)),
      ...wholeNumberProblem('port', port, 1, 65535),
      ...(sourceNamespace === undefined ? [] : labelNameProblem('source namespace', sourceNamespace)),
      ...(gateways ?? []).flatMap(gatewayNameProblem),
      ...(gateways?.length === 0 ? ['gateways is empty: name at least one'] : []),
      ...(sourceLabels && Object.keys(sourceLabels).length === 0 ? ['sourceLabels is empty: name at least one'] : []),
      ...labelProblems('sourceLabels', sourceLabels ?? {}),
      ...ignoredConditionProblem(this.conditions),
    ];
  }

  /** Likely mistakes in the match, one sentence each. */
  warnings(): string[] {
    const { headers = {}, withoutHeaders = {} } = this.conditions;
    return [...Object.keys(headers), ...Object.keys(withoutHeaders)]
      .filter((name) => !name.startsWith('@') && name !== name.toLowerCase())
      .map(
        (name) =>
          `header '${name}' is not in lower case, which Istio's reference requires: write '${name.toLowerCase()}', which matches the same headers`,
      );
  }
}

const NAMED: readonly string[] = ['headers', 'withoutHeaders', 'queryParams', 'sourceLabels'];
const CLAIM = /^@request\.auth\.claims(\.[^.]+)+$|^@request\.auth\.claims(\[[^[\]]+\])+$/;
const PSEUDO_HEADERS = [':method', ':scheme', ':authority', ':path', ':status'];

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function headerNameProblem(name: string): string[] {
  if (CLAIM.test(name) || PSEUDO_HEADERS.includes(name)) return [];
  if (name.startsWith('@')) {
    return [
      `header '${name}' is not a valid reference to a claim: write '@request.auth.claims.NAME' or '@request.auth.claims[NAME]'`,
    ];
  }
  return isHeaderName(name) ? [] : [`header '${name}' is not a valid header name: write another`];
}

function comparisonProblems(what: string, comparison: Comparison | undefined): string[] {
  if (comparison?.prefix === '') return [`${what} has an empty prefix: write one, or leave the condition out`];
  return comparison?.regex === undefined ? [] : regularExpressionProblem(what, comparison.regex);
}
