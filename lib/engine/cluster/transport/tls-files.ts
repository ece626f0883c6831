import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Credential } from '../credentials/credential';
import { isSet } from '../kubeconfig/access-problems';
import type { ClusterAccess } from '../kubeconfig/cluster-access';
import type { Pem } from '../kubeconfig/kubeconfig';

/** Files change while they are in use, for example when cert-manager or kubeadm renews certificates. */
const FRESH_MILLISECONDS = 60_000;

/**
 * TLS contexts with the certificates of the kubeconfig. The files are read again after some time, or if the credentials
 * are refused. The context stays the same until a file, or the certificate from a plugin, changes.
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
   * @param certificate the client certificate from a plugin, if any
   * @throws Error with the reason if the certificates cannot be used
   */
  async context(certificate: Certificate): Promise<SecureContext> {
    const files = await this.fresh();
    const { last } = this;
    if (last?.files !== files || last.certificate?.cert !== certificate?.cert) {
      // As in Go, any certificate in the server's chain may be the authority.
      const context = createSecureContext({ ...certificate, ...files, allowPartialTrustChain: true });
      this.last = { files, certificate, context };
    }
    return this.last?.context ?? createSecureContext();
  }

  /** Called after a refusal. Returns whether newer certificates may be available by now. */
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
      // An incomplete or failed renewal keeps the previous certificates.
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
  // Without verification, no authorities are needed. With undefined, Node would load all of its own.
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
    throw new Error('its certificate-authority contains no certificate', { cause });
  }
}

async function authoritiesOfMachine(): Promise<Buffer[] | undefined> {
  const { systemAuthorities } = await import('./system-authorities.js');
  return systemAuthorities();
}
