import { Command } from 'commander';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import type { CommandContext } from '../program';
import { addSelectionFlags, selectionOptions, type SelectionFlags } from '../selection-flags';

interface PlanFlags extends ClusterFlags, SelectionFlags {
  readonly detailedExitcode?: boolean;
  readonly with?: readonly string[];
  readonly istioctl?: string;
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
    .option(
      '--with <file...>',
      'show what will restart once these files or directories of YAML are applied; - for stdin',
    )
    .option(
      '--istioctl <path>',
      'with --with, the istioctl to inject with; else that of ISTIOCTL, else the one on PATH',
    )
    .action(async (flags: PlanFlags) => {
      const options = { ...clusterOptions(flags), ...selectionOptions(flags) };
      const { planRestarts } = await import('../../restart/index.js');
      const { planWithManifests } = await import('./with-manifests.js');
      const plan = await (flags.with
        ? planWithManifests(flags.with, { ...options, istioctl: flags.istioctl }, terminal.stdin)
        : planRestarts(options));
      terminal.print(JSON.stringify(plan, null, 2));
      end(flags.detailedExitcode && plan.summary.restart > 0 ? ExitCode.CHANGES : ExitCode.OK);
    });
  return command;
}
