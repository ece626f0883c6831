import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RestartOptions } from 'istio-module/engine';

/** When a process is killed: this time after this many lines of its progress. */
export interface Moment {
  /** The number of lines of progress to wait for. */
  readonly lines: number;
  readonly milliseconds: number;
}

/** How a process ended, and its last line of progress. */
export interface Ending {
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly lastLine: string | undefined;
}

/** Another process that restarts workloads. It loads its code before it receives the order to restart. */
export class RestartProcess {
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private readonly ended: Promise<Omit<Ending, 'lastLine'>>;
  private readonly ready: Promise<void>;
  private toldEnough: () => void = () => undefined;

  constructor() {
    this.child = fork(join(__dirname, 'restart-program.ts'), { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
    this.ended = new Promise((resolve) =>
      this.child.once('exit', (exitCode, signal) => {
        resolve({ exitCode, signal });
      }),
    );
    this.ready = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('message', () => {
        this.child.on('message', (line: string) => {
          this.lines.push(line);
          this.toldEnough();
        });
        resolve();
      });
    });
  }

  /** Starts the restart, and kills the process with SIGKILL unless it ends before that. */
  async killAt({ lines, milliseconds }: Moment, options: Omit<RestartOptions, 'signal' | 'onEvent'>): Promise<Ending> {
    await this.ready;
    const told = new Promise<void>((resolve) => {
      this.toldEnough = () => {
        if (this.lines.length >= lines) {
          resolve();
        }
      };
    });
    this.child.send(options);
    this.toldEnough();
    await Promise.race([told.then(() => sleep(milliseconds)), this.ended]);
    this.kill();
    return { ...(await this.ended), lastLine: this.lines.at(-1) };
  }

  /** Kills the process; does nothing if it has already ended. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}
