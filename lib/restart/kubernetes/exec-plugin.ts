import { spawn, type ChildProcess } from 'node:child_process';

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
  private child: ChildProcess | undefined;
  private waiting = 0;
  private begun = 0;
  private expires = Infinity;

  constructor(private readonly settings: ExecSettings) {}

  /**
   * @param signal ends the wait, and the program as soon as nobody waits any more
   * @throws Error that says what the program said, or the signal's reason for ending it
   */
  async credential(signal?: AbortSignal): Promise<ExecCredential> {
    signal?.throwIfAborted();
    if (Date.now() >= this.expires) {
      this.last = undefined;
    }
    this.last ??= this.renewed();
    const { last } = this;
    this.waiting += 1;
    let stop: () => void = () => undefined;
    try {
      return await new Promise<ExecCredential>((resolve, reject) => {
        stop = () => {
          reject(new Error(`${this.settings.command} was ended: ${(signal?.reason as Error).message}`));
        };
        signal?.addEventListener('abort', stop);
        last.then(resolve, reject);
      });
    } finally {
      signal?.removeEventListener('abort', stop);
      this.waiting -= 1;
      if (this.waiting === 0) {
        this.end();
      }
    }
  }

  /** Forgets credentials that are older, since they were refused; in milliseconds since the epoch. */
  forget(time: number): void {
    if (this.begun < time) {
      this.last = undefined;
    }
  }

  /** Ends the program, if it still runs; what it has started may keep its pipes open, and is not waited for. */
  private end(): void {
    const { child } = this;
    if (child) {
      child.kill();
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      this.child = undefined;
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
    this.child = child;
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }).finally(() => {
      if (this.child === child) {
        this.child = undefined;
      }
    });
    if (code !== 0) {
      const problem = said.stderr.replace(/\s+/g, ' ').trim();
      throw new Error(`${command} failed${problem === '' ? '' : `: ${problem}`}`);
    }
    const { status } = JSON.parse(said.stdout) as { readonly status?: ExecCredential | null };
    return status ?? {};
  }
}
