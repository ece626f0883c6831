import { X509Certificate } from 'node:crypto';

/** A set of public keys, as a JSON Web Key Set says it: an object with the list `keys`. */
export type JsonWebKeySet = Readonly<Record<string, unknown>>;

interface KeySource {
  readonly uri?: string;
  readonly inline?: string;
}

/**
 * Where the public keys come from that tokens are verified with.
 *
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule
 */
export class Jwks {
  /**
   * The keys at an https address, or at an http one, for servers within the cluster: who can change what is sent on the
   * way there decides which tokens are valid. istiod fetches them, again and again.
   */
  static uri(uri: string): Jwks {
    return new Jwks({ uri });
  }

  /** These keys, as a JSON Web Key Set or its JSON. */
  static inline(keys: string | JsonWebKeySet): Jwks {
    return new Jwks({ inline: typeof keys === 'string' ? keys : JSON.stringify(keys) });
  }

  /** What the issuer, an https or http address, names by OpenID Connect Discovery. */
  static readonly DISCOVERY = new Jwks({});

  private constructor(private readonly source: KeySource) {}

  /** The fields of a RequestAuthentication's `jwtRules[]`. */
  render(): Readonly<Record<string, unknown>> {
    const { uri, inline } = this.source;
    return { ...(uri === undefined ? {} : { jwksUri: uri }), ...(inline === undefined ? {} : { jwks: inline }) };
  }

  /** What is wrong with the keys of an issuer, or of any, one sentence each. */
  problems(issuer: string | undefined): string[] {
    const { uri, inline } = this.source;
    if (issuer === undefined && uri === undefined)
      return ['issuer is left out: write it, or let jwks be Jwks.uri(URL)'];
    if (uri !== undefined) {
      return isUrl(uri) && uri.length <= 2048
        ? []
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

/** The members that are texts, where a key has them. */
const TEXTS = ['kid', 'use', 'alg', 'x5t', 'x5t#S256'];

/** The members that a public key has, by its type. */
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
      return [`${at} holds a private key, which everybody who reads the object would have: leave only the public part`];
    }
    if (!members)
      return [
        `${at} has kty ${kty === undefined ? 'missing' : JSON.stringify(kty)}: write a public key, of kty RSA, EC or OKP`,
      ];
    const lacking = members.filter((member) => !(member === 'crv' ? isName(key[member]) : isBase64Url(key[member])));
    return [
      ...(lacking.length === 0
        ? []
        : [
            `${at} lacks ${lacking.join(' and ')}, which a key of kty ${String(kty)} has in base64url: write the whole key`,
          ]),
      ...TEXTS.filter((member) => !['string', 'undefined'].includes(typeof key[member])).map(
        (member) => `${at} has ${member} ${JSON.stringify(key[member])}, which is no text: write one, or leave it out`,
      ),
      ...(isListOf(key.key_ops, () => true) ? [] : [`${at} has key_ops that are no list of texts: leave them out`]),
      ...(isListOf(key.x5c, isCertificate)
        ? []
        : [`${at} has x5c that is no list of certificates: write them as base64 of DER, or leave it out`]),
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
