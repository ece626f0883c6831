import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { KubernetesApi, type ApiOptions } from '../../lib/engine/cluster/api';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
  /** Common name of the client's certificate. */
  readonly client?: string;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or unchanged if it is a string. */
  readonly body?: unknown;
  /** Sends half of the body and cuts the connection. */
  readonly cut?: boolean;
  /** Sends half of the body, and the other half when this promise is fulfilled. */
  readonly halfUntil?: Promise<unknown>;
  /** Never answers. */
  readonly silent?: boolean;
}

/** A failure as the API server words it. */
export function refusal(status: number, reason: string, message: string): FakeAnswer {
  return { status, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status } };
}

/** A fake of the API server: a loopback HTTP server, or HTTPS server, that answers as the test defines. */
export class FakeApiServer {
  readonly requests: FakeRequest[] = [];
  /** Requests that are never answered, while their clients wait. */
  readonly waiting = new Set<FakeRequest>();
  private readonly sockets = new Set<Socket>();
  private readonly apis: KubernetesApi[] = [];

  private constructor(
    private readonly server: http.Server,
    private readonly scheme: 'http' | 'https',
  ) {}

  /**
   * @param tls the certificate of the server; without it, the server does not use TLS, and clients send it no
   *   credentials
   */
  static async start(
    answer: (request: FakeRequest) => FakeAnswer,
    tls?: { readonly cert: string; readonly key: string },
  ): Promise<FakeApiServer> {
    const listener: http.RequestListener = (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const url = new URL(incoming.url ?? '', 'http://localhost');
        const text = Buffer.concat(chunks).toString();
        const request: FakeRequest = {
          method: incoming.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: incoming.headers,
          body: text ? (JSON.parse(text) as unknown) : undefined,
          ...(tls
            ? {
                client: [
                  ((incoming.socket as TLSSocket).getPeerCertificate() as Partial<PeerCertificate>).subject?.CN,
                ].flat()[0],
              }
            : {}),
        };
        fake.requests.push(request);
        const given = answer(request);
        if (given.silent) {
          fake.waiting.add(request);
          response.once('close', () => fake.waiting.delete(request));
        }
        send(response, given);
      });
    };
    const server = tls
      ? https.createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener)
      : http.createServer(listener);
    const fake = new FakeApiServer(server, tls ? 'https' : 'http');
    server.on('connection', (socket: Socket) => {
      fake.sockets.add(socket);
      socket.on('close', () => fake.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  get kubeconfig(): string {
    return kubeconfigFor(this.url);
  }

  /** A client of this server, closed with it. */
  async api(options: Omit<ApiOptions, 'kubeconfig'> = {}): Promise<KubernetesApi> {
    const api = await KubernetesApi.open({ kubeconfig: this.kubeconfig, ...options });
    this.apis.push(api);
    return api;
  }

  async close(): Promise<void> {
    for (const api of this.apis) {
      api.close();
    }
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function kubeconfigFor(server: string): string {
  return `apiVersion: v1
kind: Config
current-context: fake
clusters: [{ name: fake, cluster: { server: "${server}", insecure-skip-tls-verify: true } }]
users: [{ name: someone, user: { token: a-token } }]
contexts: [{ name: fake, context: { cluster: fake, user: someone } }]
`;
}

function send(response: http.ServerResponse, answer: FakeAnswer): void {
  const { status = 200, headers = {}, body = {}, cut, halfUntil, silent } = answer;
  if (silent) {
    return;
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  const half = text.length / 2;
  if (cut) {
    response.write(text.slice(0, half), () => response.socket?.destroy());
    return;
  }
  if (halfUntil) {
    response.write(text.slice(0, half));
    void halfUntil.then(() => response.end(text.slice(half)));
    return;
  }
  response.end(text);
}
