import { Command } from '../../bundled-libraries/commander';
import { addClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { addRollOutFlags } from '../restart/roll-out-flags';
import type * as RunRestart from '../restart/run-restart';
import type { RestartFlags } from '../restart/run-restart';
import { addSelectionFlags } from '../selection-flags';

/** `istio-module remove`: after an uninstall of Istio, restarts workloads that still have a sidecar. */
export function removeCommand(context: CommandContext): Command {
  const command = new Command('remove');
  addRollOutFlags(addSelectionFlags(addClusterFlags(command))).action(async (flags: RestartFlags) => {
    const { runRestart } = require('../restart/run-restart') as typeof RunRestart;
    await runRestart(context, flags, {
      run: ({ removeSidecars }, options) => removeSidecars(options),
      question: ({ restart }, cluster) =>
        `Restart ${restart === 1 ? '1 workload without its sidecar' : `${String(restart)} workloads without their sidecars`} on ${cluster}?`,
      nothing:
        'Nothing to remove: no workload that can be restarted has a leftover sidecar; workloads that Istio still injects keep theirs',
    });
  });
  return command;
}
