import type http from 'node:http';
import type https from 'node:https';
import type { SecureContext } from 'node:tls';
import type { Credential, CredentialSource } from './credentials/credential';
import { credentialSource } from './credentials/credential-source';
import { impersonationHeaders } from './credentials/impersonation-headers';
import {
  clusterAccess,
  unusableCredentials,
  type ClusterAccess,
  type ClusterOptions,
} from './kubeconfig/cluster-access';
import { proxyFor } from './transport/proxy-for';
import { routeTo, type Route } from './transport/route';
import { TlsFiles } from './transport/tls-files';
import { tlsSettings } from './transport/tls-settings';

/** The connection and authentication of a single request. */
export interface RequestAccess {
  readonly headers: http.OutgoingHttpHeaders;
  /** Keeps connections open between requests. Changes when the client certificate is renewed. */
  readonly agent: http.Agent;
}

/** The address of the API server, and the authentication of requests. */
export interface Connection {
  readonly server: URL;
  readonly context: string;
  readonly transport: typeof http | typeof https;
  /** The address to which a request for a URL of the server is sent, which may be that of a proxy. */
  target(url: URL): Pick<http.RequestOptions, 'hostname' | 'port' | 'path'>;
  /**
   * The authentication of one request. Called for each request, because credentials expire.
   *
   * @throws RestartError `KubeconfigInvalid`, also if the signal ends the wait for credentials
   */
  access(signal?: AbortSignal): Promise<RequestAccess>;
  /**
   * Called after the API server has refused the credentials of a request.
   *
   * @param time when the request was sent, in milliseconds since the epoch
   * @returns whether newer credentials may be available by now
   */
  renew(time: number): boolean;
  close(): void;
}

/**
 * Reads the kubeconfig and its user's credentials like kubectl. Opens no connection yet.
 *
 * @param signal ends the wait for credentials
 * @throws RestartError `KubeconfigInvalid`
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export async function connect(options: ClusterOptions = {}, signal?: AbortSignal): Promise<Connection> {
  const access = await clusterAccess(options);
  const server = new URL(access.cluster.server);
  const route = await routeTo(server, proxyFor(server, access.cluster.proxyUrl, process.env));
  server.username = '';
  server.password = '';
  const connection = await usable(access, async () => {
    const impersonation = impersonationHeaders(access.user.impersonated);
    return new AuthenticatedConnection(server, access, route, await credentialSource(access), impersonation);
  });
  await connection.access(signal);
  return connection;
}

class AuthenticatedConnection implements Connection {
  private readonly files: TlsFiles;
  private pool: { readonly secureContext: SecureContext | undefined; readonly agent: http.Agent } | undefined;
  private readonly agents = new Set<http.Agent>();

  constructor(
    readonly server: URL,
    private readonly cluster: ClusterAccess,
    private readonly route: Route,
    private readonly credentials: CredentialSource,
    private readonly impersonation: http.OutgoingHttpHeaders,
  ) {
    this.files = new TlsFiles(cluster);
  }

  get context(): string {
    return this.cluster.context;
  }

  get transport(): typeof http | typeof https {
    return this.route.transport;
  }

  target(url: URL): Pick<http.RequestOptions, 'hostname' | 'port' | 'path'> {
    return this.route.target(url);
  }

  async access(signal?: AbortSignal): Promise<RequestAccess> {
    return usable(this.cluster, async () => {
      const credential = await this.credentials.current(signal);
      return { headers: this.headers(credential), agent: await this.agent(credential) };
    });
  }

  renew(time: number): boolean {
    const [credentials, files] = [this.credentials.renew(time), this.files.renew(time)];
    return credentials || files;
  }

  close(): void {
    for (const agent of this.agents) {
      agent.destroy();
    }
  }

  private headers({ authorization }: Credential): http.OutgoingHttpHeaders {
    return {
      ...this.route.headers,
      ...this.impersonation,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
  }

  /**
   * If the certificates change, idle connections are closed. Connections in use stay open until `close()`, but are not
   * used again.
   */
  private async agent({ certificate }: Credential): Promise<http.Agent> {
    const secureContext = this.route.usesTls ? await this.files.context(certificate) : undefined;
    if (this.pool && this.pool.secureContext === secureContext) {
      return this.pool.agent;
    }
    for (const socket of Object.values(this.pool?.agent.freeSockets ?? {}).flat()) {
      socket?.destroy();
    }
    const agent = this.route.agent(secureContext && tlsSettings(this.cluster.cluster, secureContext));
    this.agents.add(agent);
    this.pool = { secureContext, agent };
    return agent;
  }
}

async function usable<T>({ context }: ClusterAccess, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw unusableCredentials(context, (cause as Error).message, cause);
  }
}
