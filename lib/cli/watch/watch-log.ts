import type { RunEvent, WatchEvent } from '../../engine/index';
import { lastingLines, logLines } from '../live/log-lines';
import { logRecords, recordLine, type LogRecord } from '../live/log-records';
import { afterEvent, STARTED, type LiveState } from '../live/live-state';
import { LiveView } from '../live/live-view';
import type { Terminal } from '../terminal';
import { isOfWatch, watchRecord } from './watch-records';

type LogTerminal = Pick<Terminal, 'canDraw' | 'stderr' | 'stderrCleaner' | 'tell'>;

/** Events after which no run is under way. */
const ENDS: ReadonlySet<WatchEvent['type']> = new Set(['runEnded', 'runFailed', 'watching', 'lost'] as const);

/** The log of a watch. Its state starts anew with each run. On a terminal, a view shows the rollouts under way. */
export class WatchLog {
  private state: LiveState = STARTED;
  private view: LiveView | undefined;

  constructor(
    private readonly terminal: LogTerminal,
    private readonly format: 'text' | 'json',
  ) {}

  readonly onEvent = (event: WatchEvent) => {
    if (isOfWatch(event)) {
      if (ENDS.has(event.type)) {
        this.close();
        this.state = STARTED;
      }
      this.record(watchRecord(event));
    } else {
      this.onRunEvent(event);
    }
  };

  readonly onDrain = () => {
    this.state = afterEvent(this.state, { type: 'draining' });
    this.record({ level: 'info', event: 'draining', message: 'Stopping when the rollouts under way are complete' });
  };

  /** Restores the terminal. */
  readonly close = () => {
    this.view?.close();
    this.view = undefined;
  };

  private onRunEvent(event: RunEvent): void {
    const before = this.state;
    this.state = afterEvent(before, event);
    if (this.format === 'json') {
      logRecords(before, event).forEach((record) => {
        this.record(record);
      });
      return;
    }
    if (this.terminal.canDraw) {
      this.view ??= new LiveView(this.terminal.stderr, this.terminal.stderrCleaner);
      this.view.show(this.state, ...lastingLines(before, event));
    } else {
      this.write(...logLines(before, event));
    }
  }

  private record(record: LogRecord): void {
    this.write(this.format === 'json' ? recordLine(record, new Date()) : record.message);
  }

  private write(...lines: readonly string[]): void {
    if (this.view?.isOpen) {
      this.view.show(this.state, ...lines);
    } else if (lines.length > 0) {
      this.terminal.tell(...lines);
    }
  }
}
