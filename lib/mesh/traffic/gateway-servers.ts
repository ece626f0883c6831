import type { HttpGatewayServer, TlsGatewayServer } from './gateway-server';
import type { ServerTls } from './server-tls';

/** Options of {@link GatewayServers.https}. */
export interface HttpsServersOptions {
  /** The hosts, in the format of a Gateway's server. */
  readonly hosts: readonly string[];

  /** TLS settings of the HTTPS server. */
  readonly tls: ServerTls;
}

/** Servers for common use cases of a {@link Gateway}. */
export class GatewayServers {
  /** Creates an HTTPS server on port 443, and a server on port 80 that redirects to it. */
  static https({ hosts, tls }: HttpsServersOptions): [HttpGatewayServer, TlsGatewayServer] {
    return [
      { port: 80, protocol: 'HTTP', hosts, httpsRedirect: true },
      { port: 443, protocol: 'HTTPS', hosts, tls },
    ];
  }
}
