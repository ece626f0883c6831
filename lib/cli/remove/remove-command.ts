import { Command } from 'commander';
import { addClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { addRollOutFlags } from '../restart/roll-out-flags';
import type { RestartFlags } from '../restart/run-restart';
import { addSelectionFlags } from '../selection-flags';

/** `istio-module remove`: after an uninstall, restarts what still carries a sidecar. */
export function removeCommand(context: CommandContext): Command {
  const command = new Command('remove').description(
    'After an uninstall: restart the workloads that carry a sidecar which nothing injects any more',
  );
  addRollOutFlags(addSelectionFlags(addClusterFlags(command))).action(async (flags: RestartFlags) => {
    const { runRestart } = await import('../restart/run-restart.js');
    await runRestart(context, flags, {
      run: ({ removeSidecars }, options) => removeSidecars(options),
      question: ({ restart }, cluster) =>
        `Restart ${restart === 1 ? '1 workload without its sidecar' : `${String(restart)} workloads without their sidecars`} on ${cluster}?`,
      nothing:
        'Nothing to remove: no workload that can be restarted carries a sidecar which nothing injects any more; what is injected still keeps its sidecar',
    });
  });
  return command;
}
