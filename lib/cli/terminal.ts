import { styleText } from 'node:util';
import { cleanText } from '../engine/cluster/clean-text';
import type { Look } from './output/look';
import { windowSize } from './window-size';

/** The sequences that `styleText` adds, in a capturing group, so that `split` keeps them. */
const COLOUR = /(\x1b\[\d+m)/;

/** The parts of a process that a terminal uses. */
export type TerminalProcess = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;

/** The streams of the process. Results go to stdout, and everything else goes to stderr. */
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

  /** Whether a person watches the progress: stderr is a terminal, and the process does not run in CI. */
  get isWatched(): boolean {
    return Boolean(this.stderr.isTTY) && !this.isSet('CI');
  }

  /** Whether progress output can be redrawn. */
  get canDraw(): boolean {
    return this.isWatched && this.env.TERM !== 'dumb';
  }

  /** Whether a person can answer questions, even if stdout is redirected. */
  get isInteractive(): boolean {
    return this.isWatched && Boolean(this.stdin.isTTY);
  }

  /** The style of results. */
  get look(): Look {
    return this.lookOf(this.stdout);
  }

  /** The style of progress output. */
  get stderrLook(): Look {
    return this.lookOf(this.stderr);
  }

  /** Makes a line of progress output safe for a terminal. */
  get stderrCleaner(): (line: string) => string {
    return this.cleanerOf(this.stderr);
  }

  /** Writes lines of the result. */
  print(...lines: readonly string[]): void {
    this.write(this.stdout, lines);
  }

  /** Writes lines of progress output, logs and errors. */
  tell(...lines: readonly string[]): void {
    this.write(this.stderr, lines);
  }

  /** Removes control sequences, except the requested colors. */
  private write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
    const clean = this.cleanerOf(stream);
    stream.write(lines.map((line) => `${clean(line)}\n`).join(''));
  }

  private cleanerOf(stream: NodeJS.WriteStream): (line: string) => string {
    return this.hasColors(stream) ? cleanPainted : cleanText;
  }

  /** Uses the width of the window, and colors unless NO_COLOR is set or TERM is dumb; without a terminal, neither. */
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
