import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { LineCounter, parseAllDocuments, type Document, type Tags } from '../../../bundled-libraries/yaml';
import { Fields, MalformedKubeconfig, type FieldPath } from './fields';
import type { Cluster, Context, Kubeconfig, Pem, PluginSettings, User } from './kubeconfig';

const PLUGIN_EXTENSION = 'client.authentication.k8s.io/exec';
const OLD_PLUGIN_VERSION = 'client.authentication.k8s.io/v1beta1';

/**
 * Parses all entries of the first YAML document. An invalid entry makes the file unusable, even if another entry is
 * requested.
 *
 * @param file the path of the file, to which paths in it are relative; undefined leaves them unchanged
 * @throws MalformedKubeconfig
 */
export function parseKubeconfig(text: string, file?: string): Kubeconfig {
  const lines = new LineCounter();
  const [document] = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
    // Go's YAML parser has no base-60 numbers, and reads dates as text.
    customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !isTime(tag)),
  });
  const [error] = document?.errors ?? [];
  if (error) {
    // The message of the parser would quote the file.
    const reason = error.code.toLowerCase().replaceAll('_', ' ');
    throw new MalformedKubeconfig(`line ${String(lines.linePos(error.pos[0]).line)} is not YAML (${reason})`);
  }
  const lineOf = (path: FieldPath) => lineIn(document as Document, lines, path);
  return kubeconfigOf(Fields.of(plain(document), [], lineOf), file);
}

function isTime(tag: { readonly tag: string; readonly format?: string }): boolean {
  return tag.format === 'TIME' || tag.tag === 'tag:yaml.org,2002:timestamp';
}

function plain(document: { toJS(): unknown } | undefined): unknown {
  try {
    return document?.toJS() ?? null;
  } catch {
    throw new MalformedKubeconfig('it has too many aliases, or an alias without an anchor');
  }
}

function lineIn(document: Document, lines: LineCounter, path: FieldPath): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] | null } | undefined;
    if (node?.range) {
      return lines.linePos(node.range[0] ?? 0).line;
    }
  }
  return 1;
}

function kubeconfigOf(root: Fields, file: string | undefined): Kubeconfig {
  const [kind, apiVersion] = [root.text('kind') || 'Config', root.text('apiVersion') || 'v1'];
  if (kind !== 'Config') {
    root.refuse('kind', 'is not Config');
  }
  if (apiVersion !== 'v1') {
    root.refuse('apiVersion', 'is not v1');
  }
  const located = (path: string) =>
    file === undefined || path === '' || isAbsolute(path) ? path : resolve(dirname(file), path);
  return {
    currentContext: root.text('current-context'),
    contexts: byName(root, 'contexts', (entry) => contextOf(entry.mapping('context'))),
    clusters: byName(root, 'clusters', (entry) => clusterOf(entry.mapping('cluster'), located)),
    users: byName(root, 'users', (entry) => userOf(entry.mapping('user'), located)),
  };
}

function byName<T>(root: Fields, list: string, read: (entry: Fields) => T): Map<string, T> {
  const entries = new Map<string, T>();
  for (const entry of root.mappings(list)) {
    const name = entry.text('name');
    if (entries.has(name)) {
      entry.refuse('name', 'is already used by an earlier entry');
    }
    entries.set(name, read(entry));
  }
  return entries;
}

function contextOf(fields: Fields): Context {
  return { cluster: fields.text('cluster'), user: fields.text('user') };
}

function clusterOf(fields: Fields, located: (path: string) => string): Cluster {
  const extension = fields.mappings('extensions').findLast((one) => one.text('name') === PLUGIN_EXTENSION);
  return {
    server: fields.text('server'),
    tlsServerName: fields.text('tls-server-name'),
    insecureSkipTlsVerify: fields.flag('insecure-skip-tls-verify'),
    certificateAuthority: pemOf(fields, 'certificate-authority', located),
    proxyUrl: fields.text('proxy-url'),
    disableCompression: fields.flag('disable-compression'),
    pluginConfig: extension?.value('extension') ?? null,
  };
}

function userOf(fields: Fields, located: (path: string) => string): User {
  const extra = fields.mapping('as-user-extra');
  return {
    clientCertificate: pemOf(fields, 'client-certificate', located),
    clientKey: pemOf(fields, 'client-key', located),
    token: fields.text('token'),
    tokenFile: located(fields.text('tokenFile')),
    username: fields.text('username'),
    password: fields.text('password'),
    impersonated: {
      user: fields.text('as'),
      uid: fields.text('as-uid'),
      groups: fields.texts('as-groups'),
      extra: new Map(extra.keys().map((key) => [key, extra.texts(key)])),
    },
    authProvider: fields.has('auth-provider') ? fields.mapping('auth-provider').text('name') : undefined,
    plugin: fields.has('exec') ? pluginOf(fields.mapping('exec'), located) : undefined,
  };
}

function pluginOf(fields: Fields, located: (path: string) => string): PluginSettings {
  const [apiVersion, command] = [fields.text('apiVersion'), fields.text('command')];
  return {
    apiVersion,
    // A name without a directory is looked up on the PATH.
    command: command.includes(sep) ? located(command) : command,
    args: fields.texts('args'),
    env: fields.mappings('env').map((one) => ({ name: one.text('name'), value: one.text('value') })),
    interactiveMode: fields.text('interactiveMode') || (apiVersion === OLD_PLUGIN_VERSION ? 'IfAvailable' : ''),
    provideClusterInfo: fields.flag('provideClusterInfo'),
    installHint: fields.text('installHint'),
  };
}

function pemOf(fields: Fields, key: string, located: (path: string) => string): Pem {
  return { file: located(fields.text(key)), data: fields.base64(`${key}-data`) };
}
