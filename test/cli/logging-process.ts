import { type ChildProcess, spawn } from 'node:child_process';
import { BIN } from './run-cli';

/** A line of a log for programs. */
export interface LogLine {
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface LoggingProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  /**
   * The program.
   *
   * @default - as `npm run build` leaves it
   */
  readonly bin?: string;
}

/** A command of the command line that runs in parallel to the test, and what it has logged so far. */
export class LoggingProcess {
  readonly lines: LogLine[] = [];
  /** Resolves to its exit code, or to null if a signal has ended it. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private rest = '';
  private onLines: () => void = () => undefined;

  constructor(
    command: 'watch' | 'restart',
    kubeconfig: string,
    flags: readonly string[],
    { env = {}, bin = BIN }: LoggingProcessOptions = {},
  ) {
    const args = [command, '--kubeconfig', kubeconfig, '--log-format', 'json', '--injector-settle', '1s', ...flags];
    this.child = spawn(process.execPath, [bin, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop() ?? '';
      this.lines.push(...lines.map((line) => JSON.parse(line) as LogLine));
      this.onLines();
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }

  /** The messages of an event, in the order of the log. */
  messages(event: string): string[] {
    return this.lines.filter((line) => line.event === event).map(({ message }) => message);
  }

  /** Waits until it has logged the event this number of times. */
  async has(event: string, times = 1): Promise<void> {
    await this.logged((line) => line.event === event, `${event} ${String(times)} times`, times);
  }

  /**
   * Waits until it has logged this number of such lines, and returns at once.
   *
   * @throws Error after two minutes, with the lines so far
   */
  async logged(isWanted: (line: LogLine) => boolean, what: string, times = 1): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${what}: not within two minutes in ${JSON.stringify(this.lines)}`));
      }, 120_000);
      this.onLines = () => {
        if (this.lines.filter(isWanted).length >= times) {
          clearTimeout(timer);
          resolve();
        }
      };
      this.onLines();
    });
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}
