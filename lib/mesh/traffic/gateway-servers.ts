import type { HttpGatewayServer, TlsGatewayServer } from './gateway-server';
import type { ServerTls } from './server-tls';

/** What {@link GatewayServers.https} takes. */
export interface HttpsServersOptions {
  /** The hosts, as those of a Gateway's server. */
  readonly hosts: readonly string[];

  /** What is done with TLS. */
  readonly tls: ServerTls;
}

/** Servers for common goals, to be given to a {@link Gateway}. */
export class GatewayServers {
  /** HTTPS on port 443, to which port 80 redirects. */
  static https({ hosts, tls }: HttpsServersOptions): [HttpGatewayServer, TlsGatewayServer] {
    return [
      { port: 80, protocol: 'HTTP', hosts, httpsRedirect: true },
      { port: 443, protocol: 'HTTPS', hosts, tls },
    ];
  }
}
