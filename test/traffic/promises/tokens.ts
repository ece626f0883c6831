import { generateKeyPairSync, sign } from 'node:crypto';
import { Jwks } from 'istio-module';

/** The issuer of the tokens of these tests. */
export const issuer = 'https://accounts.example.com';

const [real, forged] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));

/** The issuer's public key. */
export const keys = Jwks.inline({
  keys: [{ ...real?.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }],
});

/**
 * A signed token.
 *
 * @param claims over those that every token has
 * @param key that of the issuer, or another one under its name
 */
export function token(claims: Readonly<Record<string, string>> = {}, key: 'real' | 'forged' = 'real'): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = encode({ alg: 'RS256', typ: 'JWT', kid: 'one' });
  const payload = encode({ iss: issuer, sub: 'ann', exp: Math.floor(Date.now() / 1000) + 3600, ...claims });
  const pair = key === 'real' ? real : forged;
  if (pair === undefined) {
    throw new Error('no key');
  }
  const signature = sign('RSA-SHA256', Buffer.from(`${header}.${payload}`), pair.privateKey);
  return `${header}.${payload}.${signature.toString('base64url')}`;
}
