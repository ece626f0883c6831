import { Command } from '../../bundled-libraries/commander';
import { addClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { addInjectorFlags } from '../injector-flags';
import { addOnlySeamlessFlag } from '../only-seamless-flag';
import { addPaceFlags } from '../restart/roll-out-flags';
import { addSelectionFlags } from '../selection-flags';
import { addUnrolledFlags } from '../unrolled-flags';
import type * as RunWatch from './run-watch';
import { addWatchFlags, type WatchFlags } from './watch-flags';

/** `istio-module watch`: restarts workloads whenever their sidecars become outdated. */
export function watchCommand(context: CommandContext): Command {
  const command = new Command('watch');
  addPaceFlags(addSelectionFlags(addClusterFlags(command)));
  return addWatchFlags(addOnlySeamlessFlag(addUnrolledFlags(addInjectorFlags(command)))).action((flags: WatchFlags) =>
    (require('./run-watch') as typeof RunWatch).runWatch(context, flags),
  );
}
