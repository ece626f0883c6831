import type { Duration } from 'cdk8s';
import { durationProblem, istioDuration } from '../istio-duration';
import type { Jwks } from './jwks';
import { TokenLocation } from './token-location';

/**
 * The tokens of one issuer, and how they are handled.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule
 */
export interface JwtRule {
  /**
   * The tokens' claim `iss`: a URL, or an e-mail address. Istio 1.24 requires it in every rule.
   *
   * @default - any that signs with the keys of `jwks`, which then has to be {@link Jwks.uri}
   */
  readonly issuer?: string;

  /** Where the issuer's public keys come from. */
  readonly jwks: Jwks;

  /**
   * Accepted values of the tokens' claim `aud`; a token needs one of them.
   *
   * @default - any
   */
  readonly audiences?: readonly string[];

  /**
   * Where requests carry the token.
   *
   * @default - Istio's: the header `Authorization` behind `Bearer `, or the query parameter `access_token`
   */
  readonly from?: readonly TokenLocation[];

  /**
   * Whether the application gets the token as well.
   *
   * @default false
   */
  readonly forwardOriginalToken?: boolean;

  /**
   * Request header in which the application gets the token's payload, as base64 of its JSON.
   *
   * @default - none
   */
  readonly outputPayloadToHeader?: string;

  /**
   * Request headers in which the application gets single claims: the claim, by the header's name. Inner claims are
   * written with dots.
   *
   * @default - none
   */
  readonly outputClaimToHeaders?: Readonly<Record<string, string>>;

  /**
   * Claims, besides `scope` and `permission`, whose text is a list that blanks separate: conditions on the claim compare
   * with each item. Older versions of Istio do not have the field, and drop it.
   *
   * @default - none
   */
  readonly spaceDelimitedClaims?: readonly string[];

  /**
   * How long fetching the keys may take.
   *
   * @default - Istio's: 5 seconds
   */
  readonly timeout?: Duration;
}

/** A rule as an entry of a RequestAuthentication's `jwtRules`. */
export function renderJwtRule(rule: JwtRule): Readonly<Record<string, unknown>> {
  const { issuer, jwks, audiences, from = [], forwardOriginalToken, outputPayloadToHeader, timeout } = rule;
  const claims = Object.entries(rule.outputClaimToHeaders ?? {});
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...jwks.render(),
    ...(audiences ? { audiences } : {}),
    ...TokenLocation.render(from),
    ...(forwardOriginalToken === undefined ? {} : { forwardOriginalToken }),
    ...(outputPayloadToHeader === undefined ? {} : { outputPayloadToHeader }),
    ...(claims.length > 0 ? { outputClaimToHeaders: claims.map(([header, claim]) => ({ header, claim })) } : {}),
    ...(rule.spaceDelimitedClaims ? { spaceDelimitedClaims: rule.spaceDelimitedClaims } : {}),
    ...(timeout ? { timeout: istioDuration(timeout) } : {}),
  };
}

/** The problems with a list of rules, one sentence each. */
export function jwtRuleProblems(rules: readonly JwtRule[]): string[] {
  return rules.flatMap((rule, index) => {
    const { issuer, jwks, audiences, from, outputPayloadToHeader: payload, outputClaimToHeaders = {}, timeout } = rule;
    const found = issuer?.trim() === '' ? [`issuer '${issuer}' is empty: write the tokens' claim iss`] : [];
    if (found.length === 0) found.push(...jwks.problems(issuer));
    if (audiences && (audiences.length === 0 || audiences.includes(''))) {
      found.push(`audiences [${audiences.map((one) => `'${one}'`).join(', ')}] has none or an empty one: ${AUDIENCES}`);
    }
    if (from?.length === 0) found.push('from is empty: name a location, or leave it out for the Authorization header');
    found.push(...(from ?? []).flatMap((location) => location.problems()));
    if (payload !== undefined) found.push(...headerProblem('outputPayloadToHeader', payload));
    for (const [header, claim] of Object.entries(outputClaimToHeaders)) {
      found.push(...headerProblem('outputClaimToHeaders', header));
      if (claim === '') found.push(`outputClaimToHeaders has no claim for header '${header}': write the claim's name`);
    }
    if (rule.spaceDelimitedClaims?.includes('')) {
      found.push('spaceDelimitedClaims has an empty name: write the names of claims');
    }
    found.push(...durationProblem('timeout', timeout));
    return found.map((problem) => `jwtRules[${String(index)}].${problem}`);
  });
}

const AUDIENCES = 'write each audience, or leave the prop out to accept any';

function headerProblem(prop: string, name: string): string[] {
  return /^[-_A-Za-z0-9]+$/.test(name)
    ? []
    : [`${prop} '${name}' is not a valid header name: write letters, digits, '-' and '_'`];
}
