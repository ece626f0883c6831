import { Command } from 'commander';
import { addClusterFlags } from '../cluster-flags';
import { addInjectorFlags, injectorOptions, type InjectorFlags } from '../injector-flags';
import type { CommandContext } from '../command-context';
import { addSelectionFlags } from '../selection-flags';
import { addRollOutFlags } from './roll-out-flags';
import type { RestartFlags } from './run-restart';

/** `istio-module restart`: brings the sidecars that are out of date to what the injector gives today. */
export function restartCommand(context: CommandContext): Command {
  const command = new Command('restart').description('Restart the workloads whose sidecar is outdated, and no others');
  addInjectorFlags(addRollOutFlags(addSelectionFlags(addClusterFlags(command)))).action(
    async (flags: RestartFlags & InjectorFlags) => {
      const { runRestart } = await import('./run-restart.js');
      await runRestart(context, flags, {
        run: ({ restartWorkloads }, options) => restartWorkloads({ ...options, ...injectorOptions(flags) }),
        question: (workloads, cluster) =>
          `Restart ${workloads === 1 ? '1 workload' : `${String(workloads)} workloads`} on ${cluster}?`,
        nothing: 'Nothing to restart: no sidecar is outdated that a restart brings up to date',
      });
    },
  );
  return command;
}
