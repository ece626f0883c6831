import { Duration } from 'cdk8s';
import { Jwks, TokenLocation } from 'istio-module';
import { authenticate } from '../wrong-input';
import type { Mended, MendedInputs } from './mended-input';

const KEY = { kty: 'RSA', n: 'AAAA', e: 'AQAB' };
const uri = (advice: string, text = 'https://example.com/.well-known/jwks.json'): Mended => [
  advice,
  authenticate({ jwks: Jwks.uri(text) }),
];
const keys = (advice: string, key: object = KEY): Mended => [
  advice,
  authenticate({ jwks: Jwks.inline(JSON.stringify({ keys: [key] })) }),
];

/** What is advised instead of the mistakes in which tokens are verified. */
export const mendedTokens: MendedInputs = {
  'no issuer': ['write the claim iss of the tokens', authenticate({ issuer: 'https://a.b' })],
  'an empty audience': ['write each audience, or leave the prop out to accept any', authenticate({ audiences: ['a'] })],
  'keys by ftp': uri("write one such as 'https://example.com/.well-known/jwks.json'", 'https://a.b/keys'),
  'keys at half an escape': uri("write one such as 'https://example.com/.well-known/jwks.json'", 'https://a.b/%20'),
  'keys at a backslash': uri("write one such as 'https://example.com/.well-known/jwks.json'"),
  'keys at a bar': uri("write one such as 'https://example.com/.well-known/jwks.json'"),
  'keys at a control character': uri("write one such as 'https://example.com/.well-known/jwks.json'"),
  'keys at a name with a blank': uri("write one such as 'https://example.com/.well-known/jwks.json'"),
  'keys at a long address': uri('write at most 2048', `https://a.b/${'c'.repeat(1024)}`),
  'keys that are no JSON': keys('write a JSON Web Key Set, such as { "keys": [ … ] }'),
  'keys in a mere list': keys('write a JSON Web Key Set, such as { "keys": [ … ] }'),
  'a key without a type': keys('write a public key, of kty RSA, EC or OKP'),
  'a key of an invalid type': keys('write a public key, of kty RSA, EC or OKP'),
  'half a key': keys('write the whole key', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }),
  'a key in half a byte': keys('write the whole key', { ...KEY, n: 'AAAAAA' }),
  'a key in another alphabet': keys('write the whole key'),
  'a number for the id of a key': keys('write one, or leave it out', { ...KEY, kid: '1' }),
  'a text for a list of uses': keys('leave it out'),
  'an invalid certificate': keys('write base64-encoded DER certificates, or leave it out'),
  'a token in a header without a name': [
    'write a name without spaces',
    authenticate({ from: [TokenLocation.header('x-token')] }),
  ],
  'a token in a parameter without a name': [
    'write a name without spaces',
    authenticate({ from: [TokenLocation.queryParam('token')] }),
  ],
  'a token in a cookie without a name': [
    'write a name without spaces',
    authenticate({ from: [TokenLocation.cookie('token')] }),
  ],
  'a claim copied to an invalid header': [
    "write letters, digits, '-' and '_'",
    authenticate({ outputClaimToHeaders: { 'x-a': 'sub' } }),
  ],
  'no claim to a header': ["write the claim's name", authenticate({ outputClaimToHeaders: { 'x-a': 'sub' } })],
  'no time for keys': [
    'write at least Duration.millis(1), or leave it out',
    authenticate({ timeout: Duration.millis(1) }),
  ],
};
