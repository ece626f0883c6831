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

/** What a single request is made with, besides what it asks for. */
export interface RequestAccess {
  readonly headers: http.OutgoingHttpHeaders;
  /** Keeps its connections open between requests; another one when the client certificate is renewed. */
  readonly agent: http.Agent;
}

/** Where the API server is, and how a request to it is authenticated. */
export interface Connection {
  readonly server: URL;
  readonly context: string;
  readonly transport: typeof http | typeof https;
  /** Where a request for a URL of the server goes to, which may be a proxy. */
  target(url: URL): Pick<http.RequestOptions, 'hostname' | 'port' | 'path'>;
  /**
   * What authenticates one request; requested for each, because credentials expire.
   *
   * @throws RestartError `KubeconfigInvalid`, also when the signal ends the wait for it
   */
  access(signal?: AbortSignal): Promise<RequestAccess>;
  /**
   * After a refusal: whether the next access may be better than that of a request of that time, in milliseconds since the
   * epoch.
   */
  renew(time: number): boolean;
  close(): void;
}

/**
 * Reads the kubeconfig and its user's credentials as kubectl does; opens no socket yet.
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

  /** Connections that were made with other certificates end once they are idle. */
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
