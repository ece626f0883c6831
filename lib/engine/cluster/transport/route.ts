import http from 'node:http';
import https from 'node:https';
import type { TlsSettings } from './tls-settings';
import { portOf } from './port-of';

/** How requests get to the API server. */
export interface Route {
  readonly transport: typeof http | typeof https;
  /** To the API server or to the proxy. */
  readonly usesTls: boolean;
  /** A pool of kept-alive connections that are made with these settings; none are needed without TLS. */
  agent(settings?: TlsSettings): http.Agent;
  /** Where a request for a URL goes to. */
  target(url: URL): Pick<http.RequestOptions, 'hostname' | 'port' | 'path'>;
  /** What each request needs on this way. */
  readonly headers: Readonly<Record<string, string>>;
}

const POOL = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' as const };

/** A proxy connects what is `https:` through; what is `http:` an HTTP proxy asks itself. */
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
    // The agent itself encrypts, where that is due.
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
