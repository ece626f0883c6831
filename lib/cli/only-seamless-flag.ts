import type { Command } from '../bundled-libraries/commander';
import type { RestartOptions } from '../engine/run/restart-options';

/** The parsed flag of {@link addOnlySeamlessFlag}. */
export interface OnlySeamlessFlag {
  readonly onlySeamless?: boolean;
}

/** Adds the flag that defers restarts that interrupt traffic. */
export function addOnlySeamlessFlag(command: Command): Command {
  return command.option(
    '--only-seamless',
    'defer workloads whose restart interrupts their traffic (default: restart them too)',
  );
}

/** The option for the flag. */
export function onlySeamlessOption({ onlySeamless }: OnlySeamlessFlag): Pick<RestartOptions, 'onlySeamless'> {
  return onlySeamless ? { onlySeamless } : {};
}
