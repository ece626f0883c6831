import { cleanText } from '../../engine/cluster/clean-text';
import { heightAt } from './height-at';
import { liveLines } from './live-lines';
import type { LiveState } from './live-state';
import { windowSize } from '../window-size';

/** The stream that a view draws on. */
export type LiveStream = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'on' | 'off'>;

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_BELOW = '\x1b[J';
const TICK_MILLISECONDS = 1000;
/** Signals that end a process without its exit handlers, besides those that stop a run. */
const FATAL_SIGNALS = ['SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGUSR2'] as const;

/** Redraws the state of a run at the bottom of the terminal. Permanent lines scroll up above it. */
export class LiveView {
  private drawn: readonly string[] = [];
  private state: LiveState | undefined;
  private readonly since = Date.now();
  private timer: NodeJS.Timeout | undefined;

  /** @param clean removes terminal control sequences from a line */
  constructor(
    private readonly stream: LiveStream,
    private readonly clean: (line: string) => string = cleanText,
  ) {}

  get isOpen(): boolean {
    return this.timer !== undefined;
  }

  /** Shows the state, and adds permanent lines above it. */
  show(state: LiveState, ...lasting: readonly string[]): void {
    this.open();
    this.state = state;
    this.draw(lasting);
  }

  /** Removes the view from the terminal. The next state opens it again. */
  close(): void {
    if (!this.timer) {
      return;
    }
    clearInterval(this.timer);
    this.timer = undefined;
    this.stream.off('resize', this.redraw);
    process.off('exit', this.onExit);
    for (const name of FATAL_SIGNALS) {
      process.off(name, this.onFatalSignal);
    }
    this.stream.write(this.erasure() + SHOW_CURSOR);
    this.drawn = [];
  }

  private open(): void {
    if (!this.timer) {
      this.timer = setInterval(this.redraw, TICK_MILLISECONDS).unref();
      this.stream.on('resize', this.redraw);
      // Shows the cursor again, however the process ends.
      process.once('exit', this.onExit);
      for (const name of FATAL_SIGNALS) {
        process.once(name, this.onFatalSignal);
      }
      this.stream.write(HIDE_CURSOR);
    }
  }

  private draw(lasting: readonly string[]): void {
    if (!this.state) {
      return;
    }
    const seconds = (Date.now() - this.since) / 1000;
    const lines = liveLines(this.state, { ...windowSize(this.stream), seconds });
    if (lasting.length === 0 && lines.join('\n') === this.drawn.join('\n')) {
      return;
    }
    const erasure = this.erasure();
    this.drawn = lines;
    this.stream.write(erasure + [...lasting, ...lines].map((line) => `${this.clean(line)}\n`).join(''));
  }

  private erasure(): string {
    const height = heightAt(this.drawn, windowSize(this.stream).columns);
    return height === 0 ? '' : `\x1b[${String(height)}A\r${CLEAR_BELOW}`;
  }

  private readonly redraw = () => {
    this.draw([]);
  };

  private readonly onExit = () => {
    this.stream.write(SHOW_CURSOR);
  };

  private readonly onFatalSignal = (name: NodeJS.Signals) => {
    this.close();
    // Without a listener, the signal has its default effect.
    process.kill(process.pid, name);
  };
}
