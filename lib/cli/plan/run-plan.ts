import { planRestarts, predictRestarts, type PredictionOptions, type RunEvent } from '../../engine/index';
import type { RestartPlan } from '../../engine/plan/plan';
import { refuseUnknownNamespaces } from '../../engine/run/known-namespaces';
import { clusterOptions, type ClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { injectorOptions, type InjectorFlags } from '../injector-flags';
import type { ManifestObject } from '../manifests/read-manifests';
import { onlySeamlessOption, type OnlySeamlessFlag } from '../only-seamless-flag';
import { selectionOptions, type SelectionFlags } from '../selection-flags';
import type { Terminal } from '../terminal';
import { unrolledOptions, type UnrolledFlags } from '../unrolled-flags';
import { untilInterrupted } from '../until-interrupted';
import { nextStep, selectionText } from './next-step';
import type { PlanFormat } from './plan-format';
import { planOutput } from './plan-output';
import { hasWork } from './plan-view';

export interface PlanFlags extends ClusterFlags, SelectionFlags, InjectorFlags, UnrolledFlags, OnlySeamlessFlag {
  readonly output?: PlanFormat;
  readonly detailedExitcode?: boolean;
  readonly with?: readonly string[];
  readonly istioctl?: string;
}

/** Plans, and prints the plan in the chosen format. */
export async function runPlan(context: CommandContext, flags: PlanFlags): Promise<void> {
  const { terminal, end } = context;
  const manifests = flags.with && (await readApplied(flags.with, terminal));
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
}

function onEvent(terminal: Terminal): (event: RunEvent) => void {
  return (event) => {
    if (event.type === 'waiting') {
      terminal.tell(`Waiting: ${event.message}`);
    }
  };
}

async function readApplied(paths: readonly string[], { stdin }: Terminal): Promise<readonly ManifestObject[]> {
  const { appliedManifests } = await import('./applied-manifests.js');
  return appliedManifests(paths, stdin);
}

async function planFor(options: PredictionOptions, manifests?: readonly ManifestObject[]): Promise<RestartPlan> {
  return manifests ? predictRestarts(options, manifests) : planRestarts(options);
}
