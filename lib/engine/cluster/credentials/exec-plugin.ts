import { spawn, type ChildProcess } from 'node:child_process';
import type { PluginSettings } from '../kubeconfig/kubeconfig';
import type { Credential, CredentialSource } from './credential';
import { execCredential, type ExecCredential } from './exec-credential';
import { programPath } from './program-path';

/**
 * A program that hands out credentials. It runs once until they expire, however many requests ask for them, and has the
 * terminal to ask at where its settings permit that and there is one.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export class ExecPlugin implements CredentialSource {
  private last: Promise<ExecCredential> | undefined;
  private child: ChildProcess | undefined;
  private waiting = 0;
  private begun = 0;
  private expires = Infinity;

  /** @param cluster the cluster information that the program receives */
  constructor(
    private readonly settings: PluginSettings,
    private readonly cluster?: object,
  ) {}

  /**
   * @param signal ends the wait, and the program as soon as nobody waits any more
   * @throws Error that says what the program said, or the signal's reason for ending it
   */
  async current(signal?: AbortSignal): Promise<Credential> {
    signal?.throwIfAborted();
    if (Date.now() >= this.expires) {
      this.last = undefined;
    }
    this.last ??= this.renewed();
    const { last } = this;
    this.waiting += 1;
    let stop: () => void = () => undefined;
    try {
      return await new Promise<Credential>((resolve, reject) => {
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

  renew(time: number): boolean {
    if (this.begun < time) {
      this.last = undefined;
    }
    return true;
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
      this.expires = credential.expires;
      return credential;
    } catch (error) {
      this.last = undefined;
      throw error;
    }
  }

  private async run(): Promise<ExecCredential> {
    const { command, args, apiVersion } = this.settings;
    const interactive = this.isInteractive();
    const child = spawn(programPath(command) ?? this.refuseMissing(), args, {
      env: this.environment(interactive),
      stdio: interactive ? ['inherit', 'pipe', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
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
    try {
      return await execCredential(said.stdout, apiVersion);
    } catch (error) {
      throw new Error(`${command} cannot be used: ${(error as Error).message}`);
    }
  }

  private isInteractive(): boolean {
    const { interactiveMode, command } = this.settings;
    // Without a terminal it is undefined, whatever its type says.
    const hasTerminal = Boolean(process.stdin.isTTY);
    if (interactiveMode === 'Always' && !hasTerminal) {
      throw new Error(`${command} needs a terminal to ask at (interactiveMode: Always), and there is none`);
    }
    return interactiveMode !== 'Never' && hasTerminal;
  }

  private environment(interactive: boolean): NodeJS.ProcessEnv {
    const { apiVersion, env } = this.settings;
    const spec = { ...(this.cluster ? { cluster: this.cluster } : {}), interactive };
    return {
      ...process.env,
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }),
    };
  }

  private refuseMissing(): never {
    const { command, installHint } = this.settings;
    // Escape sequences would reach the reader's terminal.
    const hint = installHint.replace(/[^\P{C}\s]/gu, '').trim();
    throw new Error(`the program ${command} is not there${hint === '' ? '' : `. ${hint}`}`);
  }
}
