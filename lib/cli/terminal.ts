import { styleText } from 'node:util';
import { cleanText } from '../engine/cluster/clean-text';
import type { Look } from './output/look';
import { windowSize } from './window-size';

/** What `styleText` puts around a text; captured, so that it stays when a line is split by it. */
const COLOUR = /(\x1b\[\d+m)/;

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

  /** Whether what was written about the work can be drawn over. */
  get canDraw(): boolean {
    return this.isWatched && this.env.TERM !== 'dumb';
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

  /** What makes of a line about the work one that a terminal may be given. */
  get stderrCleaner(): (line: string) => string {
    return this.cleanerOf(this.stderr);
  }

  /** Writes lines of the result. */
  print(...lines: readonly string[]): void {
    this.write(this.stdout, lines);
  }

  /** Writes lines about the work, which no program reads. */
  tell(...lines: readonly string[]): void {
    this.write(this.stderr, lines);
  }

  /** Without what a terminal would obey, but for the colours that were asked for. */
  private write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
    const clean = this.cleanerOf(stream);
    stream.write(lines.map((line) => `${clean(line)}\n`).join(''));
  }

  private cleanerOf(stream: NodeJS.WriteStream): (line: string) => string {
    return this.hasColors(stream) ? cleanPainted : cleanText;
  }

  /** As wide as the window, and in colours where it has them and NO_COLOR is not set; what is no terminal has neither. */
  private lookOf(stream: NodeJS.WriteStream): Look {
    const hasColors = this.hasColors(stream);
    return {
      columns: stream.isTTY ? windowSize(stream).columns : Infinity,
      paint: (style, text) => (hasColors ? styleText(style, text, { validateStream: false }) : text),
    };
  }

  private hasColors({ isTTY }: NodeJS.WriteStream): boolean {
    return isTTY && !this.isSet('NO_COLOR') && this.env.TERM !== 'dumb';
  }

  private isSet(variable: string): boolean {
    return (this.env[variable] ?? '') !== '';
  }
}

function cleanPainted(line: string): string {
  return line
    .split(COLOUR)
    .map((part, index) => (index % 2 === 0 ? cleanText(part) : part))
    .join('');
}
