import { readFile } from 'node:fs/promises';
import type { Cluster } from '../kubeconfig/kubeconfig';

/**
 * The cluster information that a credential plugin receives, if it requests any.
 *
 * @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster
 */
export async function pluginInfo(cluster: Cluster): Promise<object> {
  const { server, tlsServerName, insecureSkipTlsVerify, certificateAuthority, proxyUrl, disableCompression } = cluster;
  const { file, data } = certificateAuthority;
  const authority = (file === '' ? data : await readFile(file)).toString('base64');
  return {
    server: withoutQuery(server),
    ...(tlsServerName === '' ? {} : { 'tls-server-name': tlsServerName }),
    ...(insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authority === '' ? {} : { 'certificate-authority-data': authority }),
    ...(proxyUrl === '' ? {} : { 'proxy-url': proxyUrl }),
    ...(disableCompression ? { 'disable-compression': true } : {}),
    config: cluster.pluginConfig,
  };
}

function withoutQuery(server: string): string {
  const url = new URL(server);
  if (url.pathname.length <= 1) {
    return server;
  }
  url.search = '';
  url.hash = '';
  return url.href;
}
