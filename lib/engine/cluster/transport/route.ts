import http from 'node:http';
import https from 'node:https';
import type { TlsSettings } from './tls-settings';
import { portOf } from './port-of';

/** How requests reach the API server. */
export interface Route {
  readonly transport: typeof http | typeof https;
  /** Whether the connection to the API server or the proxy uses TLS. */
  readonly usesTls: boolean;
  /** A pool of kept-alive connections with these settings, which are only needed for TLS. */
  agent(settings?: TlsSettings): http.Agent;
  /** The address to which a request for a URL is sent. */
  target(url: URL): Pick<http.RequestOptions, 'hostname' | 'port' | 'path'>;
  /** Headers that each request needs on this route. */
  readonly headers: Readonly<Record<string, string>>;
}

const POOL = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' as const };

/**
 * Every proxy tunnels connections to `https:` servers. To `http:` servers, a SOCKS proxy tunnels connections, and an
 * HTTP proxy forwards requests.
 */
export async function routeTo(server: URL, proxy: URL | undefined): Promise<Route> {
  const isSecure = server.protocol === 'https:';
  const isSecureProxy = proxy?.protocol === 'https:';
  const direct = { transport: isSecure ? https : http, usesTls: isSecure || isSecureProxy, target, headers: {} };
  if (!proxy) {
    return {
      ...direct,
      agent: (settings) =>
        isSecure ? new https.Agent({ ...POOL, ...settings?.(hostOf(server)) }) : new http.Agent(POOL),
    };
  }
  const { proxyAuthorization, TunnelAgent } = await import('./tunnel.js');
  if (isSecure || proxy.protocol.startsWith('socks5')) {
    // The agent itself handles TLS, if necessary.
    return {
      ...direct,
      transport: http,
      agent: (settings) => new TunnelAgent(proxy, POOL, settings, isSecure),
      headers: { Host: server.host },
    };
  }
  return {
    ...direct,
    transport: isSecureProxy ? https : http,
    agent: (settings) =>
      isSecureProxy ? new https.Agent({ ...POOL, ...settings?.(hostOf(proxy)) }) : new http.Agent(POOL),
    target: (url) => ({ hostname: hostOf(proxy), port: portOf(proxy), path: url.href }),
    headers: { Host: server.host, ...proxyAuthorization(proxy) },
  };
}

function target(url: URL): Pick<http.RequestOptions, 'hostname' | 'port' | 'path'> {
  return { hostname: hostOf(url), port: portOf(url), path: `${url.pathname}${url.search}` };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
