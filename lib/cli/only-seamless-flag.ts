import type { Command } from 'commander';
import type { RestartOptions } from '../engine/run/restart-options';

/** What commander makes of {@link addOnlySeamlessFlag}. */
export interface OnlySeamlessFlag {
  readonly onlySeamless?: boolean;
}

/** The flag that leaves what interrupts traffic to another run. */
export function addOnlySeamlessFlag(command: Command): Command {
  return command.option(
    '--only-seamless',
    'leave workloads whose restart interrupts their traffic, as deferred (default: they are restarted as well)',
  );
}

/** The option that the flag means. */
export function onlySeamlessOption({ onlySeamless }: OnlySeamlessFlag): Pick<RestartOptions, 'onlySeamless'> {
  return onlySeamless ? { onlySeamless } : {};
}
