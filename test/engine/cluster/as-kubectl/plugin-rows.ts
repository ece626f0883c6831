import type { Row } from './row';
import { base64, type World } from './world';

const V1 = 'client.authentication.k8s.io/v1';
const V1_BETA = 'client.authentication.k8s.io/v1beta1';
const TELLS = `#!/bin/sh
printf '%s\\n' "$KUBERNETES_EXEC_INFO" >> "$FOLDER/told"
`;
const exec = (fields: object = {}) => ({
  exec: { apiVersion: V1, command: './plug', interactiveMode: 'Never', ...fields },
});

/** A plugin in conf/ that prints this text. */
const printing = (text: string) => ({ 'conf/plug': `${TELLS}cat <<'END'\n${text}\nEND\n` });
const credential = (status: object | undefined, apiVersion = V1) =>
  JSON.stringify({ apiVersion, kind: 'ExecCredential', status });
const handingOut = (status: object | undefined, apiVersion?: string) => printing(credential(status, apiVersion));

/** Each run of the plugin prints another token. */
const COUNTING = {
  'conf/plug': `${TELLS}printf x >> "$FOLDER/runs"\nprintf '{"apiVersion":"${V1}","kind":"ExecCredential","status":{"token":"token-%s"}}' "$(wc -c < "$FOLDER/runs" | tr -d ' ')"`,
};
const refusedAs = (name: string, status: object | string | undefined, engine: RegExp, kubectl: RegExp): Row => ({
  name,
  files: () => (typeof status === 'string' ? printing(status) : handingOut(status)),
  user: () => exec(),
  refused: { engine, kubectl },
});
const ONE_MORE = 'kubectl asks its plugin again after a 401 and ends; the engine repeats the request';

/** What plugins receive, and how their answers are used. */
export const PLUGIN_ROWS: readonly Row[] = [
  {
    name: 'v1, with a command relative to the kubeconfig',
    files: () => handingOut({ token: 'of-plugin' }),
    user: () => exec(),
  },
  {
    name: 'v1beta1, which may leave out the interactiveMode',
    files: () => handingOut({ token: 'of-plugin' }, V1_BETA),
    user: () => exec({ apiVersion: V1_BETA, interactiveMode: undefined }),
  },
  {
    name: 'a command in PATH, not in that of its own variables',
    files: () => ({ 'bin/x-plug': printing(credential({ token: 'of-path' }))['conf/plug'] }),
    env: (_, folder) => ({ PATH: `${folder}/bin:${process.env.PATH ?? ''}` }),
    user: () => exec({ command: 'x-plug', env: [{ name: 'PATH', value: '/bin:/usr/bin' }] }),
  },
  {
    name: 'args and env',
    files: () => ({
      'conf/plug': `${TELLS}printf '{"apiVersion":"${V1}","kind":"ExecCredential","status":{"token":"%s-%s-%s"}}' "$1" "$2" "$TENANT"`,
    }),
    user: () =>
      exec({
        args: ['one two', '$HOME'],
        env: [
          { name: 'TENANT', value: 'shop' },
          { name: 'KUBERNETES_EXEC_INFO', value: '{}' },
        ],
      }),
  },
  {
    name: 'provideClusterInfo, with all there is',
    files: (world) => ({ ...handingOut({ token: 'of-plugin' }), 'conf/ca.pem': world.authority.cert }),
    cluster: (world: World) => ({
      server: `${world.secureUrl('api.example')}/k8s`,
      'certificate-authority': 'ca.pem',
      'tls-server-name': 'other.example',
      'proxy-url': `http://127.0.0.1:${world.port(world.httpProxy)}`,
      'disable-compression': true,
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x', list: [1] } }],
    }),
    user: () => exec({ provideClusterInfo: true }),
  },
  {
    name: 'provideClusterInfo, with little',
    files: () => handingOut({ token: 'of-plugin' }),
    cluster: (world: World) => ({ server: world.secureUrl(), 'insecure-skip-tls-verify': true }),
    user: () => exec({ provideClusterInfo: true }),
  },
  {
    name: 'provideClusterInfo of v1beta1',
    files: () => handingOut({ token: 'of-plugin' }, V1_BETA),
    user: () => exec({ apiVersion: V1_BETA, provideClusterInfo: true }),
  },
  {
    name: 'IfAvailable, without a terminal',
    files: () => handingOut({ token: 'of-plugin' }),
    user: () => exec({ interactiveMode: 'IfAvailable' }),
  },
  {
    name: 'Always, without a terminal',
    files: () => handingOut({ token: 'of-plugin' }),
    user: () => exec({ interactiveMode: 'Always' }),
    refused: { engine: /requires a terminal/, kubectl: /standard input is not a terminal/ },
  },
  {
    name: 'v1 without interactiveMode',
    user: () => exec({ interactiveMode: undefined }),
    refused: { engine: /exec\.interactiveMode is not one of/, kubectl: /interactiveMode must be specified/ },
  },
  {
    name: 'another apiVersion',
    user: () => exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
    refused: { engine: /exec\.apiVersion is not one of/, kubectl: /invalid apiVersion/ },
  },
  {
    name: 'no command',
    user: () => exec({ command: '' }),
    refused: { engine: /exec has no command/, kubectl: /command must be specified/ },
  },
  {
    name: 'a command that is not there, with its installHint',
    user: () => exec({ command: 'no-such-plug', installHint: 'brew install \u001b[1mno-such-plug' }),
    refused: {
      engine: /the program no-such-plug was not found\. brew install \[1mno-such-plug/,
      kubectl: /brew install U\+001B\[1mno-such-plug/,
    },
  },
  {
    name: 'a plugin that fails',
    files: () => ({ 'conf/plug': `${TELLS}echo log in first >&2; exit 3\n` }),
    user: () => exec(),
    refused: { engine: /plug failed: log in first/, kubectl: /failed with exit code 3/ },
  },
  refusedAs('no status', undefined, /without a status/, /didn't return a status/),
  refusedAs('no credentials', {}, /neither a token nor a client certificate/, /didn't return a token or cert/),
  refusedAs('a key alone', { clientKeyData: 'x' }, /without its certificate/, /only certificate or key/),
  refusedAs(
    'a token with a line break',
    { token: 'x\n' },
    /token that it printed contains a line/,
    /invalid header field/,
  ),
  refusedAs(
    'a token that is no string',
    { token: 1 },
    /status\.token that it printed is not a string/,
    /decoding stdout/,
  ),
  refusedAs('no time', { token: 'x', expirationTimestamp: 'soon' }, /is not a time such as/, /parsing time/),
  refusedAs('nothing', '', /did not print an ExecCredential/, /returned version/),
  refusedAs('text', 'log in', /did not print an ExecCredential/, /decoding stdout/),
  refusedAs('no apiVersion', '{"status":{"token":"x"}}', /did not print an ExecCredential/, /returned version/),
  refusedAs(
    'another version',
    credential({ token: 'x' }, V1_BETA),
    /whose apiVersion is not/,
    /plugin returned version/,
  ),
  {
    name: 'an answer in YAML',
    files: () => printing(`apiVersion: ${V1}\nkind: ExecCredential\nstatus: { token: of-yaml }`),
    user: () => exec(),
  },
  {
    name: 'a client certificate',
    files: ({ client }) => handingOut({ clientCertificateData: client.cert, clientKeyData: client.key }),
    user: () => exec(),
  },
  {
    name: 'a client certificate and a token',
    files: ({ client }) =>
      handingOut({ clientCertificateData: client.cert, clientKeyData: client.key, token: 'of-plugin' }),
    user: () => exec(),
  },
  {
    name: 'a client certificate with the key of another',
    files: ({ client, second }) => handingOut({ clientCertificateData: client.cert, clientKeyData: second.key }),
    user: () => exec(),
    refused: { engine: /key values mismatch/, kubectl: /failed parsing client key/ },
  },
  {
    name: 'a token of the kubeconfig, which goes before the plugin',
    files: () => handingOut({ token: 'of-plugin' }),
    user: () => ({ token: 'own', ...exec() }),
  },
  {
    name: 'a certificate of the kubeconfig, which goes before the plugin',
    files: () => handingOut({ token: 'of-plugin' }),
    user: ({ client }) => ({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(client.key),
      ...exec(),
    }),
  },
  {
    name: 'no plugin for a server without TLS',
    files: () => handingOut({ token: 'of-plugin' }),
    cluster: (world: World) => ({ server: world.plainUrl() }),
    user: () => exec(),
  },
  {
    name: 'a 401',
    files: () => COUNTING,
    user: () => exec(),
    answers: [{ status: 401 }],
    differs: { because: ONE_MORE, sends: ['Bearer token-1', 'Bearer token-2'] },
  },
  {
    name: 'a 503, then a 401',
    files: () => COUNTING,
    user: () => exec(),
    answers: [{ status: 503, headers: { 'retry-after': '1' } }, { status: 401 }],
    differs: { because: ONE_MORE, sends: ['Bearer token-1', 'Bearer token-2'] },
  },
];
