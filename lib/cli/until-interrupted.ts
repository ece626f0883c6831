import type { RestartError } from '../engine/restart-error';
import type { CommandContext } from './command-context';
import { ExitCode } from './exit-code';
import { Interruption, type SignalSource } from './restart/interruption';

/**
 * Runs read-only work until the first Ctrl-C, SIGTERM or SIGHUP, which aborts it. Later signals have their default
 * effect.
 *
 * @param source the source of signals
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
