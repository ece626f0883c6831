import type { Row } from './row';
import { base64, certificateData, type World } from './world';

const plain = (world: World) => ({ server: world.plainUrl() });
/** kubectl prompts for a username, and gets no input. */
const PROMPTS = /EOF/;
const EVERYBODY = {
  as: 'somebody',
  'as-uid': 'u-1',
  'as-groups': ['first', 'second'],
  'as-user-extra': { 'Example.org/scope%': ['one', 'two'], other: ['x'], none: [] },
};

/** Which credentials are sent. */
export const USER_ROWS: readonly Row[] = [
  { name: 'token', user: () => ({ token: 'a-token' }) },
  { name: 'a token with blanks around it', user: () => ({ token: ' a-token ' }) },
  {
    name: 'a token with a line break',
    user: () => ({ token: 'a-token\n' }),
    refused: { engine: /its token contains a line break/, kubectl: /invalid header field value/ },
  },
  {
    name: 'tokenFile, without the line break at its end',
    files: () => ({ 'conf/t': 'of-file\n' }),
    user: () => ({ tokenFile: 't' }),
  },
  {
    name: 'tokenFile before token',
    files: () => ({ 'conf/t': 'of-file\n' }),
    user: () => ({ tokenFile: 't', token: 'x' }),
  },
  { name: 'token where tokenFile is missing', user: () => ({ tokenFile: 'missing', token: 'x' }) },
  {
    name: 'token where tokenFile is empty',
    files: () => ({ 'conf/t': '' }),
    user: () => ({ tokenFile: 't', token: 'x' }),
  },
  {
    name: 'tokenFile that is missing',
    user: () => ({ tokenFile: 'missing' }),
    refused: { engine: /ENOENT/, kubectl: /no such file/ },
  },
  {
    name: 'tokenFile that is empty',
    files: () => ({ 'conf/t': '' }),
    user: () => ({ tokenFile: 't' }),
    refused: { engine: /tokenFile .* is empty/, kubectl: PROMPTS },
  },
  { name: 'username and password', user: () => ({ username: 'me', password: 'p:w' }) },
  { name: 'username without password', user: () => ({ username: 'me' }) },
  { name: 'username that is not ASCII', user: () => ({ username: 'jürgen', password: 'ß' }) },
  {
    name: 'password alone',
    user: () => ({ password: 'a-password' }),
    refused: { engine: /its user has no credentials/, kubectl: PROMPTS },
  },
  {
    name: 'token and username',
    user: () => ({ token: 'a-token', username: 'me' }),
    refused: { engine: /both a token and a username/, kubectl: /more than one authentication method/ },
  },
  {
    name: 'tokenFile and username',
    files: () => ({ 'conf/t': 'of-file' }),
    user: () => ({ tokenFile: 't', username: 'me' }),
    refused: { engine: /both a token and a username/, kubectl: /may be set, but not both/ },
  },
  { name: 'no credentials', user: () => ({}), refused: { engine: /its user has no credentials/, kubectl: PROMPTS } },
  { name: 'client certificate as data', user: ({ client }) => certificateData(client) },
  {
    name: 'client certificate in files',
    files: ({ client }) => ({ 'conf/c.pem': client.cert, 'conf/k.pem': client.key }),
    user: () => ({ 'client-certificate': 'c.pem', 'client-key': 'k.pem' }),
  },
  {
    name: 'client certificate and token',
    user: ({ client }) => ({ ...certificateData(client), token: 'a-token' }),
  },
  {
    name: 'client certificate without key',
    user: ({ client }) => ({ 'client-certificate-data': base64(client.cert) }),
    refused: { engine: /client-certificate needs a client-key/, kubectl: /client-key must be specified/ },
  },
  {
    name: 'client key without certificate',
    user: ({ client }) => ({ 'client-key-data': base64(client.key), token: 'x' }),
  },
  {
    name: 'client certificate with the key of another',
    user: ({ client, second }) => ({ ...certificateData(client), 'client-key-data': base64(second.key) }),
    refused: { engine: /key values mismatch/, kubectl: /private key does not match/ },
  },
  {
    name: 'client certificate that is missing',
    user: () => ({ 'client-certificate': 'c.pem', 'client-key': 'k.pem' }),
    refused: { engine: /client-certificate cannot be read: ENOENT/, kubectl: /unable to read client-cert/ },
  },
  {
    name: 'client certificate as file and data',
    files: ({ client }) => ({ 'conf/c.pem': client.cert }),
    user: ({ client }) => ({ ...certificateData(client), 'client-certificate': 'c.pem' }),
    refused: { engine: /client-certificate and client-certificate-data/, kubectl: /are both specified/ },
  },
  { name: 'as', user: () => ({ token: 'x', as: 'somebody' }) },
  { name: 'as, as-uid, as-groups and as-user-extra', user: () => ({ token: 'x', ...EVERYBODY }) },
  { name: 'names that are not ASCII', user: () => ({ token: 'x', as: 'jürgen', 'as-groups': ['Größe'] }) },
  {
    name: 'as-groups without as',
    user: () => ({ token: 'x', 'as-groups': ['first'] }),
    refused: { engine: /need a user \(as\)/, kubectl: /without impersonating a user/ },
  },
  {
    name: 'as without credentials',
    user: () => ({ as: 'somebody' }),
    refused: { engine: /its user has no credentials/, kubectl: PROMPTS },
  },
  { name: 'token, to a server without TLS', cluster: plain },
  { name: 'username, to a server without TLS', cluster: plain, user: () => ({ username: 'me', password: 'pw' }) },
  { name: 'nothing, to a server without TLS', cluster: plain, user: () => ({}) },
  { name: 'impersonation, to a server without TLS', cluster: plain, user: () => ({ token: 'x', ...EVERYBODY }) },
  {
    name: 'an auth-provider that is gone',
    user: () => ({ 'auth-provider': { name: 'gcp' } }),
    refused: { engine: /exec\), such as gke-gcloud-auth-plugin/, kubectl: /gke-gcloud-auth-plugin/ },
  },
  {
    name: 'the auth-provider oidc',
    user: () => ({
      'auth-provider': {
        name: 'oidc',
        config: { 'idp-issuer-url': 'https://127.0.0.1:9', 'client-id': 'x', 'id-token': idToken() },
      },
    }),
    differs: {
      because: 'it is deprecated, and nothing would renew its token unattended',
      engine: /auth-provider is no longer supported: use a credential plugin \(exec\), such as kubelogin/,
    },
  },
];

/** An ID token that expires long after the test. */
function idToken(): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ exp: 4_000_000_000 })}.x`;
}
