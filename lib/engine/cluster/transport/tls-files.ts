import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Credential } from '../credentials/credential';
import { isSet } from '../kubeconfig/access-problems';
import type { ClusterAccess } from '../kubeconfig/cluster-access';
import type { Pem } from '../kubeconfig/kubeconfig';

/** Files are replaced while they are in use: cert-manager and kubeadm renew certificates. */
const FRESH_MILLISECONDS = 60_000;

/**
 * The certificates of the kubeconfig, read again as they get older or the credentials are refused, as contexts for TLS
 * connections: the same one for as long as nothing changes.
 */
export class TlsFiles {
  private readAt = -Infinity;
  private readonly hasFiles: boolean;
  private files: Files | undefined;
  private last:
    { readonly files: Files; readonly certificate: Certificate; readonly context: SecureContext } | undefined;

  constructor(private readonly access: ClusterAccess) {
    const { cluster, user } = access;
    this.hasFiles = [cluster.certificateAuthority, user.clientCertificate, user.clientKey].some(({ file }) => file);
  }

  /**
   * @param certificate what a plugin handed out, if any
   * @throws Error that says why they cannot be used
   */
  async context(certificate: Certificate): Promise<SecureContext> {
    const files = await this.fresh();
    const { last } = this;
    if (last?.files !== files || last.certificate?.cert !== certificate?.cert) {
      // As in Go, the authority may be any certificate in the server's chain.
      const context = createSecureContext({ ...certificate, ...files, allowPartialTrustChain: true });
      this.last = { files, certificate, context };
    }
    return this.last?.context ?? createSecureContext();
  }

  /** After a refusal: whether there may be others. */
  renew(time: number): boolean {
    if (this.readAt < time) {
      this.readAt = -Infinity;
    }
    return this.hasFiles;
  }

  private async fresh(): Promise<Files> {
    if (this.files && (!this.hasFiles || Date.now() - this.readAt < FRESH_MILLISECONDS)) {
      return this.files;
    }
    try {
      const files = await filesOf(this.access);
      this.files = this.files && isSame(files, this.files) ? this.files : files;
    } catch (error) {
      // Half of a renewal, or none, leaves the ones before in use.
      if (this.files === undefined) {
        throw error;
      }
    }
    this.readAt = Date.now();
    return this.files;
  }
}

type Certificate = Credential['certificate'];

interface Files {
  readonly ca?: Buffer[];
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

function isSame(one: Files, other: Files): boolean {
  const buffers = ({ ca = [], cert, key }: Files) => [...ca, cert, key];
  const [ones, others] = [buffers(one), buffers(other)];
  return ones.every((buffer, index) => {
    const counterpart = others[index];
    return buffer === counterpart || (buffer && counterpart && buffer.equals(counterpart));
  });
}

async function filesOf({ cluster, user }: ClusterAccess): Promise<Files> {
  const { certificateAuthority, insecureSkipTlsVerify } = cluster;
  const [authority, cert, key] = await Promise.all(
    [certificateAuthority, user.clientCertificate, user.clientKey].map(contentsOf),
  );
  if (authority) {
    refuseNoCertificate(authority);
  }
  if (cert && key) {
    createSecureContext({ ca: [], cert, key });
  }
  // None are needed where nothing is verified; undefined would load all of Node's.
  const ca = authority ? [authority] : insecureSkipTlsVerify ? [] : await authoritiesOfMachine();
  return { ...(ca ? { ca } : {}), ...(cert ? { cert, key } : {}) };
}

async function contentsOf(pem: Pem): Promise<Buffer | undefined> {
  return isSet(pem) ? (pem.file === '' ? pem.data : readFile(pem.file)) : undefined;
}

function refuseNoCertificate(authority: Buffer): void {
  try {
    new X509Certificate(authority);
  } catch (cause) {
    throw new Error('its certificate-authority holds no certificate', { cause });
  }
}

async function authoritiesOfMachine(): Promise<Buffer[] | undefined> {
  const { systemAuthorities } = await import('./system-authorities.js');
  return systemAuthorities();
}
