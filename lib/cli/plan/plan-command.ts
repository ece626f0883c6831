import { Command, Option } from 'commander';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import { addInjectorFlags, injectorOptions, type InjectorFlags } from '../injector-flags';
import type { CommandContext } from '../program';
import { addSelectionFlags, selectionOptions, type SelectionFlags } from '../selection-flags';
import { nextStep, selectionText } from './next-step';
import { PLAN_FORMATS, planOutput, type PlanFormat } from './plan-output';
import { hasWork } from './plan-view';

interface PlanFlags extends ClusterFlags, SelectionFlags, InjectorFlags {
  readonly output?: PlanFormat;
  readonly detailedExitcode?: boolean;
}

/** `istio-module plan`: what is out of date and why, and what a restart would do about it. */
export function planCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('plan').description(
    'Show which workloads have an outdated sidecar, why, and what a restart would do',
  );
  addSelectionFlags(addClusterFlags(command))
    .addOption(
      new Option(
        '-o, --output <format>',
        'the plan in another form than a table: with each difference (wide), for programs (json, yaml), for a pull request (markdown), or the names of what there is to do about',
      ).choices(PLAN_FORMATS),
    )
    .option(
      '--detailed-exitcode',
      'end with 2 when there is something to do, for a restart or by hand: decisions restart, wait, warn, undetermined and deferred; with 0 when all is current or skipped, with 1 on an error',
    );
  addInjectorFlags(command).action(async (flags: PlanFlags) => {
    const { planRestarts } = await import('../../restart/index.js');
    const { refuseUnknownNamespaces } = await import('../../restart/known-namespaces.js');
    const options = { ...clusterOptions(flags), ...selectionOptions(flags), ...injectorOptions(flags) };
    await refuseUnknownNamespaces(options);
    const plan = await planRestarts({
      ...options,
      ...(terminal.stderr.isTTY ? { onProgress: (message) => terminal.tell(`Waiting: ${message}`) } : {}),
    });
    const lines = await planOutput(plan, flags.output, {
      columns: terminal.columns,
      paint: (style, text) => terminal.style(style, text),
      selection: selectionText(flags),
      next: nextStep(plan, flags),
    });
    terminal.print(...lines);
    end(flags.detailedExitcode && hasWork(plan) ? ExitCode.CHANGES : ExitCode.OK);
  });
  return command;
}
