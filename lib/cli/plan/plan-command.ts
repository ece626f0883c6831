import { Command } from 'commander';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import type { CommandContext } from '../program';
import { addSelectionFlags, selectionOptions, type SelectionFlags } from '../selection-flags';

interface PlanFlags extends ClusterFlags, SelectionFlags {
  readonly detailedExitcode?: boolean;
}

/** `istio-module plan`: what is out of date and why, and what a restart would do about it. */
export function planCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('plan').description(
    'Show which workloads have an outdated sidecar, why, and what a restart would do',
  );
  addSelectionFlags(addClusterFlags(command))
    .option(
      '--detailed-exitcode',
      'end with 0 when there is nothing to do, with 2 when there is something, with 1 on an error',
    )
    .action(async (flags: PlanFlags) => {
      const { planRestarts } = await import('../../restart/index.js');
      const plan = await planRestarts({ ...clusterOptions(flags), ...selectionOptions(flags) });
      terminal.print(JSON.stringify(plan, null, 2));
      end(flags.detailedExitcode && plan.summary.restart > 0 ? ExitCode.CHANGES : ExitCode.OK);
    });
  return command;
}
