import http from 'node:http';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { portOf } from './port-of';
import { connectBySocks } from './socks';
import type { TlsSettings } from './tls-settings';

const DIAL_MILLISECONDS = 30_000;

/**
 * Opens a connection to a server through a proxy.
 *
 * @param settings the settings of the TLS connection to an `https:` proxy
 * @param opened receives the socket immediately, so that it can be closed
 * @throws Error with the reason if the connection fails
 */
export async function openTunnel(
  proxy: URL,
  target: { readonly host: string; readonly port: number },
  settings: TlsSettings | undefined,
  opened: (socket: Socket) => void,
): Promise<Socket> {
  const socket = await dial(proxy, settings, opened);
  try {
    if (proxy.protocol.startsWith('socks5')) {
      await connectBySocks(socket, proxy, target.host, target.port);
    } else {
      await connectByHttp(socket, proxy, target);
    }
    return socket.setTimeout(0).removeAllListeners('timeout');
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The header with a proxy's username and password. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return username === '' && password === ''
    ? {}
    : { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

function dial(proxy: URL, settings: TlsSettings | undefined, opened: (socket: Socket) => void): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1');
  const isTls = proxy.protocol === 'https:';
  const where = { host, port: portOf(proxy) };
  const socket = isTls ? tls.connect({ ...where, ...settings?.(host) }) : net.connect(where);
  opened(socket);
  return new Promise((resolve, reject) => {
    socket.setTimeout(DIAL_MILLISECONDS, () => {
      socket.destroy(new Error(`the proxy ${proxy.host} does not answer`));
    });
    socket.once('error', (cause: Error) => {
      reject(new Error(`the proxy ${proxy.host} cannot be reached: ${cause.message}`, { cause }));
    });
    socket.once('close', () => {
      reject(new Error(`the proxy ${proxy.host} closed the connection`));
    });
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      resolve(socket);
    });
  });
}

function connectByHttp(
  socket: Socket,
  proxy: URL,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      method: 'CONNECT',
      path: authority,
      headers: { Host: authority, ...proxyAuthorization(proxy) },
      createConnection: () => socket,
    });
    const refuse = (status: number | undefined) => {
      reject(new Error(`the proxy ${proxy.host} refuses to connect: HTTP status ${String(status)}`));
    };
    request.once('connect', ({ statusCode }) => {
      if (statusCode === 200) {
        resolve();
      } else {
        refuse(statusCode);
      }
    });
    request.once('response', ({ statusCode }) => {
      refuse(statusCode);
    });
    request.once('error', reject);
    request.end();
  });
}

/** A pool of connections to one server through a proxy. TLS connections use `settings`. */
export class TunnelAgent extends http.Agent {
  private readonly opening = new Set<Socket>();

  constructor(
    private readonly proxy: URL,
    options: http.AgentOptions,
    private readonly settings: TlsSettings | undefined,
    private readonly isSecure: boolean,
  ) {
    super(options);
  }

  override createConnection(
    options: { readonly host?: string | null; readonly port?: number | string | null },
    callback?: (error: Error | null, socket: Socket) => void,
  ): undefined {
    const target = { host: options.host ?? '', port: Number(options.port) };
    void this.open(target).then(
      (socket) => callback?.(null, socket),
      (error: unknown) => callback?.(error as Error, undefined as unknown as Socket),
    );
  }

  override destroy(): void {
    for (const socket of this.opening) {
      socket.destroy();
    }
    super.destroy();
  }

  private async open(target: { readonly host: string; readonly port: number }): Promise<Socket> {
    let raw: Socket | undefined;
    try {
      const socket = await openTunnel(this.proxy, target, this.settings, (opened) => {
        raw = opened;
        this.opening.add(opened);
      });
      return this.isSecure ? tls.connect({ socket, ...this.settings?.(target.host) }) : socket;
    } finally {
      if (raw) {
        this.opening.delete(raw);
      }
    }
  }
}
