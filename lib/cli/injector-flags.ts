import type { Command } from 'commander';
import type { RestartOptions } from '../engine/run/restart-options';
import { seconds } from './cluster-flags';

/** What commander makes of {@link addInjectorFlags}. */
export interface InjectorFlags {
  /** In seconds. */
  readonly injectorTimeout?: number;
  /** In seconds. */
  readonly injectorSettle?: number;
}

/** The flags that say how long to wait for an injector that knows its configuration. */
export function addInjectorFlags(command: Command): Command {
  return command
    .option(
      '--injector-timeout <duration>',
      'how long to wait for a control plane that is ready and has taken over its configuration; 0 to look once (default: 5m)',
      seconds,
    )
    .option(
      '--injector-settle <duration>',
      "how long the injector's configuration must have been unchanged (default: 5s)",
      seconds,
    );
}

/** The wait that the flags mean. */
export function injectorOptions(flags: InjectorFlags): Pick<RestartOptions, 'injector'> {
  const { injectorTimeout, injectorSettle } = flags;
  const injector = {
    ...(injectorTimeout === undefined ? {} : { deadlineSeconds: injectorTimeout }),
    // Who does not want to wait cannot look several times in a row.
    ...(injectorTimeout === 0 ? { probes: 1 } : {}),
    ...(injectorSettle === undefined ? {} : { settleSeconds: injectorSettle }),
  };
  return Object.keys(injector).length > 0 ? { injector } : {};
}
