import { definedFields } from '../fields';
import { regularExpressionProblem } from '../regular-expression';

/** What can be changed of a request. */
export interface RewriteFields {
  /**
   * What takes the place of the path, or of its prefix if the route matches by prefix.
   *
   * @default - stays
   */
  readonly uri?: string;

  /**
   * What takes the place of each part of the path that a regular expression in RE2's syntax finds; `\1` stands for what
   * its first group found.
   *
   * @default - stays
   */
  readonly uriRegex?: { readonly match: string; readonly rewrite: string };

  /**
   * The host.
   *
   * @default - stays
   */
  readonly authority?: string;
}

/**
 * What is changed of a request's path and host before it goes on: the path by `uri` or by `uriRegex`.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite
 */
export type Rewrite = RewriteFields & ({ readonly uri?: never } | { readonly uriRegex?: never });

/** The rewrite as a VirtualService's `http[].rewrite`. */
export function renderRewrite({ uri, uriRegex, authority }: Rewrite): Readonly<Record<string, unknown>> {
  return definedFields({ uri, uriRegexRewrite: uriRegex, authority });
}

/** The problems with a rewrite, one sentence each. */
export function rewriteProblems(at: string, { uri, uriRegex, authority }: RewriteFields): string[] {
  const problems: string[] = [];
  if (uri !== undefined && uriRegex !== undefined) {
    problems.push(`${at} has uri '${uri}' and uriRegex '${uriRegex.match}': leave out one of them`);
  }
  for (const [name, value] of Object.entries({ uri, authority, 'uriRegex.rewrite': uriRegex?.rewrite })) {
    if (value === '') problems.push(`${at}.${name} is empty: write one, or leave it out`);
  }
  if (uri === undefined && uriRegex === undefined && authority === undefined) {
    problems.push(`${at} changes nothing: set uri, uriRegex or authority, or leave it out`);
  }
  return [...problems, ...(uriRegex ? regularExpressionProblem(`${at}.uriRegex.match`, uriRegex.match) : [])];
}
