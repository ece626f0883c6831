import { configOf, type Row } from './row';
import type { World } from './world';

const LOCALHOST = 'kubectl goes to localhost:8080, where nobody meant it to go';
const entry = (world: World, token: string) => configOf(world.trusted(), { token });

/** One YAML file; `user` is the user's fields in flow style. */
function yaml(world: World, user: string, more = ''): string {
  const { server, 'certificate-authority-data': authority } = world.trusted();
  return `${more}current-context: c
clusters: [{ name: c, cluster: { server: '${server}', certificate-authority-data: ${authority} } }]
users: [{ name: u, user: { ${user} } }]
contexts: [{ name: c, context: { cluster: c, user: u } }]
`;
}

/** Which files are read, and how they are merged. */
export const FILE_ROWS: readonly Row[] = [
  { name: 'the file that KUBECONFIG names' },
  {
    name: '~/.kube/config, where KUBECONFIG is not set',
    files: (world) => ({ 'home/.kube/config': entry(world, 'of-home') }),
    env: () => ({ KUBECONFIG: '' }),
  },
  {
    name: 'of two files with a current-context, that of the first',
    files: (world) => ({ one: renamed(entry(world, 'of-one'), 'one'), two: renamed(entry(world, 'of-two'), 'two') }),
    env: () => ({ KUBECONFIG: 'one:two' }),
  },
  {
    name: 'a current-context that only the second file sets',
    files: (world) => ({
      one: renamed(entry(world, 'of-one'), 'one').replace('"current-context":"one"', '"current-context":""'),
      two: renamed(entry(world, 'of-two'), 'two'),
    }),
    env: () => ({ KUBECONFIG: 'one:two' }),
  },
  {
    name: "an entry of the first file with all of it, which gets nothing of the second's",
    files: (world) => ({
      one: JSON.stringify({ users: [{ name: 'u', user: { token: 'of-one' } }] }),
      two: configOf(world.trusted(), { token: 'of-two', as: 'somebody' }),
    }),
    env: () => ({ KUBECONFIG: 'one:two' }),
  },
  {
    name: 'files that are missing, named twice, empty or without a name count for nothing',
    files: (world) => ({ one: entry(world, 'of-one'), two: entry(world, 'of-two'), empty: '', blank: '\n' }),
    env: () => ({ KUBECONFIG: ':missing:empty:blank:one:two:one:' }),
  },
  {
    name: 'a file that is passed and missing',
    kubeconfig: 'missing',
    refused: { engine: /The kubeconfig missing cannot be read: ENOENT/, kubectl: /no such file or directory/ },
  },
  {
    name: 'a file that is passed, and none besides',
    files: (world) => ({ own: entry(world, 'of-own') }),
    kubeconfig: 'own',
  },
  {
    name: 'paths relative to the file that they are in',
    files: (world) => ({
      'one/config': JSON.stringify({ users: [{ name: 'u', user: { tokenFile: 'token' } }] }),
      'one/token': 'of-one\n',
      'two/config': configOf({ server: world.secureUrl(), 'certificate-authority': '../ca.pem' }, { token: 'x' }),
      'ca.pem': world.authority.cert,
    }),
    env: () => ({ KUBECONFIG: 'one/config:two/config' }),
  },
  {
    name: 'a directory among the files',
    files: (world) => ({ one: entry(world, 'of-one') }),
    env: () => ({ KUBECONFIG: 'one:conf' }),
    refused: { engine: /The kubeconfig conf cannot be read: EISDIR/, kubectl: /is a directory/ },
  },
  {
    name: 'one malformed file among good ones',
    files: (world) => ({ one: entry(world, 'of-one'), two: 'hello' }),
    env: () => ({ KUBECONFIG: 'one:two' }),
    refused: { engine: /The kubeconfig two cannot be read: it does not contain a kubeconfig/, kubectl: /"two"/ },
  },
  {
    name: 'the first YAML document alone',
    files: (world) => ({ 'conf/config': yaml(world, 'token: of-first') + '---\nfoo: [\n' }),
  },
  {
    name: 'a slip in the YAML, of which no line is printed',
    files: (world) => ({ 'conf/config': yaml(world, "token: a-token, password: 'a-password'", 'foo: [\n') }),
    refused: { engine: /conf\/config cannot be read: line \d+ is not YAML \([a-z -]+\);/, kubectl: /yaml: line/ },
  },
  {
    name: 'a value of another type, of which the line is named and not the value',
    files: (world) => ({ 'conf/config': yaml(world, 'token: 12345') }),
    refused: {
      engine: /line 3: users\[0\]\.user\.token is a number, where a string is expected/,
      kubectl: /cannot unmarshal number/,
    },
  },
  {
    name: 'a key that is there twice, the last of it',
    files: (world) => ({ 'conf/config': yaml(world, 'token: of-one, token: of-two') }),
  },
  {
    name: 'two entries of one name in one file',
    files: (world) => ({
      'conf/config': yaml(world, 'token: x').replace('users: [', 'users: [{ name: u, user: { token: z } }, '),
    }),
    refused: { engine: /line 3: users\[1\]\.name is already used by an earlier entry/, kubectl: /duplicate name/ },
  },
  {
    name: 'values as YAML 1.1 has them',
    files: (world) => ({
      'conf/config': yaml(world, 'token: 2024-01-01').replace(
        /certificate-authority-data: \S+/,
        'insecure-skip-tls-verify: yes',
      ),
    }),
  },
  { name: 'a token like a time of day', files: (world) => ({ 'conf/config': yaml(world, 'token: 12:30:45') }) },
  {
    name: 'a token that YAML 1.1 takes for true or false',
    files: (world) => ({ 'conf/config': yaml(world, 'token: no') }),
    refused: { engine: /user\.token is true or false, where a string is expected/, kubectl: /cannot unmarshal bool/ },
  },
  {
    name: 'anchors, aliases and merges',
    files: (world) => ({
      'conf/config': yaml(world, '<<: *shared', 'shared: &shared { token: a-token, as: somebody }\n'),
    }),
  },
  { name: 'a byte order mark', files: (world) => ({ 'conf/config': `\ufeff${yaml(world, 'token: x')}` }) },
  { name: 'fields that are not known', files: (world) => ({ 'conf/config': yaml(world, 'token: x, Token: y, b: 1') }) },
  {
    name: 'another kind',
    files: (world) => ({ 'conf/config': yaml(world, 'token: x', 'kind: Pod\napiVersion: v1\n') }),
    refused: { engine: /line 1: kind is not Config/, kubectl: /no kind "Pod"/ },
  },
  {
    name: 'another apiVersion',
    files: (world) => ({ 'conf/config': yaml(world, 'token: x', 'kind: Config\napiVersion: v2\n') }),
    refused: { engine: /line 2: apiVersion is not v1/, kubectl: /version "v2"/ },
  },
  {
    name: 'a context that is passed',
    files: (world) => ({ 'conf/config': renamed(entry(world, 'x'), 'd').replace('"current-context":"d"', '"x":1') }),
    context: 'd',
  },
  {
    name: 'a context that is passed and not there',
    context: 'd',
    refused: { engine: /has no context "d"; it has "c"/, kubectl: /context "d" does not exist/ },
  },
  {
    name: 'a current-context that is not there',
    files: (world) => ({ 'conf/config': entry(world, 'x').replace('"current-context":"c"', '"current-context":"d"') }),
    refused: { engine: /has no context "d"; it has "c"/, kubectl: /context was not found/ },
  },
  {
    name: 'a context whose user is not there',
    files: (world) => ({ 'conf/config': entry(world, 'x').replace('"user":"u"', '"user":"v"') }),
    refused: { engine: /no user for its context "c"/, kubectl: /EOF/ },
  },
  {
    name: 'no current-context',
    files: (world) => ({ 'conf/config': entry(world, 'x').replace('"current-context":"c"', '"current-context":""') }),
    refused: { engine: /has no current-context; pass a context/, kubectl: /localhost:8080/ },
  },
  {
    name: 'a context whose cluster is not there',
    files: (world) => ({ 'conf/config': entry(world, 'x').replace('"cluster":"c"', '"cluster":"d"') }),
    env: (world) => ({ KUBERNETES_MASTER: world.plainUrl() }),
    differs: { because: LOCALHOST, engine: /no cluster for its context "c"/ },
  },
  {
    name: 'no file at all',
    env: (world) => ({ KUBECONFIG: 'missing', KUBERNETES_MASTER: world.plainUrl() }),
    differs: { because: LOCALHOST, engine: /There is no kubeconfig: the files in KUBECONFIG .* are missing or empty/ },
  },
  {
    name: 'no file in a pod, whose service account is taken',
    inPod: true,
    env: (world) => ({
      KUBECONFIG: 'missing',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: world.port(world.secure),
    }),
  },
  {
    name: 'a file in a pod, which goes before its service account',
    inPod: true,
    env: (world) => ({ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: world.port(world.secure) }),
  },
  {
    name: 'a file without current-context in a pod, whose service account is taken',
    inPod: true,
    files: (world) => ({ 'conf/config': entry(world, 'x').replace('"current-context":"c"', '"current-context":""') }),
    env: (world) => ({ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: world.port(world.secure) }),
  },
  {
    name: 'a file that is passed, without current-context, in a pod',
    inPod: true,
    files: (world) => ({ 'conf/config': entry(world, 'x').replace('"current-context":"c"', '"current-context":""') }),
    kubeconfig: 'conf/config',
    env: (world) => ({ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: world.port(world.secure) }),
    differs: {
      because: 'kubectl goes to the cluster that the pod is in, although another one was meant',
      engine: /has no current-context/,
    },
  },
];

/** The same kubeconfig with all its names replaced by another one. */
function renamed(config: string, name: string): string {
  return config
    .replaceAll('"name":"c"', `"name":"${name}"`)
    .replaceAll('"name":"u"', `"name":"${name}-u"`)
    .replaceAll('"cluster":"c","user":"u"', `"cluster":"${name}","user":"${name}-u"`)
    .replace('"current-context":"c"', `"current-context":"${name}"`);
}
