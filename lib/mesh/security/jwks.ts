import { X509Certificate } from 'node:crypto';
import { textLimitProblem } from '../size-limit';

/** A JSON Web Key Set of public keys: an object with the list `keys`. */
export type JsonWebKeySet = Readonly<Record<string, unknown>>;

/** The limit of the CustomResourceDefinition for `jwksUri`. */
const MOST_CHARACTERS = 2_048;

interface KeySource {
  readonly uri?: string;
  readonly inline?: string;
}

/**
 * The source of the public keys with which tokens are verified.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule
 */
export class Jwks {
  /**
   * The keys at an https or http URL. istiod fetches them periodically. Use http only for servers in the cluster,
   * because anyone who can modify the traffic can make tokens valid.
   */
  static uri(uri: string): Jwks {
    return new Jwks({ uri });
  }

  /** The given keys, as a JSON Web Key Set or its JSON. */
  static inline(keys: string | JsonWebKeySet): Jwks {
    return new Jwks({ inline: typeof keys === 'string' ? keys : JSON.stringify(keys) });
  }

  /** The keys that the issuer, an https or http URL, publishes through OpenID Connect Discovery. */
  static readonly DISCOVERY = new Jwks({});

  private constructor(private readonly source: KeySource) {}

  /** The fields of a RequestAuthentication's `jwtRules[]`. */
  render(): Readonly<Record<string, unknown>> {
    const { uri, inline } = this.source;
    return { ...(uri === undefined ? {} : { jwksUri: uri }), ...(inline === undefined ? {} : { jwks: inline }) };
  }

  /** The problems with the keys of an issuer, or of any issuer if undefined, one sentence each. */
  problems(issuer: string | undefined): string[] {
    const { uri, inline } = this.source;
    if (issuer === undefined && uri === undefined) return ['issuer is missing: write it, or set jwks to Jwks.uri(URL)'];
    if (uri !== undefined) {
      return isUrl(uri)
        ? textLimitProblem('jwks', uri, MOST_CHARACTERS)
        : [`jwks '${uri}' is not an https or http URL: write one such as 'https://example.com/.well-known/jwks.json'`];
    }
    if (inline !== undefined) return inlineProblems(inline);
    return issuer !== undefined && isUrl(issuer)
      ? []
      : [
          `jwks cannot be discovered from issuer '${issuer ?? ''}', which is not an https or http URL: write Jwks.uri(URL)`,
        ];
  }
}

/** The optional members of a key that must be strings. */
const TEXTS = ['kid', 'use', 'alg', 'x5t', 'x5t#S256'];

/** The required members of a public key, by its type. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};

function inlineProblems(text: string): string[] {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    return ['jwks is not JSON: write a JSON Web Key Set, such as { "keys": [ … ] }'];
  }
  const keys = isRecord(set) ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) {
    return ['jwks has no keys: write a JSON Web Key Set, such as { "keys": [ … ] }'];
  }
  return keys.flatMap((key: unknown, index) => {
    const at = `jwks.keys[${String(index)}]`;
    if (!isRecord(key)) return [`${at} is not a key: write an object, such as { "kty": "RSA", "n": …, "e": … }`];
    const { kty } = key;
    const members = typeof kty === 'string' ? MEMBERS[kty] : undefined;
    if ('d' in key || 'k' in key) {
      return [
        `${at} contains a private key, which everyone who can read the object would get: leave only the public part`,
      ];
    }
    if (!members)
      return [
        `${at} has ${kty === undefined ? 'no kty' : `kty ${JSON.stringify(kty)}`}: write a public key, of kty RSA, EC or OKP`,
      ];
    const lacking = members.filter((member) => !(member === 'crv' ? isName(key[member]) : isBase64Url(key[member])));
    return [
      ...(lacking.length === 0
        ? []
        : [
            `${at} lacks ${lacking.join(' and ')}, which a key of kty ${String(kty)} requires in base64url: write the whole key`,
          ]),
      ...TEXTS.filter((member) => !['string', 'undefined'].includes(typeof key[member])).map(
        (member) =>
          `${at} has ${member} ${JSON.stringify(key[member])}, which is not a string: write one, or leave it out`,
      ),
      ...(isListOf(key.key_ops, () => true) ? [] : [`${at} has key_ops that is not a list of strings: leave it out`]),
      ...(isListOf(key.x5c, isCertificate)
        ? []
        : [`${at} has x5c that is not a list of certificates: write base64-encoded DER certificates, or leave it out`]),
    ];
  });
}

const URL_OF_KEYS =
  /^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?([/?#]([^\s%\\\u0000-\u001F\u007F]|%[0-9A-Fa-f]{2})*)?$/;

function isUrl(address: string): boolean {
  return URL_OF_KEYS.test(address) && URL.canParse(address);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]+$/.test(value);
}

function isBase64Url(value: unknown): boolean {
  return isName(value) && value.length % 4 !== 1;
}

function isListOf(value: unknown, holds: (text: string) => boolean): boolean {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string' && holds(one)));
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(Buffer.from(text, 'base64')).raw.toString('base64') === text;
  } catch {
    return false;
  }
}
