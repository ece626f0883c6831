import type { ClusterAccess } from '../kubeconfig/cluster-access';
import { isSet } from '../kubeconfig/access-problems';
import type { CredentialSource } from './credential';
import { headerValue } from './header-value';

/**
 * Takes the user's credentials as kubectl does: what the kubeconfig has itself goes before a plugin, a token's file before
 * the token, and a server without TLS gets none.
 *
 * A client certificate of the user's own is no matter of single requests, and not in here.
 *
 * @throws Error that says why there can be none
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
  throw new Error('it has none');
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function fixed(authorization?: string): CredentialSource {
  return { current: () => Promise.resolve({ authorization }), renew: () => false };
}
