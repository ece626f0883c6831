import { definedFields } from '../fields';

/** How a string is compared. With an empty comparison, the string only has to exist. */
export type Comparison = Readonly<Partial<Record<'exact' | 'prefix' | 'regex', string>>>;

/** The conditions of an entry of a VirtualService's `http[].match`, all of which must hold. */
export interface MatchConditions {
  /** Name of the match in access logs; not a condition. */
  readonly name?: string;
  readonly uri?: Comparison;

  /** Prefix of the path in whole segments, which only the Gateway API supports. */
  readonly pathPrefix?: string;
  readonly scheme?: Comparison;
  readonly method?: Comparison;
  readonly authority?: Comparison;
  readonly headers?: Readonly<Record<string, Comparison>>;
  readonly withoutHeaders?: Readonly<Record<string, Comparison>>;
  readonly queryParams?: Readonly<Record<string, Comparison>>;
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
  readonly ignoreUriCase?: boolean;
}

/** The problem with conditions on the client's pod that Istio ignores because of `gateways`, as a phrase. */
export function ignoredConditionProblem({ gateways, sourceLabels, sourceNamespace }: MatchConditions): string[] {
  const ignored = gateways === undefined ? [] : Object.keys(definedFields({ sourceLabels, sourceNamespace }));
  return ignored.length === 0
    ? []
    : [
        `has gateways, with which Istio ignores ${ignored.join(' and ')}: leave gateways out, or leave out what Istio ignores`,
      ];
}

/** Whether every request that satisfies `narrow` certainly also satisfies `wide`. */
export function covers(wide: MatchConditions, narrow: MatchConditions): boolean {
  return (
    coversUri(wide, narrow) &&
    implies(narrow.scheme, wide.scheme) &&
    implies(narrow.method, wide.method) &&
    implies(narrow.authority, wide.authority) &&
    everyOf(wide.headers, (name, comparison) => implies(narrow.headers?.[name], comparison)) &&
    everyOf(wide.queryParams, (name, comparison) => implies(narrow.queryParams?.[name], comparison)) &&
    everyOf(wide.withoutHeaders, (name, comparison) => same(narrow.withoutHeaders?.[name], comparison)) &&
    (wide.port === undefined || wide.port === narrow.port) &&
    coversSource(wide, narrow)
  );
}

/** Whether `wide` applies in all proxies in which `narrow` does. Istio ignores labels and namespace beside gateways. */
function coversSource(wide: MatchConditions, narrow: MatchConditions): boolean {
  if (wide.gateways) return narrow.gateways?.every((gateway) => wide.gateways?.includes(gateway)) ?? false;
  const { sourceLabels, sourceNamespace }: MatchConditions = narrow.gateways ? {} : narrow;
  return (
    everyOf(wide.sourceLabels, (name, value) => sourceLabels?.[name] === value) &&
    (wide.sourceNamespace === undefined || wide.sourceNamespace === sourceNamespace)
  );
}

/**
 * Whether istiod merges `wide`, the match of a delegating route, with `narrow`, the match of a route in the delegate.
 * If it cannot, it drops the route in the delegate.
 */
export function merges(wide: MatchConditions, narrow: MatchConditions): boolean {
  const { sourceLabels = {} } = narrow;
  return (
    (wide.ignoreUriCase ?? false) === (narrow.ignoreUriCase ?? false) &&
    comparesWithin(narrow.uri, wide.uri) &&
    comparesWithin(narrow.scheme, wide.scheme) &&
    comparesWithin(narrow.method, wide.method) &&
    comparesWithin(narrow.authority, wide.authority) &&
    everyOf(narrow.headers, (name, comparison) => comparesWithin(comparison, wide.headers?.[name])) &&
    everyOf(narrow.withoutHeaders, (name, comparison) => comparesWithin(comparison, wide.withoutHeaders?.[name])) &&
    everyOf(narrow.queryParams, (name, comparison) => comparesWithin(comparison, wide.queryParams?.[name])) &&
    everyOf(wide.sourceLabels, (name, value) => (sourceLabels[name] ?? value) === value) &&
    (wide.port === undefined || narrow.port === undefined || wide.port === narrow.port) &&
    (wide.sourceNamespace === undefined || wide.sourceNamespace === narrow.sourceNamespace) &&
    (narrow.gateways?.every((gateway) => wide.gateways?.includes(gateway) ?? true) ?? true)
  );
}

function comparesWithin(narrow: Comparison | undefined, wide: Comparison | undefined): boolean {
  if (narrow === undefined || wide === undefined) return true;
  if (wide.exact) return narrow.exact === wide.exact;
  return wide.prefix ? (narrow.prefix ?? narrow.exact ?? '').startsWith(wide.prefix) : false;
}

function coversUri(wide: MatchConditions, narrow: MatchConditions): boolean {
  // Every path starts with a slash.
  if (wide.uri?.prefix === '/' || wide.uri?.prefix === '') return true;
  if (!wide.ignoreUriCase) return !narrow.ignoreUriCase ? implies(narrow.uri, wide.uri) : wide.uri === undefined;
  return implies(lowerCase(narrow.uri), lowerCase(wide.uri));
}

function implies(narrow: Comparison | undefined, wide: Comparison | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  if (Object.keys(wide).length === 0 || wide.regex === '.*' || same(narrow, wide)) return true;
  const start = narrow.exact ?? narrow.prefix;
  return wide.prefix !== undefined && (start?.startsWith(wide.prefix) ?? false);
}

function same(one: Comparison | undefined, other: Comparison): boolean {
  return one !== undefined && one.exact === other.exact && one.prefix === other.prefix && one.regex === other.regex;
}

function lowerCase(comparison: Comparison | undefined): Comparison | undefined {
  if (comparison === undefined || comparison.regex !== undefined) return comparison;
  return Object.fromEntries(Object.entries(comparison).map(([kind, value]) => [kind, value.toLowerCase()]));
}

function everyOf<T>(record: Readonly<Record<string, T>> | undefined, holds: (name: string, value: T) => boolean) {
  return Object.entries(record ?? {}).every(([name, value]) => holds(name, value));
}
