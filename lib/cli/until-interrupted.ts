import type { RestartError } from '../engine/restart-error';
import type { CommandContext } from './command-context';
import { ExitCode } from './exit-code';
import { Interruption, type SignalSource } from './restart/interruption';

/**
 * Does work that changes nothing, until the first Ctrl-C, SIGTERM or SIGHUP: that ends it with all that it has started. A
 * further one ends the process as if nobody listened.
 *
 * @param source what sends the signals
 */
export async function untilInterrupted(
  { end }: Pick<CommandContext, 'end'>,
  work: (signal: AbortSignal) => Promise<void>,
  source: SignalSource = process,
): Promise<void> {
  const onDrain = () => {
    interruption.close();
  };
  const interruption = new Interruption({ onDrain, onLeave: onDrain }, source);
  try {
    await work(interruption.drain);
  } catch (error) {
    const { name, code } = error as Partial<RestartError>;
    if (!interruption.drain.aborted || name !== 'RestartError' || code !== 'Aborted') {
      throw error;
    }
    end(ExitCode.INTERRUPTED);
  } finally {
    interruption.close();
  }
}
