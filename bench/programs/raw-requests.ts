import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** The number of connections that the engine keeps. */
const CONNECTIONS = 64;

/**
 * Bare requests to the local control plane: no checks except of the status, and one retry if the API server has lost its
 * connection to istiod, so that a measurement of an hour survives it.
 */
export class RawRequests {
  private readonly server: string;
  private readonly agent: Agent;

  /** @param file the control plane's own kubeconfig: JSON with one cluster and one client certificate */
  constructor(file: string) {
    const { clusters, users } = JSON.parse(readFileSync(file, 'utf8')) as Kubeconfig;
    const decoded = (text = '') => Buffer.from(text, 'base64');
    this.server = clusters[0]?.cluster.server ?? '';
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: CONNECTIONS,
      scheduling: 'lifo',
      ca: decoded(clusters[0]?.cluster['certificate-authority-data']),
      cert: decoded(users[0]?.user['client-certificate-data']),
      key: decoded(users[0]?.user['client-key-data']),
    });
  }

  /** Sends the request, and passes on every chunk of the answer. */
  async send(what: RawRequest, onChunk: (chunk: Buffer) => void = () => undefined): Promise<void> {
    const isUnavailable = await this.attempt(what, onChunk);
    if (isUnavailable && (await this.attempt(what, onChunk))) {
      throw new Error(`${what.method} ${what.path} is answered twice with status 503`);
    }
  }

  /** Returns whether the answer has status 503. */
  private attempt(what: RawRequest, onChunk: (chunk: Buffer) => void): Promise<boolean> {
    const { method, path, accept = 'application/json', contentType = 'application/json', body } = what;
    const headers = {
      accept,
      ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(this.server + path, { method, agent: this.agent, headers }, (response) => {
        const status = response.statusCode ?? 0;
        const isUnavailable = status === 503;
        if (status >= 300 && !isUnavailable) {
          reject(new Error(`${method} ${path} is answered with status ${String(status)}`));
        }
        response.on('data', isUnavailable ? () => undefined : onChunk);
        response.on('error', reject);
        response.on('end', () => {
          resolve(isUnavailable);
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async json<T>(what: RawRequest): Promise<T> {
    const chunks: Buffer[] = [];
    await this.send(what, (chunk) => chunks.push(chunk));
    return JSON.parse(Buffer.concat(chunks).toString()) as T;
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Does the work for every item, up to `limit` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
