import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { Certificates, type Certified } from '../certificates';
import { SocksServer } from './socks-server';

/** What arrived at a server or a proxy. */
export type Arrival = Readonly<Record<string, unknown>>;

/** API servers and proxies on loopback, which record what arrives. Proxies resolve every name to this machine. */
export class World {
  arrivals: Arrival[] = [];
  answers: { status: number; headers?: Readonly<Record<string, string>> }[] = [];
  readonly certificates = new Certificates();
  readonly root = this.certificates.authority('root');
  readonly authority = this.certificates.authority('authority', this.root);
  readonly other = this.certificates.authority('other');
  readonly client = this.certificates.client('client', this.authority);
  readonly second = this.certificates.client('second', this.authority);
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  readonly secure = this.secureServer('https', ['IP:127.0.0.1', 'DNS:api.example', 'DNS:other.example']);
  readonly unnamed = this.secureServer('api.example', []);
  readonly plain = this.listen(http.createServer(this.answering('http')));
  readonly httpProxy = this.listen(this.proxying(http.createServer(), 'http'));
  readonly httpsProxy = this.listen(
    this.proxying(https.createServer({ ...this.serverOptions('proxy', ['IP:127.0.0.1']) }), 'https'),
  );
  readonly refusingProxy = this.listen(
    http.createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')),
  );
  readonly socks = this.listen(
    new SocksServer((arrival) => {
      this.arrivals.push(arrival);
    }).server,
  );

  async ready(): Promise<this> {
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
    return this;
  }

  port(server: Server): string {
    return String((server.address() as AddressInfo).port);
  }

  /** The server with TLS, by a name that only a proxy can resolve, or by its address. */
  secureUrl(host = '127.0.0.1'): string {
    return `https://${host}:${this.port(this.secure)}`;
  }

  plainUrl(host = '127.0.0.1'): string {
    return `http://${host}:${this.port(this.plain)}`;
  }

  /** A cluster's fields that are enough to trust the server. */
  trusted(host?: string): { server: string; 'certificate-authority-data': string } {
    return { server: this.secureUrl(host), 'certificate-authority-data': base64(this.authority.cert) };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
    this.certificates.remove();
  }

  private secureServer(name: string, names: readonly string[]): Server {
    return this.listen(https.createServer(this.serverOptions(name, names), this.answering('https')));
  }

  private serverOptions(name: string, names: readonly string[]): https.ServerOptions {
    const { cert, key } = this.certificates.server(name, this.authority, names);
    return { cert: cert + this.authority.cert, key, requestCert: true, rejectUnauthorized: false };
  }

  private answering(server: string): http.RequestListener {
    return ({ url = '', headers, socket }, response) => {
      this.arrivals.push({ server, path: url.replace(/\?.*/, ''), ...tlsOf(socket), ...identityOf(headers) });
      const { status, headers: more } = this.answers.shift() ?? { status: 200, headers: {} };
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', code: status, major: '1', minor: '34' }));
    };
  }

  private proxying(server: http.Server, proxy: string): http.Server {
    server.on('request', ({ url = '', headers, socket }: http.IncomingMessage, response: http.ServerResponse) => {
      const { pathname, host } = new URL(url);
      const login = headers['proxy-authorization'];
      this.arrivals.push({ proxy, asked: host, path: pathname, login, ...tlsOf(socket), ...identityOf(headers) });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"major":"1"}');
    });
    return server.on('connect', ({ url = '', headers, socket }: http.IncomingMessage, client: Socket) => {
      this.arrivals.push({ proxy, asked: url, login: headers['proxy-authorization'], ...tlsOf(socket) });
      const upstream = net.connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      for (const one of [client, upstream]) {
        one.on('error', () => {
          client.destroy();
          upstream.destroy();
        });
      }
    });
  }

  private listen<T extends Server>(server: T): T {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    this.servers.push(server);
    return server;
  }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The fields of a user that has a certificate. */
export function certificateData({ cert, key }: Certified): object {
  return { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
}

function tlsOf(socket: Socket): Arrival {
  const { getPeerCertificate, servername } = socket as Partial<TLSSocket>;
  return getPeerCertificate
    ? {
        client: (getPeerCertificate.call(socket) as Partial<PeerCertificate>).subject?.CN,
        servername: servername || undefined,
      }
    : {};
}

function identityOf(headers: http.IncomingHttpHeaders): Arrival {
  const telling = Object.entries(headers).filter(([name]) => /^(?:host|authorization|impersonate-.*)$/.test(name));
  return Object.fromEntries(telling.sort());
}
