import type { Command } from '../bundled-libraries/commander';
import type { RestartOptions } from '../engine/run/restart-options';
import { seconds } from './cluster-flags';

/** The parsed flags of {@link addInjectorFlags}. */
export interface InjectorFlags {
  /** In seconds. */
  readonly injectorTimeout?: number;
  /** In seconds. */
  readonly injectorSettle?: number;
}

/** Adds the flags that limit the wait until the injector uses its current configuration. */
export function addInjectorFlags(command: Command): Command {
  return command
    .option(
      '--injector-timeout <duration>',
      'how long to wait until the control plane is ready and uses its current configuration; 0 to check once (default: 5m)',
      seconds,
    )
    .option(
      '--injector-settle <duration>',
      "how long the injector's configuration must have been unchanged (default: 5s)",
      seconds,
    );
}

/** The option for the flags. */
export function injectorOptions(flags: InjectorFlags): Pick<RestartOptions, 'injector'> {
  const { injectorTimeout, injectorSettle } = flags;
  const injector = {
    ...(injectorTimeout === undefined ? {} : { deadlineSeconds: injectorTimeout }),
    // Without time to wait, only one probe is possible.
    ...(injectorTimeout === 0 ? { probes: 1 } : {}),
    ...(injectorSettle === undefined ? {} : { settleSeconds: injectorSettle }),
  };
  return Object.keys(injector).length > 0 ? { injector } : {};
}
