import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';

/** How to reach an API server, and as whom. */
export interface Connection {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Certificates and headers, as `https.request` takes them. */
  readonly options: RequestOptions;
}

/** One user of one cluster, in the shape that kubeconfig files have; JSON is YAML, so any program reads it. */
export interface SimpleKubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly 'current-context': string;
  readonly contexts: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters: readonly { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly {
    name: string;
    user: { token: string } | { 'client-certificate-data': string; 'client-key-data': string };
  }[];
}

/**
 * Reads credentials from a kubeconfig.
 *
 * @param kubeconfig a file, or its content; without one, the files that kubectl would read
 * @param context the context to use; without one, the current context
 */
export async function connectionOf(kubeconfig?: string, context?: string): Promise<Connection> {
  if (kubeconfig === undefined) {
    return generalConnection(kubeconfig, context);
  }
  const text = /[\n{]/.test(kubeconfig) ? kubeconfig : readFileSync(kubeconfig, 'utf8');
  return text.startsWith('{')
    ? simpleConnection(JSON.parse(text) as SimpleKubeconfig, context)
    : generalConnection(kubeconfig, context);
}

/**
 * Reads the files that `ControlPlane` writes, without the package's own reader: loading it takes each test file a
 * second.
 */
function simpleConnection(config: SimpleKubeconfig, contextName = config['current-context']): Connection {
  const context = config.contexts.find(({ name }) => name === contextName)?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined) {
    throw new Error(`the kubeconfig has no context ${contextName}, or it names an unknown cluster or user`);
  }
  const decode = (data: string) => Buffer.from(data, 'base64');
  return {
    server: cluster.server,
    options: {
      ca: decode(cluster['certificate-authority-data']),
      ...('token' in user
        ? { headers: { authorization: `Bearer ${user.token}` } }
        : { cert: decode(user['client-certificate-data']), key: decode(user['client-key-data']) }),
    },
  };
}

/** Reads all other kubeconfigs, such as those with programs that fetch tokens. */
async function generalConnection(kubeconfig: string | undefined, context?: string): Promise<Connection> {
  const { connect } = await import('../../lib/engine/cluster/connection.js');
  const connection = await connect({ kubeconfig, context });
  return { server: connection.server.href.replace(/\/$/, ''), options: await connection.access() };
}
