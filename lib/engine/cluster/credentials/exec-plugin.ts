import { spawn, type ChildProcess } from 'node:child_process';
import type { PluginSettings } from '../kubeconfig/kubeconfig';
import type { Credential, CredentialSource } from './credential';
import { execCredential, type ExecCredential } from './exec-credential';
import { programPath } from './program-path';

/**
 * A program that provides credentials. One run of it serves all requests until the credentials expire. It may use the
 * terminal for questions if there is one and the settings permit it.
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
   * @param signal ends the wait, and the program when no request waits for it any more
   * @throws Error with the message of the program, or with the reason of the signal
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
          reject(new Error(`${this.settings.command} was stopped: ${(signal?.reason as Error).message}`));
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

  /** Ends the program if it is still running. Does not wait for its child processes, which may keep the pipes open. */
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
      return execCredential(said.stdout, apiVersion);
    } catch (error) {
      throw new Error(`${command} cannot be used: ${(error as Error).message}`);
    }
  }

  private isInteractive(): boolean {
    const { interactiveMode, command } = this.settings;
    // Despite its type, the value is undefined without a terminal.
    const hasTerminal = Boolean(process.stdin.isTTY);
    if (interactiveMode === 'Always' && !hasTerminal) {
      throw new Error(`${command} requires a terminal (interactiveMode: Always), and there is none`);
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
    // Escape sequences must not reach the user's terminal.
    const hint = installHint.replace(/[^\P{C}\s]/gu, '').trim();
    throw new Error(`the program ${command} was not found${hint === '' ? '' : `. ${hint}`}`);
  }
}
