import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Connection } from '../control-plane/kubeconfig';
import { type ApiAnswer, type ApiFault, send } from './api-fault';

/** One fault at one request of a run. */
export interface Injection {
  readonly fault: ApiFault;
  /** The name of the request in `FaultProxy.requests`. */
  readonly request: string;
}

/** A request with a name that is the same in every run, however the requests of the run overlap. */
export interface NamedRequest {
  /** Such as `GET /api/v1/pods, a further page #2`: the second one of its kind in the run. */
  readonly name: string;
  readonly method: string;
  readonly isContinued: boolean;
}

/** A PATCH that the API server has carried out. */
export interface CarriedOut {
  readonly path: string;
  /** The generation of the object afterwards. */
  readonly generation: number;
}

/** A proxy to the API server, with the administrator's rights, that injects one fault on demand. */
export class FaultProxy {
  /**
   * @param namespace left out of the names of requests, so that the names are the same for every namespace
   * @param pageSize how many items of a list the API server returns at once, however many are requested
   */
  static async to(target: Connection, options: { readonly namespace: string; readonly pageSize: number }) {
    const server = http.createServer((incoming, response) => {
      proxy.handle(incoming, response).catch(() => response.socket?.destroy());
    });
    const proxy: FaultProxy = new FaultProxy(server, target, options);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  private readonly agent: http.Agent;
  private seen: NamedRequest[] = [];
  private injection: Injection | undefined;
  private met = false;
  /** All PATCH requests that were carried out, since the beginning. */
  readonly patches: CarriedOut[] = [];

  private constructor(
    private readonly server: http.Server,
    private readonly target: Connection,
    private readonly options: { readonly namespace: string; readonly pageSize: number },
  ) {
    const Agent = target.server.startsWith('https:') ? https.Agent : http.Agent;
    this.agent = new Agent({ keepAlive: true });
  }

  /** Content of a kubeconfig that leads to this proxy. */
  get kubeconfig(): string {
    const server = `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'faults',
      contexts: [{ name: 'faults', context: { cluster: 'faults', user: 'faults' } }],
      clusters: [{ name: 'faults', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'faults', user: {} }],
    });
  }

  /** The requests since the last `begin`, in their order. */
  get requests(): readonly NamedRequest[] {
    return this.seen;
  }

  /** Whether the injection's request was made. */
  get isMet(): boolean {
    return this.met;
  }

  /** Begins a run, in which at most one fault is injected. */
  begin(injection?: Injection): void {
    this.seen = [];
    this.met = false;
    this.injection = injection;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '', 'http://localhost');
    const fault = this.faultAt(this.nameOf(incoming.method ?? '', url));
    const body = await buffer(incoming);
    if (fault && !fault.forwards) {
      fault.answer(response, { status: 0, body: Buffer.alloc(0) });
      return;
    }
    if (url.searchParams.has('limit')) {
      url.searchParams.set('limit', String(this.options.pageSize));
    }
    const answer = await this.forward(incoming, url.pathname + url.search, body);
    if (incoming.method === 'PATCH' && answer.status === 200) {
      const { metadata } = JSON.parse(answer.body.toString()) as { metadata: { generation: number } };
      this.patches.push({ path: url.pathname, generation: metadata.generation });
    }
    if (fault) {
      fault.answer(response, answer);
    } else {
      send(response, answer);
    }
  }

  private nameOf(method: string, url: URL): string {
    const isContinued = url.searchParams.has('continue');
    const path = url.pathname.replace(`/namespaces/${this.options.namespace}/`, '/namespaces/*/');
    const kind = `${method} ${path}${isContinued ? ', a further page' : ''}`;
    const before = this.seen.filter(({ name }) => name.startsWith(`${kind} #`)).length;
    const name = `${kind} #${String(before + 1)}`;
    this.seen.push({ name, method, isContinued });
    return name;
  }

  private faultAt(name: string): ApiFault | undefined {
    const { fault, request } = this.injection ?? {};
    const isHere = name === request;
    const isMeant = isHere || (this.met && fault?.lasts === true);
    this.met ||= isHere;
    return isMeant ? fault : undefined;
  }

  private async forward({ method, headers }: IncomingMessage, path: string, body: Buffer): Promise<ApiAnswer> {
    const { server, options } = this.target;
    const kept = Object.entries(headers).filter(([name]) => name !== 'host' && name !== 'connection');
    const { request } = server.startsWith('https:') ? https : http;
    const outgoing = request(server + path, {
      ...options,
      method,
      headers: { ...Object.fromEntries(kept), ...(options.headers as http.OutgoingHttpHeaders | undefined) },
      agent: this.agent,
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: incoming.statusCode ?? 0, body: await buffer(incoming) };
  }
}
