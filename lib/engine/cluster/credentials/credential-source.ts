import type { ClusterAccess } from '../kubeconfig/cluster-access';
import { isSet } from '../kubeconfig/access-problems';
import type { CredentialSource } from './credential';
import { headerValue } from './header-value';

/**
 * Selects the user's credentials like kubectl: credentials in the kubeconfig take precedence over a plugin, and a token
 * file over a token. A server without TLS gets none of them. A username and a password in the server's URL take
 * precedence over all of them, and are also sent to a server without TLS.
 *
 * Does not include the user's client certificate, which belongs to the connection.
 *
 * @throws Error with the reason if there are no usable credentials
 */
export async function credentialSource({ cluster, user }: ClusterAccess): Promise<CredentialSource> {
  const { token, tokenFile, username, password, plugin } = user;
  const server = new URL(cluster.server);
  if (server.username !== '' || server.password !== '') {
    return fixed(basic(decodeURIComponent(server.username), decodeURIComponent(server.password)));
  }
  if (server.protocol !== 'https:') {
    return fixed();
  }
  if (tokenFile !== '') {
    const { TokenFile } = await import('./token-file.js');
    return TokenFile.open(tokenFile, token);
  }
  if (token !== '') {
    return fixed(`Bearer ${headerValue('its token', token)}`);
  }
  if (username !== '') {
    return fixed(basic(username, password));
  }
  if (isSet(user.clientCertificate)) {
    return fixed();
  }
  if (plugin) {
    const [{ ExecPlugin }, { pluginInfo }] = await Promise.all([
      import('./exec-plugin.js'),
      import('./plugin-info.js'),
    ]);
    return new ExecPlugin(plugin, plugin.provideClusterInfo ? await pluginInfo(cluster) : undefined);
  }
  throw new Error('its user has no credentials');
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function fixed(authorization?: string): CredentialSource {
  return { current: () => Promise.resolve({ authorization }), renew: () => false };
}
