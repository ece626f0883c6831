import type { Match } from '../traffic/match';

/** A change to a path: the whole path with `uri`, or its prefix with `prefixRewrite`. */
export type PathChange =
  | {
      /**
       * New path.
       *
       * @default - unchanged
       */
      readonly uri?: string;

      readonly prefixRewrite?: never;
    }
  | {
      readonly uri?: never;

      /**
       * Replacement for the prefix that the rule's only match sets with `Match.pathPrefix`. In a redirect, Envoy only
       * replaces the prefix: with `/`, it redirects `/old/cart` to `//cart`.
       *
       * @default - unchanged
       */
      readonly prefixRewrite?: string;
    };

/** The change as the `path` of a filter; empty if the path is unchanged. */
export function renderPathChange({ uri, prefixRewrite }: PathChange): Readonly<Record<string, unknown>> | undefined {
  if (prefixRewrite !== undefined) return { type: 'ReplacePrefixMatch', replacePrefixMatch: prefixRewrite };
  return uri === undefined ? undefined : { type: 'ReplaceFullPath', replaceFullPath: uri };
}

/** The problems with a change to a path, one sentence each. */
export function pathChangeProblems(
  at: string,
  { uri, prefixRewrite }: { readonly uri?: string; readonly prefixRewrite?: string },
  match: readonly Match[],
): string[] {
  const problems: string[] = [];
  if (uri !== undefined && prefixRewrite !== undefined) {
    problems.push(`${at} has uri '${uri}' and prefixRewrite '${prefixRewrite}': leave out one of them`);
  }
  for (const [name, value] of Object.entries({ uri, prefixRewrite })) {
    // The Gateway API allows an empty prefixRewrite, which removes the prefix in a rewrite.
    if (value === undefined || (value === '' && value === prefixRewrite)) continue;
    if (value.startsWith('/') && value.length <= 1024) continue;
    problems.push(`${at}.${name} '${value}' is not an absolute path of at most 1024 characters: start it with '/'`);
  }
  const [only] = match;
  if (prefixRewrite !== undefined && !(match.length === 1 && only?.hasPathPrefix)) {
    problems.push(
      `${at}.prefixRewrite '${prefixRewrite}' needs exactly one match with a prefix: write match: [Match.pathPrefix(…)], and further matches in separate rules`,
    );
  }
  return problems;
}
