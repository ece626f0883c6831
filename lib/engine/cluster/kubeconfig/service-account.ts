import { stat } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import type { Cluster, User } from './kubeconfig';

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const NOTHING = { file: '', data: Buffer.alloc(0) };

/**
 * Access of a pod to the API server of its cluster, as its service account.
 *
 * @returns undefined if the process does not run in a pod with a service account
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export async function serviceAccountAccess(): Promise<{ readonly cluster: Cluster; readonly user: User } | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  if (!host || !port || !(await isFile(`${FOLDER}/token`))) {
    return undefined;
  }
  const hasAuthority = await isFile(`${FOLDER}/ca.crt`);
  return {
    cluster: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      tlsServerName: '',
      insecureSkipTlsVerify: false,
      certificateAuthority: hasAuthority ? { ...NOTHING, file: `${FOLDER}/ca.crt` } : NOTHING,
      proxyUrl: '',
      disableCompression: false,
      pluginConfig: null,
    },
    user: {
      clientCertificate: NOTHING,
      clientKey: NOTHING,
      token: '',
      tokenFile: `${FOLDER}/token`,
      username: '',
      password: '',
      impersonated: { user: '', uid: '', groups: [], extra: new Map() },
      authProvider: undefined,
      plugin: undefined,
    },
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
