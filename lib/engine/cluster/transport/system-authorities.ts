import { readFile } from 'node:fs/promises';

/** The paths in Linux distributions, in the order of Go programs. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The certificate authorities of this machine, which kubectl trusts if the kubeconfig contains none: on Linux, those in
 * SSL_CERT_FILE, otherwise those of the distribution.
 *
 * @returns undefined if there are none, so that Node's own authorities apply
 */
export async function systemAuthorities(): Promise<Buffer[] | undefined> {
  const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = process.env;
  const files = process.platform === 'linux' ? (SSL_CERT_FILE ? [SSL_CERT_FILE] : BUNDLES) : [];
  for (const file of files) {
    const bundle = await contentsOf(file);
    if (bundle) {
      const own = NODE_EXTRA_CA_CERTS ? await contentsOf(NODE_EXTRA_CA_CERTS) : undefined;
      return own ? [bundle, own] : [bundle];
    }
  }
  return undefined;
}

async function contentsOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}
