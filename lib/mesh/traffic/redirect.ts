import { definedFields } from '../fields';
import type { Match } from './match';
import { wholeNumberProblem } from '../number-range';

/** The parts of a URL that a redirect can change. */
export interface RedirectFields {
  /**
   * New path.
   *
   * @default - unchanged, unless `prefixRewrite` is set
   */
  readonly uri?: string;

  /**
   * Replacement for the prefix that the route's match contains. Every match needs a URI prefix.
   *
   * @default - unchanged
   */
  readonly prefixRewrite?: string;

  /**
   * New host, such as `shop.example.com`.
   *
   * @default - unchanged
   */
  readonly authority?: string;

  /**
   * New port: a number, the default of the scheme (80 or 443), or the port of the request.
   *
   * @default - Istio's: no port if the authority or scheme changes
   */
  readonly port?: number | 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT';

  /**
   * New scheme.
   *
   * @default - unchanged
   */
  readonly scheme?: 'http' | 'https';

  /**
   * Status of the response.
   *
   * @default - Istio's: 301
   */
  readonly code?: 301 | 302 | 303 | 307 | 308;
}

/**
 * The target of a redirect. Omitted parts, except for `port`, keep the value of the request. Set `uri` or
 * `prefixRewrite` to change the path.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect
 */
export type Redirect = RedirectFields & ({ readonly uri?: never } | { readonly prefixRewrite?: never });

const CODES: readonly number[] = [301, 302, 303, 307, 308];

/** The redirect as a VirtualService's `http[].redirect`. */
export function renderRedirect({ port, code, ...same }: Redirect): Readonly<Record<string, unknown>> {
  return definedFields({
    ...same,
    ...(typeof port === 'number' ? { port } : { derivePort: port }),
    redirectCode: code,
  });
}

/** The problems with a redirect, one sentence each. */
export function redirectProblems(at: string, redirect: RedirectFields, match: readonly Match[]): string[] {
  const { uri, prefixRewrite, authority, port, scheme, code } = redirect;
  const problems: string[] = [];
  if (uri !== undefined && prefixRewrite !== undefined) {
    problems.push(`${at} has uri '${uri}' and prefixRewrite '${prefixRewrite}': leave out one of them`);
  }
  for (const [name, value] of Object.entries({ uri, prefixRewrite, authority })) {
    if (value === '') problems.push(`${at}.${name} is empty: write one, or leave it out`);
  }
  if ([uri, prefixRewrite, authority, port, scheme].every((value) => value === undefined)) {
    problems.push(
      `${at} changes nothing, so clients would repeat the request forever: set uri, authority, port or scheme`,
    );
  }
  if (prefixRewrite !== undefined && !(match.length > 0 && match.every((one) => one.hasUriPrefix))) {
    problems.push(
      `${at}.prefixRewrite '${prefixRewrite}' needs a URI prefix in each match: write Match.uri().prefix(…)`,
    );
  }
  if (typeof port === 'number') problems.push(...wholeNumberProblem(`${at}.port`, port, 1, 65535));
  if (code !== undefined && !CODES.includes(code)) {
    problems.push(`${at}.code ${String(code)} is not a redirect status: write one of ${CODES.join(', ')}`);
  }
  return problems;
}
