import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { watchRestarts, type WatchEvent, type WatchOptions } from '../../engine/index';
import { clusterOptions } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { injectorOptions } from '../injector-flags';
import { logLines } from '../live/log-lines';
import { logRecords, recordLine, type LogRecord } from '../live/log-records';
import { afterEvent, STARTED, type LiveState } from '../live/live-state';
import { onlySeamlessOption } from '../only-seamless-flag';
import { Interruption } from '../restart/interruption';
import { rollOutOptions } from '../restart/roll-out-flags';
import { selectionOptions } from '../selection-flags';
import { unrolledOptions } from '../unrolled-flags';
import { StatusServer } from './status-server';
import type { WatchFlags } from './watch-flags';
import { isBetweenRuns, watchRecord } from './watch-records';

/** Watches, restarts and writes a log, until the first signal ends that. The second one leaves rollouts under way alone. */
export async function runWatch({ terminal }: Pick<CommandContext, 'terminal'>, flags: WatchFlags): Promise<void> {
  const write = (...lines: readonly string[]) => {
    if (lines.length > 0) {
      terminal.tell(...lines);
    }
  };
  const log = new WatchLog(flags.logFormat ?? 'text', write);
  const interruption = new Interruption({
    onDrain: () => {
      log.record({ level: 'info', event: 'draining', message: 'Stopping after the rollouts that are under way' });
    },
    onLeave: () => undefined,
  });
  // What reads the log may end first; rollouts under way are waited for all the same.
  terminal.stderr.on('error', () => undefined);
  const status = flags.listen ? await StatusServer.listen(flags.listen, flags.lease === undefined) : undefined;
  try {
    const { signal, drain } = interruption;
    const onEvent = (event: WatchEvent) => {
      status?.onEvent(event);
      log.onEvent(event);
    };
    await watchRestarts({ ...watchOptions(flags), signal, drain, onEvent });
  } finally {
    await status?.close();
    interruption.close();
  }
}

function watchOptions(flags: WatchFlags): WatchOptions {
  const { resync, lease, identity = `${hostname()}_${randomUUID()}` } = flags;
  return {
    ...clusterOptions(flags),
    ...selectionOptions(flags),
    ...rollOutOptions(flags),
    ...injectorOptions(flags),
    ...unrolledOptions(flags),
    ...onlySeamlessOption(flags),
    ...(resync === undefined ? {} : { resyncSeconds: resync }),
    ...(lease === undefined ? {} : { lease: { ...lease, identity } }),
  };
}

/** The log of a watch, which begins anew with each run. */
class WatchLog {
  private state: LiveState = STARTED;

  constructor(
    private readonly format: 'text' | 'json',
    private readonly write: (...lines: readonly string[]) => void,
  ) {}

  readonly onEvent = (event: WatchEvent) => {
    if (isBetweenRuns(event)) {
      this.state = event.type === 'runEnded' || event.type === 'runFailed' ? STARTED : this.state;
      this.record(watchRecord(event));
      return;
    }
    if (this.format === 'json') {
      logRecords(this.state, event).forEach((record) => {
        this.record(record);
      });
    } else {
      this.write(...logLines(this.state, event));
    }
    this.state = afterEvent(this.state, event);
  };

  record(record: LogRecord): void {
    this.write(this.format === 'json' ? recordLine(record, new Date()) : record.message);
  }
}
