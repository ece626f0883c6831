import { access, constants } from 'node:fs/promises';
import type { Cluster, Pem, User } from './kubeconfig';

export const PLUGIN_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'];
/** Replacements for authentication that was built into clients. */
const REPLACEMENTS = new Map([
  ['gcp', 'gke-gcloud-auth-plugin'],
  ['azure', 'kubelogin of Azure'],
  ['oidc', 'kubelogin (kubectl oidc-login)'],
]);

/** Problems of the cluster's entry that can be found without a connection. */
export async function clusterProblems(cluster: Cluster): Promise<string[]> {
  const { certificateAuthority: authority, insecureSkipTlsVerify, proxyUrl } = cluster;
  return [
    ...(await pemProblems('certificate-authority', authority)),
    ...(insecureSkipTlsVerify && isSet(authority)
      ? ['insecure-skip-tls-verify and a certificate-authority cannot be combined']
      : []),
    ...(proxyUrl === '' || isProxy(proxyUrl)
      ? []
      : ['proxy-url is not the URL of a proxy, which begins with http://, https:// or socks5://']),
  ];
}

/** Problems of the user's entry, for any server. */
export async function userProblems(user: User): Promise<string[]> {
  const { clientCertificate, clientKey, token, tokenFile, username, password, authProvider, plugin } = user;
  const hasCertificate = isSet(clientCertificate);
  return [
    ...(hasCertificate ? await pemProblems('client-certificate', clientCertificate) : []),
    ...(hasCertificate ? await pemProblems('client-key', clientKey) : []),
    ...(hasCertificate && !isSet(clientKey) ? ['client-certificate needs a client-key'] : []),
    ...((token !== '' && (username !== '' || password !== '')) || (tokenFile !== '' && username !== '')
      ? ['it has both a token and a username, but only one is allowed']
      : []),
    ...(authProvider === undefined ? [] : [authProviderProblem(authProvider)]),
    ...(plugin ? pluginProblems(plugin) : []),
    ...impersonationProblems(user),
  ];
}

export function isSet({ file, data }: Pem): boolean {
  return file !== '' || data.length > 0;
}

async function pemProblems(field: string, { file, data }: Pem): Promise<string[]> {
  if (file === '') {
    return [];
  }
  if (data.length > 0) {
    return [`${field} and ${field}-data cannot be combined`];
  }
  try {
    await access(file, constants.R_OK);
    return [];
  } catch (error) {
    return [`${field} cannot be read: ${(error as Error).message}`];
  }
}

function isProxy(url: string): boolean {
  return /^(?:https?|socks5):\/\//i.test(url) && URL.canParse(url);
}

function authProviderProblem(name: string): string {
  const replacement = REPLACEMENTS.get(name);
  return `its auth-provider is no longer supported: use a credential plugin (exec)${replacement ? `, such as ${replacement}` : ''}`;
}

function pluginProblems({ command, apiVersion, interactiveMode, env }: NonNullable<User['plugin']>): string[] {
  return [
    ...(command === '' ? ['exec has no command'] : []),
    ...(PLUGIN_VERSIONS.includes(apiVersion) ? [] : [`exec.apiVersion is not one of ${PLUGIN_VERSIONS.join(', ')}`]),
    ...(INTERACTIVE_MODES.includes(interactiveMode)
      ? []
      : [`exec.interactiveMode is not one of ${INTERACTIVE_MODES.join(', ')}`]),
    ...(env.some(({ name }) => name === '') ? ['a variable in exec.env has no name'] : []),
  ];
}

function impersonationProblems({ impersonated: { user, uid, groups, extra } }: User): string[] {
  return user === '' && (uid !== '' || groups.length > 0 || extra.size > 0)
    ? ['as-uid, as-groups and as-user-extra need a user (as)']
    : [];
}
