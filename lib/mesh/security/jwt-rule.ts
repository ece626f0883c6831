import type { Duration } from 'cdk8s';
import { durationProblem, istioDuration } from '../istio-duration';
import { listLimitProblem } from '../size-limit';
import type { Jwks } from './jwks';
import { TokenLocation } from './token-location';

/**
 * A rule for the tokens of one issuer.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule
 */
export interface JwtRule {
  /**
   * The tokens' claim `iss`: a URL, or an e-mail address. Istio 1.24 requires it in every rule.
   *
   * @default - any issuer that signs with the keys of `jwks`, which must then be {@link Jwks.uri}
   */
  readonly issuer?: string;

  /** Source of the issuer's public keys. */
  readonly jwks: Jwks;

  /**
   * Accepted values of the claim `aud`. A token must contain one of them.
   *
   * @default - any
   */
  readonly audiences?: readonly string[];

  /**
   * Locations of the token in requests.
   *
   * @default - Istio's: the header `Authorization` with the prefix `Bearer `, or the query parameter `access_token`
   */
  readonly from?: readonly TokenLocation[];

  /**
   * Whether the token is forwarded to the application.
   *
   * @default false
   */
  readonly forwardOriginalToken?: boolean;

  /**
   * Request header in which the application gets the token's payload, as base64-encoded JSON.
   *
   * @default - none
   */
  readonly outputPayloadToHeader?: string;

  /**
   * Request headers in which the application gets individual claims, as claims by header name. Nested claims are
   * written with dots.
   *
   * @default - none
   */
  readonly outputClaimToHeaders?: Readonly<Record<string, string>>;

  /**
   * Claims whose value is a list separated by spaces, in addition to `scope` and `permission`; at most 64. Conditions
   * compare each item of the list. Older versions of Istio do not have the field, and drop it.
   *
   * @default - none
   */
  readonly spaceDelimitedClaims?: readonly string[];

  /**
   * Timeout for fetching the keys.
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

// The limits in Istio's CustomResourceDefinition.
const MAX_RULES = 4096;
const MAX_CLAIMS = 64;

/** The problems with a list of rules, one sentence each. */
export function jwtRuleProblems(rules: readonly JwtRule[]): string[] {
  const wrong = rules.flatMap((rule, index) => {
    const { issuer, jwks, audiences, from, outputPayloadToHeader: payload, outputClaimToHeaders = {}, timeout } = rule;
    const found = issuer?.trim() === '' ? [`issuer '${issuer}' is empty: write the claim iss of the tokens`] : [];
    if (found.length === 0) found.push(...jwks.problems(issuer));
    if (audiences && (audiences.length === 0 || audiences.includes(''))) {
      found.push(
        `audiences [${audiences.map((one) => `'${one}'`).join(', ')}] is empty or has an empty item: ${AUDIENCES}`,
      );
    }
    if (from?.length === 0)
      found.push('from is empty: name a location, or leave it out to use the Authorization header');
    found.push(...(from ?? []).flatMap((location) => location.problems()));
    if (payload !== undefined) found.push(...headerProblem('outputPayloadToHeader', payload));
    for (const [header, claim] of Object.entries(outputClaimToHeaders)) {
      found.push(...headerProblem('outputClaimToHeaders', header));
      if (claim === '') found.push(`outputClaimToHeaders has no claim for header '${header}': write the claim's name`);
    }
    if (rule.spaceDelimitedClaims?.includes('')) {
      found.push('spaceDelimitedClaims has an empty name: write the names of claims');
    }
    found.push(...listLimitProblem('spaceDelimitedClaims', rule.spaceDelimitedClaims, MAX_CLAIMS));
    found.push(...durationProblem('timeout', timeout));
    return found.map((problem) => `jwtRules[${String(index)}].${problem}`);
  });
  return [
    ...listLimitProblem('jwtRules', rules, MAX_RULES, ', and put the others into another JwtAuthentication'),
    ...wrong,
  ];
}

const AUDIENCES = 'write each audience, or leave the prop out to accept any';

function headerProblem(prop: string, name: string): string[] {
  return /^[-_A-Za-z0-9]+$/.test(name)
    ? []
    : [`${prop} '${name}' is not a valid header name: write letters, digits, '-' and '_'`];
}
