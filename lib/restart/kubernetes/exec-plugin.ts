import { spawn } from 'node:child_process';

/** How a kubeconfig has its user's credentials made. */
export interface ExecSettings {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** What a request is authenticated with. */
export interface ExecCredential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  /** Without one, they are good until the API server refuses them. */
  readonly expirationTimestamp?: string;
}

/**
 * A program that hands out credentials. It runs once until they expire, however many requests ask for them, and has no
 * input: nobody could see what it asks for.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export class ExecPlugin {
  private last: Promise<ExecCredential> | undefined;
  private begun = 0;
  private expires = Infinity;

  constructor(private readonly settings: ExecSettings) {}

  /** @throws Error that says what the program said */
  credential(): Promise<ExecCredential> {
    if (Date.now() >= this.expires) {
      this.last = undefined;
    }
    this.last ??= this.renewed();
    return this.last;
  }

  /** Forgets credentials that are older, since they were refused; in milliseconds since the epoch. */
  forget(time: number): void {
    if (this.begun < time) {
      this.last = undefined;
    }
  }

  private async renewed(): Promise<ExecCredential> {
    this.begun = Date.now();
    this.expires = Infinity;
    try {
      const credential = await this.run();
      this.expires = Date.parse(credential.expirationTimestamp ?? '') || Infinity;
      return credential;
    } catch (error) {
      this.last = undefined;
      throw error;
    }
  }

  private async run(): Promise<ExecCredential> {
    const { apiVersion, command, args, env } = this.settings;
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
    const child = spawn(command, args ?? [], {
      env: {
        ...process.env,
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
        ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) {
      const problem = said.stderr.replace(/\s+/g, ' ').trim();
      throw new Error(`${command} failed${problem === '' ? '' : `: ${problem}`}`);
    }
    const { status } = JSON.parse(said.stdout) as { readonly status?: ExecCredential | null };
    return status ?? {};
  }
}
