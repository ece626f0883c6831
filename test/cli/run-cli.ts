import { spawn } from 'node:child_process';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawn as spawnInTerminal, type IPty } from '@lydell/node-pty';

/** The program as `npm run build` leaves it. */
export const BIN = join(__dirname, '..', '..', 'dist', 'lib', 'cli', 'bin.js');

const TERM = 'xterm-256color';

/** The only environment that the program gets, whoever runs the tests: no kubeconfig, no CI, no forced colors. */
export type CliEnv = Readonly<Record<string, string>>;

export interface CliOptions {
  /** In addition to PATH, and a HOME without a kubeconfig. */
  readonly env?: CliEnv;
  readonly cwd?: string;
  /** Written to its stdin, which is then closed. */
  readonly input?: string;
  /**
   * Seconds after which the program is killed.
   *
   * @default 120
   */
  readonly timeoutSeconds?: number;
}

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code, or 128 and the signal's number, as a shell reports it. */
  readonly code: number;
}

/** Runs the command line as a process whose output goes into pipes. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { env = {}, cwd, input = '', timeoutSeconds = 120 } = options;
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: environment(env), timeout: timeoutSeconds * 1000 });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      resolve(exitCode ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
  return { ...output, code };
}

export interface CliTerminalOptions extends Pick<CliOptions, 'env' | 'cwd'> {
  /** @default 100 */
  readonly columns?: number;
  /** @default 30 */
  readonly rows?: number;
}

/** The command line in a pseudo-terminal, as a person uses it. */
export class CliTerminal {
  /** Resolves to its exit code, or 128 and the signal's number, when it has ended and all its output has arrived. */
  readonly ended: Promise<number>;

  private readonly pty: IPty;
  private received = '';
  private hasEnded = false;
  private changed: () => void = () => undefined;

  constructor(args: readonly string[], options: CliTerminalOptions = {}) {
    const { env = {}, cwd, columns = 100, rows = 30 } = options;
    this.pty = spawnInTerminal(process.execPath, [BIN, ...args], {
      name: env.TERM ?? TERM,
      env: environment(env),
      cols: columns,
      rows,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.pty.onData((text) => {
      this.received += text;
      this.changed();
    });
    this.ended = new Promise((resolve) => {
      this.pty.onExit(({ exitCode, signal = 0 }) => {
        this.hasEnded = true;
        this.changed();
        resolve(signal > 0 ? 128 + signal : exitCode);
      });
    });
  }

  get pid(): number {
    return this.pty.pid;
  }

  /** All output so far, unchanged: with escape codes, and lines that end with `\r\n`. */
  get output(): string {
    return this.received;
  }

  /** All output so far, without escape codes; it still contains what was overwritten on the screen. */
  get text(): string {
    return stripVTControlCharacters(this.received).replaceAll('\r\n', '\n');
  }

  /** Types. Ctrl-C is `\x03`, return is `\r`. */
  write(keys: string): void {
    this.pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.pty.resize(columns, rows);
  }

  /**
   * Waits until the text contains what is expected, and returns the whole text.
   *
   * @throws Error with the text so far, when the time is up or the program ends before
   */
  async waitFor(expected: string | RegExp, { timeoutSeconds = 60 } = {}): Promise<string> {
    const isThere = () => (typeof expected === 'string' ? this.text.includes(expected) : expected.test(this.text));
    const deadline = Date.now() + timeoutSeconds * 1000;
    while (!isThere()) {
      const left = deadline - Date.now();
      if (this.hasEnded || left <= 0) {
        const why = this.hasEnded ? 'ended' : `waited ${String(timeoutSeconds)} s`;
        throw new Error(`${why} without ${String(expected)} in:\n${this.text}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.text;
  }

  /** Kills the program; does nothing if it has already ended. */
  async kill(): Promise<void> {
    if (!this.hasEnded) {
      this.pty.kill('SIGKILL');
    }
    await this.ended;
  }
}

function environment(env: CliEnv): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: join(tmpdir(), 'no-home'), TERM, ...env };
}
