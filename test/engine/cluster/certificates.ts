import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, in PEM, and as files. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Creates certificates in a folder of its own, with openssl, which has to be on PATH. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'));

  /** A certificate that signs others, and is itself signed by `issuer` if there is one. */
  authority(name: string, issuer?: Certified): Certified {
    return this.make(name, ['-addext', 'basicConstraints=critical,CA:TRUE'], issuer);
  }

  /** @param names subject alternative names, such as `IP:127.0.0.1` and `DNS:api.example` */
  server(name: string, issuer: Certified, names: readonly string[]): Certified {
    return this.make(name, names.length === 0 ? [] : ['-addext', `subjectAltName=${names.join(',')}`], issuer);
  }

  client(name: string, issuer: Certified): Certified {
    return this.make(name, [], issuer);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private make(name: string, options: readonly string[], issuer?: Certified): Certified {
    const file = (extension: string) => join(this.folder, `${name}.${extension}`);
    const signed = issuer ? ['-CA', issuer.certFile, '-CAkey', issuer.keyFile] : [];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key')];
    const named = ['-subj', `/CN=${name}`, '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', file('pem'), ...named, ...signed, ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return {
      cert: readFileSync(file('pem'), 'utf8'),
      key: readFileSync(file('key'), 'utf8'),
      certFile: file('pem'),
      keyFile: file('key'),
    };
  }
}
