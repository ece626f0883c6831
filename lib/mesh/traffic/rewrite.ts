import { definedFields } from '../fields';
import { regularExpressionProblem } from '../regular-expression';

/** The parts of a request that a rewrite can change. */
export interface RewriteFields {
  /**
   * Replacement for the path, or for its prefix if the route matches a prefix.
   *
   * @default - unchanged
   */
  readonly uri?: string;

  /**
   * Replacement for each part of the path that matches a regular expression in RE2 syntax; `\1` stands for its first
   * group.
   *
   * @default - unchanged
   */
  readonly uriRegex?: { readonly match: string; readonly rewrite: string };

  /**
   * New host.
   *
   * @default - unchanged
   */
  readonly authority?: string;
}

/**
 * Changes to a request's path and host before it is forwarded. Set `uri` or `uriRegex` to change the path.
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
