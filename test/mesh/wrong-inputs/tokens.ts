import { Duration } from 'cdk8s';
import { Jwks, TokenLocation } from 'istio-module';
import { authenticate, jwtRule, wrong, type WrongInput } from './wrong-input';

const uri = (name: string, jwksUri: string, says = 'is not an https or http URL') =>
  wrong(name, jwtRule({ jwksUri }), authenticate({ jwks: Jwks.uri(jwksUri) }), says);
const inline = (name: string, jwks: string, says: string) =>
  wrong(name, jwtRule({ jwks }), authenticate({ jwks: Jwks.inline(jwks) }), says);
const key = (name: string, member: object, says: string) =>
  inline(name, JSON.stringify({ keys: [{ kty: 'RSA', n: 'AAAA', e: 'AQAB', ...member }] }), says);

/** Mistakes in which tokens are verified. */
export const tokens: readonly WrongInput[] = [
  wrong('no issuer', jwtRule({ issuer: '' }), authenticate({ issuer: '' }), 'is empty'),
  wrong('an empty audience', jwtRule({ audiences: [''] }), authenticate({ audiences: [''] }), 'audiences'),
  uri('keys by ftp', 'ftp://a.b/keys'),
  uri('keys at half an escape', 'https://a.b/%zz'),
  uri('keys at a backslash', 'https://a\\b'),
  uri('keys at a bar', 'https://a|b/'),
  uri('keys at a control character', 'https://a.b/\u0001'),
  uri('keys at a name with a blank', 'https://a b@c/'),
  uri('keys at a long address', `https://a.b/${'c'.repeat(2048)}`, 'has 2060 characters'),
  inline('keys that are no JSON', 'keys', 'is not JSON'),
  inline('keys in a mere list', '[]', 'has no keys'),
  inline('a key without a type', '{"keys":[{}]}', 'has no kty'),
  inline('a key of an invalid type', '{"keys":[{"kty":"DSA"}]}', 'kty "DSA"'),
  inline('half a key', '{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA"}]}', 'lacks y'),
  key('a key in half a byte', { n: 'AAAAA' }, 'lacks n'),
  key('a key in another alphabet', { e: 'A!' }, 'lacks e'),
  key('a number for the id of a key', { kid: 1 }, 'kid 1'),
  key('a text for a list of uses', { key_ops: 'verify' }, 'key_ops'),
  key('an invalid certificate', { x5c: ['AAAA'] }, 'x5c'),
  wrong(
    'a token in a header without a name',
    jwtRule({ fromHeaders: [{ name: '' }] }),
    authenticate({ from: [TokenLocation.header('')] }),
    "header ''",
  ),
  wrong(
    'a token in a parameter without a name',
    jwtRule({ fromParams: [''] }),
    authenticate({ from: [TokenLocation.queryParam('')] }),
    "query parameter ''",
  ),
  wrong(
    'a token in a cookie without a name',
    jwtRule({ fromCookies: [''] }),
    authenticate({ from: [TokenLocation.cookie('')] }),
    "cookie ''",
  ),
  wrong(
    'a claim copied to an invalid header',
    jwtRule({ outputClaimToHeaders: [{ header: 'x.a', claim: 'sub' }] }),
    authenticate({ outputClaimToHeaders: { 'x.a': 'sub' } }),
    'is not a valid header name',
  ),
  wrong(
    'no claim to a header',
    jwtRule({ outputClaimToHeaders: [{ header: 'x-a', claim: '' }] }),
    authenticate({ outputClaimToHeaders: { 'x-a': '' } }),
    'has no claim',
  ),
  wrong('no time for keys', jwtRule({ timeout: '0s' }), authenticate({ timeout: Duration.seconds(0) }), 'is too short'),
];
