import { styleText } from 'node:util';
import type { Look } from './output/look';
import { windowSize } from './window-size';

/** What a process has to do with its terminal. */
export type TerminalProcess = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;

/** The only place that writes: results to stdout, everything about them to stderr. */
export class Terminal {
  constructor(private readonly process: TerminalProcess) {}

  get stdin(): NodeJS.ReadStream {
    return this.process.stdin;
  }

  get stdout(): NodeJS.WriteStream {
    return this.process.stdout;
  }

  get stderr(): NodeJS.WriteStream {
    return this.process.stderr;
  }

  get env(): NodeJS.ProcessEnv {
    return this.process.env;
  }

  /** Whether a person watches the work: stderr is a terminal, and no CI system says that it runs this. */
  get isWatched(): boolean {
    return Boolean(this.stderr.isTTY) && !this.isSet('CI');
  }

  /** Whether a person can be asked, wherever the result goes. */
  get isInteractive(): boolean {
    return this.isWatched && Boolean(this.stdin.isTTY);
  }

  /** How lines of the result are to look. */
  get look(): Look {
    return this.lookOf(this.stdout);
  }

  /** How lines about the work are to look. */
  get stderrLook(): Look {
    return this.lookOf(this.stderr);
  }

  /** Writes lines of the result. */
  print(...lines: readonly string[]): void {
    this.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Writes lines about the work, which no program reads. */
  tell(...lines: readonly string[]): void {
    this.stderr.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** As wide as the window, and in colours where it has them and NO_COLOR is not set; what is no terminal has neither. */
  private lookOf(stream: NodeJS.WriteStream): Look {
    const { isTTY } = stream;
    const hasColors = isTTY && !this.isSet('NO_COLOR') && this.env.TERM !== 'dumb';
    return {
      columns: isTTY ? windowSize(stream).columns : Infinity,
      paint: (style, text) => (hasColors ? styleText(style, text, { validateStream: false }) : text),
    };
  }

  private isSet(variable: string): boolean {
    return (this.env[variable] ?? '') !== '';
  }
}
