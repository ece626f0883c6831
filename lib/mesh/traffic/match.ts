import { gatewayName, gatewayNameProblem, type GatewayReference } from './gateway-name';
import { isHeaderName } from '../http-header-name';
import type { Comparison, MatchConditions } from './match-conditions';
import { wholeNumberProblem } from '../number-range';
import { labelNameProblem } from '../object-name';
import { regularExpressionProblem } from '../regular-expression';
import { labelProblems } from '../labels';

/** How a string of a request is compared; each method makes a {@link Match}. */
export interface StringMatch {
  /** The whole string, as it is written. */
  exact(value: string): Match;
  /** What the string starts with. */
  prefix(value: string): Match;
  /** A regular expression in RE2's syntax that the whole string satisfies. */
  regex(value: string): Match;
}

/** A method of gRPC, or all of a service. */
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

      /** The method's name, of whatever service. */
      readonly name: string;
    };

/**
 * Which requests a route is for. Several matches of a route are alternatives; {@link Match.and} makes one of conditions
 * that must all hold.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */
export class Match {
  /** A request header; upper and lower case of its name are the same. */
  static header(name: string): StringMatch {
    return Match.comparing((comparison) => ({ headers: { [name]: comparison } }));
  }

  /** A request header that is there, whatever its value. */
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

  /** A cookie, which is looked for in the header `cookie`; a match has room for one. */
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

  /** The request's path, without query parameters, in upper or lower case; regular expressions stay exact. */
  static uriIgnoringCase(): StringMatch {
    return Match.comparing((uri) => ({ uri, ignoreUriCase: true }));
  }

  /**
   * What the request's path starts with, in whole segments: `/api` has `/api` and `/api/v1`, and not `/apis`. For an
   * {@link HTTPRoute} alone.
   */
  static pathPrefix(prefix: string): Match {
    return new Match({ pathPrefix: prefix });
  }

  /** A method of gRPC, by its service with the package, its name, or both: the path of its calls. */
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

  /** The request's host, as the client named it. */
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

  /** Labels of the client's pod. */
  static sourceLabels(labels: Readonly<Record<string, string>>): Match {
    return new Match({ sourceLabels: labels });
  }

  /** The namespace of the client's pod. */
  static sourceNamespace(namespace: string): Match {
    return new Match({ sourceNamespace: namespace });
  }

  /**
   * The gateways that the request came through, as the constructs or as `name` or `namespace/name`; `mesh` stands for
   * the sidecars of clients. The policy's prop `gateways` names each of them.
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
    /** What must hold, in Istio's words. */
    readonly conditions: MatchConditions,
    private readonly overruled: readonly string[] = [],
  ) {}

  /** The same match with a name, which access logs show behind that of the route. */
  named(name: string): Match {
    return new Match({ ...this.conditions, name }, this.overruled);
  }

  /** Whether the match has a condition on what the path starts with. */
  get hasUriPrefix(): boolean {
    return this.conditions.uri?.prefix !== undefined;
  }

  /** Whether the match has a condition on what the path starts with in whole segments. */
  get hasPathPrefix(): boolean {
    return this.conditions.pathPrefix !== undefined;
  }

  /** A match for requests that satisfy this one and another. */
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

  /** What is wrong with the match, one sentence each. */
  problems(): string[] {
    const { uri, scheme, method, authority, headers = {}, withoutHeaders = {}, queryParams = {} } = this.conditions;
    const { name: own, port, sourceLabels, sourceNamespace, gateways } = this.conditions;
    return [
      ...(own === '' ? ['has an empty name: write one, or leave it out'] : []),
      ...this.overruled.map((what) => `has two conditions for ${what}, of which only one can hold: write one`),
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
    ];
  }

  /** What is likely not meant by the match, one sentence each. */
  warnings(): string[] {
    const { headers = {}, withoutHeaders = {} } = this.conditions;
    return [...Object.keys(headers), ...Object.keys(withoutHeaders)]
      .filter((name) => !name.startsWith('@') && name !== name.toLowerCase())
      .map(
        (name) =>
          `header '${name}' is not in lower case, as Istio's reference asks for: write '${name.toLowerCase()}', which proxies compare alike`,
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
    return [`header '${name}' is no claim: write '@request.auth.claims.NAME' or '@request.auth.claims[NAME]'`];
  }
  return isHeaderName(name) ? [] : [`header '${name}' is not a header's name: write another`];
}

function comparisonProblems(what: string, comparison: Comparison | undefined): string[] {
  if (comparison?.prefix === '') return [`${what} has an empty prefix: write one, or leave the condition out`];
  return comparison?.regex === undefined ? [] : regularExpressionProblem(what, comparison.regex);
}
