import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { RestartError } from '../restart-error';
import { ExecPlugin } from './exec-plugin';

/** Which cluster to talk to, and with which credentials; the same two values that the Pulumi Kubernetes provider takes. */
export interface ClusterOptions {
  /**
   * Path of a kubeconfig file, or the contents of one.
   *
   * @default - the files that the environment variable KUBECONFIG names, else ~/.kube/config, else the service account of the pod this runs in
   */
  readonly kubeconfig?: string;
  /**
   * Name of the context in the kubeconfig.
   *
   * @default - the kubeconfig's current context
   */
  readonly context?: string;
}

/** Where the API server is, and how a request to it is authenticated. */
export interface Connection {
  readonly server: URL;
  readonly context: string;
  /** Keeps its connections open between requests; `close` ends them. */
  readonly agent: http.Agent;
  readonly transport: typeof http | typeof https;
  /**
   * The headers that authenticate one request; asked anew for each, since tokens expire.
   *
   * @throws RestartError `KubeconfigInvalid`, also when the signal ends the wait for them
   */
  headers(signal?: AbortSignal): Promise<Record<string, string>>;
  /**
   * After a refusal of them: whether the next headers may be better than those of a request of that time, in milliseconds
   * since the epoch.
   */
  renew(time: number): boolean;
  close(): void;
}

/** The context that the client makes up, of a server on this machine, where it finds nothing. */
const NO_KUBECONFIG = 'loaded-context';

interface TransportOptions {
  /** Ends the wait for credentials. */
  signal?: AbortSignal;
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  pfx?: Buffer;
  passphrase?: string;
  rejectUnauthorized?: boolean;
  servername?: string;
  headers?: Record<string, string | number | string[] | undefined>;
  auth?: string;
  agent?: http.Agent;
}

/**
 * Opens no socket yet: reads the kubeconfig with the official client, so that client certificates, tokens,
 * exec plugins and in-cluster configuration all work as they do for kubectl.
 *
 * @param signal ends the wait for credentials
 * @throws RestartError `KubeconfigInvalid`
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export async function connect(options: ClusterOptions = {}, signal?: AbortSignal): Promise<Connection> {
  const config = await loadKubeConfig(options);
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    throw new RestartError(
      'KubeconfigInvalid',
      `The kubeconfig's context "${config.getCurrentContext()}" names no cluster`,
      { remedy: remedy(options) },
    );
  }
  if (!/^https?:/.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw new RestartError(
      'KubeconfigInvalid',
      `The server "${cluster.server}" of context "${config.getCurrentContext()}" is not a URL`,
      { remedy: 'write it like https://127.0.0.1:6443' },
    );
  }
  const plugin = execPluginOf(config);
  const server = new URL(cluster.server);
  const first = await authenticate(config, signal);
  const secure = server.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' as const };
  const agent =
    cluster.proxyUrl && first.agent
      ? first.agent
      : secure
        ? new https.Agent({
            ...settings,
            secureContext: secureContext(first, config.getCurrentContext()),
            rejectUnauthorized: first.rejectUnauthorized,
            servername: first.servername,
          })
        : new http.Agent(settings);
  return {
    server,
    context: config.getCurrentContext(),
    agent,
    transport: secure ? https : http,
    async headers(signal) {
      const { headers = {}, auth } = await authenticate(config, signal);
      const plain = Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as const],
      );
      return {
        ...Object.fromEntries(plain),
        ...(auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : undefined),
      };
    },
    renew: (time) => {
      plugin?.forget(time);
      return plugin !== undefined;
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** Certificates and keys, read once for all connections. */
function secureContext({ ca, cert, key, pfx, passphrase }: TransportOptions, context: string): SecureContext {
  try {
    return createSecureContext({ ca, cert, key, pfx, passphrase });
  } catch (cause) {
    throw unusableCredentials(context, cause);
  }
}

/** The client would run the user's plugin anew for each request, if its credentials do not say when they expire. */
function execPluginOf(config: KubeConfig): ExecPlugin | undefined {
  const current = config.getCurrentUser();
  const settings = current?.exec as ConstructorParameters<typeof ExecPlugin>[0] | undefined;
  if (!current || !settings?.command) {
    return undefined;
  }
  const plugin = new ExecPlugin(settings);
  const user = { ...current, exec: undefined };
  config.users = config.users.map((one) => (one.name === user.name ? user : one));
  config.addAuthenticator({
    isAuthProvider: ({ name }) => name === user.name,
    applyAuthentication: async (_, options) => {
      const { token, clientCertificateData, clientKeyData } = await plugin.credential(
        (options as TransportOptions).signal,
      );
      Object.assign(options, {
        ...(clientCertificateData ? { cert: clientCertificateData } : {}),
        ...(clientKeyData ? { key: clientKeyData } : {}),
        ...(token ? { headers: { ...options.headers, Authorization: `Bearer ${token}` } } : {}),
      });
    },
  });
  return plugin;
}

async function authenticate(config: KubeConfig, signal?: AbortSignal): Promise<TransportOptions> {
  const options: TransportOptions = { signal };
  try {
    await config.applyToHTTPSOptions(options as https.RequestOptions);
  } catch (cause) {
    throw unusableCredentials(config.getCurrentContext(), cause);
  }
  return options;
}

function unusableCredentials(context: string, cause: unknown): RestartError {
  return new RestartError(
    'KubeconfigInvalid',
    `The credentials of context "${context}" cannot be used: ${messageOf(cause)}`,
    { remedy: 'check its user in the kubeconfig', cause },
  );
}

async function loadKubeConfig(options: ClusterOptions): Promise<KubeConfig> {
  // By path: the package's index loads ten times as much.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  try {
    if (options.kubeconfig === undefined) {
      config.loadFromDefault();
    } else if (isContents(options.kubeconfig)) {
      config.loadFromString(options.kubeconfig);
    } else {
      await readFile(options.kubeconfig, 'utf8');
      config.loadFromFile(options.kubeconfig);
    }
  } catch (cause) {
    const source =
      options.kubeconfig === undefined
        ? `The default kubeconfig (KUBECONFIG=${process.env.KUBECONFIG ?? ''})`
        : isContents(options.kubeconfig)
          ? 'The kubeconfig that was passed in'
          : `The kubeconfig ${options.kubeconfig}`;
    // What has no content, or another one, is for the client an object without the fields that it takes from it.
    const problem = cause instanceof Error && cause.name === 'TypeError' ? 'it holds no kubeconfig' : messageOf(cause);
    throw new RestartError('KubeconfigInvalid', `${source} cannot be read: ${problem}`, {
      remedy: 'pass the path or the contents of a valid one',
      cause,
    });
  }
  if (config.getCurrentContext() === NO_KUBECONFIG) {
    throw new RestartError(
      'KubeconfigInvalid',
      'There is no kubeconfig: KUBECONFIG is not set, ~/.kube/config is not there, and this is no pod with a service account',
      { remedy: 'pass the path or the contents of one' },
    );
  }
  // As for kubectl, a server that is http: needs no leave to go without certificates.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  if (options.context !== undefined) {
    const known = config.getContexts().map((context) => context.name);
    if (!known.includes(options.context)) {
      throw new RestartError(
        'KubeconfigInvalid',
        `The kubeconfig has no context "${options.context}"; it has ${known.length ? known.map((name) => `"${name}"`).join(', ') : 'none'}.`,
      );
    }
    config.setCurrentContext(options.context);
  }
  return config;
}

function isContents(kubeconfig: string): boolean {
  return /[\n{]/.test(kubeconfig);
}

function remedy(options: ClusterOptions): string {
  return options.context === undefined ? 'pass a context, or set current-context in it' : 'correct the context in it';
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}
