import { styleText } from 'node:util';
import type { Look, Style } from './output/look';
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

  /** Whether a person watches: stdout is a terminal, and no CI system says that it runs this. */
  get isWatched(): boolean {
    return Boolean(this.stdout.isTTY) && !this.isSet('CI');
  }

  /** Whether a person can be asked. */
  get isInteractive(): boolean {
    return this.isWatched && Boolean(this.stdin.isTTY);
  }

  /** The width of stdout in characters, which what is no terminal does not limit. */
  get columns(): number {
    return widthOf(this.stdout);
  }

  /** The width of stderr, likewise. */
  get stderrColumns(): number {
    return widthOf(this.stderr);
  }

  /** The text in that style, where stdout shows colours and NO_COLOR is not set. */
  style(style: Style, text: string): string {
    return this.stdout.isTTY && !this.isSet('NO_COLOR') && this.env.TERM !== 'dumb'
      ? styleText(style, text, { validateStream: false })
      : text;
  }

  /** How lines of the result are to look. */
  get look(): Look {
    return { columns: this.columns, paint: (style, text) => this.style(style, text) };
  }

  /** Writes lines of the result. */
  print(...lines: readonly string[]): void {
    this.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Writes lines about the work, which no program reads. */
  tell(...lines: readonly string[]): void {
    this.stderr.write(lines.map((line) => `${line}\n`).join(''));
  }

  private isSet(variable: string): boolean {
    return (this.env[variable] ?? '') !== '';
  }
}

function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? windowSize(stream).columns : Infinity;
}
