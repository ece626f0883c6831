import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { watchRestarts, type WatchEvent, type WatchOptions } from '../../engine/index';
import { clusterOptions } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { injectorOptions } from '../injector-flags';
import { onlySeamlessOption } from '../only-seamless-flag';
import { Interruption } from '../restart/interruption';
import { rollOutOptions } from '../restart/roll-out-flags';
import { selectionOptions } from '../selection-flags';
import { unrolledOptions } from '../unrolled-flags';
import { StatusServer } from './status-server';
import type { WatchFlags } from './watch-flags';
import { WatchLog } from './watch-log';

/** Watches, restarts and logs until the first signal. The second signal stops waiting for rollouts under way. */
export async function runWatch({ terminal }: Pick<CommandContext, 'terminal'>, flags: WatchFlags): Promise<void> {
  const log = new WatchLog(terminal, flags.logFormat ?? 'text');
  const interruption = new Interruption({ onDrain: log.onDrain, onLeave: log.close });
  // The reader of the log may end first. The watch still waits for rollouts under way.
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
    log.close();
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
