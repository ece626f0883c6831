import { Command, Option } from '../../bundled-libraries/commander';
import { addClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { addInjectorFlags } from '../injector-flags';
import { notEmpty } from '../not-empty';
import { addOnlySeamlessFlag } from '../only-seamless-flag';
import { addSelectionFlags } from '../selection-flags';
import { addUnrolledFlags } from '../unrolled-flags';
import { PLAN_FORMATS } from './plan-format';
import type * as RunPlan from './run-plan';
import type { PlanFlags } from './run-plan';

/** `istio-module plan`: shows what is out of date and why, and what a restart would do. */
export function planCommand(context: CommandContext): Command {
  const command = new Command('plan');
  addSelectionFlags(addClusterFlags(command))
    .addOption(
      new Option(
        '-o, --output <format>',
        'output format: a table with each difference (wide), data for programs (json, yaml), a comment for a pull request (markdown), or only the workloads with something to do (name) (default: a table)',
      ).choices(PLAN_FORMATS),
    )
    .option(
      '--detailed-exitcode',
      'exit with 2 if there is something to do (decisions restart, update, wait, warn, undetermined and deferred), with 0 if all workloads are current or skipped, and with 1 on an error',
    )
    .option(
      '--with <path>',
      'show what will restart once these manifests are applied: a file or directory with YAML or JSON, or - for stdin; may be repeated',
      (path: string, paths: readonly string[] | undefined) => [...(paths ?? []), givenPath(path)],
    )
    .option(
      '--istioctl <path>',
      'with --with, path of the istioctl to inject with (default: the environment variable ISTIOCTL, otherwise istioctl on the PATH)',
      notEmpty('Write the path of an istioctl'),
    );
  addOnlySeamlessFlag(addUnrolledFlags(addInjectorFlags(command))).action((flags: PlanFlags) =>
    (require('./run-plan') as typeof RunPlan).runPlan(context, flags),
  );
  return command;
}

const givenPath = notEmpty('Write the path of a file or directory, or - for stdin');
