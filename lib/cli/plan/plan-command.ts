import { Command, Option } from '../../bundled-libraries/commander';
import type { PredictionOptions, RunEvent } from '../../engine/index';
import type { RestartPlan } from '../../engine/plan/plan';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import { addInjectorFlags, injectorOptions, type InjectorFlags } from '../injector-flags';
import type { CommandContext } from '../command-context';
import { addOnlySeamlessFlag, onlySeamlessOption, type OnlySeamlessFlag } from '../only-seamless-flag';
import { addUnrolledFlags, unrolledOptions, type UnrolledFlags } from '../unrolled-flags';
import { notEmpty } from '../not-empty';
import { addSelectionFlags, selectionOptions, type SelectionFlags } from '../selection-flags';
import type { ManifestObject } from '../manifests/read-manifests';
import type { Terminal } from '../terminal';
import { untilInterrupted } from '../until-interrupted';
import { PLAN_FORMATS, type PlanFormat } from './plan-format';

interface PlanFlags extends ClusterFlags, SelectionFlags, InjectorFlags, UnrolledFlags, OnlySeamlessFlag {
  readonly output?: PlanFormat;
  readonly detailedExitcode?: boolean;
  readonly with?: readonly string[];
  readonly istioctl?: string;
}

/** `istio-module plan`: shows what is out of date and why, and what a restart would do. */
export function planCommand(context: CommandContext): Command {
  const { terminal, end } = context;
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
  addOnlySeamlessFlag(addUnrolledFlags(addInjectorFlags(command))).action(async (flags: PlanFlags) => {
    const manifests = flags.with && (await readApplied(flags.with, terminal));
    const { refuseUnknownNamespaces } = await import('../../engine/run/known-namespaces.js');
    const { hasWork } = await import('./plan-view.js');
    const { nextStep, selectionText } = await import('./next-step.js');
    const { planOutput } = await import('./plan-output.js');
    await untilInterrupted(context, async (signal) => {
      const options = {
        ...clusterOptions(flags),
        ...selectionOptions(flags),
        ...injectorOptions(flags),
        ...unrolledOptions(flags),
        ...onlySeamlessOption(flags),
        signal,
      };
      await refuseUnknownNamespaces(options);
      const told = terminal.stderr.isTTY ? { ...options, onEvent: onEvent(terminal) } : options;
      const plan = await planFor({ ...told, istioctl: flags.istioctl }, manifests);
      const lines = await planOutput(plan, flags.output, {
        ...terminal.look,
        selection: selectionText(flags),
        next: nextStep(plan, flags),
      });
      terminal.print(...lines);
      end(flags.detailedExitcode && hasWork(plan) ? ExitCode.CHANGES : ExitCode.OK);
    });
  });
  return command;
}

function onEvent(terminal: Terminal): (event: RunEvent) => void {
  return (event) => {
    if (event.type === 'waiting') {
      terminal.tell(`Waiting: ${event.message}`);
    }
  };
}

const givenPath = notEmpty('Write the path of a file or directory, or - for stdin');

async function readApplied(paths: readonly string[], { stdin }: Terminal): Promise<readonly ManifestObject[]> {
  const { appliedManifests } = await import('./applied-manifests.js');
  return appliedManifests(paths, stdin);
}

async function planFor(options: PredictionOptions, manifests?: readonly ManifestObject[]): Promise<RestartPlan> {
  const { planRestarts, predictRestarts } = await import('../../engine/index.js');
  return manifests ? predictRestarts(options, manifests) : planRestarts(options);
}
