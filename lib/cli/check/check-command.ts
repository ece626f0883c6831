import { Command, InvalidArgumentError, Option } from 'commander';
import type { InspectionPurpose } from '../../engine/inspect/inspection';
import { RestartError } from '../../engine/restart-error';
import { checkUpgrade } from '../../engine/istio/upgrade-policy';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import type { CommandContext } from '../command-context';
import { addNamespaceFlags, selectionOptions, type SelectionFlags } from '../selection-flags';
import { untilInterrupted } from '../until-interrupted';

interface CheckFlags extends ClusterFlags, Pick<SelectionFlags, 'namespace' | 'allNamespaces'> {
  readonly to?: string;
  readonly allowDowngrade?: true;
  readonly for?: InspectionPurpose;
  readonly output?: 'json' | 'yaml';
}

/** `istio-module check`: what is in the way of an upgrade or an uninstall of Istio. */
export function checkCommand(context: CommandContext): Command {
  const { terminal, end } = context;
  const command = new Command('check').description(
    'Show what is in the way of an upgrade or an uninstall of Istio, and what to settle first',
  );
  addNamespaceFlags(addClusterFlags(command), {
    one: 'only this namespace, and the control planes',
    all: 'all namespaces',
  })
    .option('--to <version>', 'the version to upgrade to, such as 1.31.1: whether the step is allowed', version)
    .option('--allow-downgrade', 'with --to, count a step back to the minor version before as allowed')
    .addOption(
      new Option(
        '--for <purpose>',
        'what the check is made before; both unless said, an upgrade alone with --to',
      ).choices(['upgrade', 'uninstall']),
    )
    .addOption(new Option('-o, --output <format>', 'for programs, instead of the tables').choices(['json', 'yaml']))
    .addHelpText(
      'after',
      '\nExit code: 0 when nothing is in the way, 2 when something is, 1 when that cannot be told, as without any Istio.',
    )
    .action(async (flags: CheckFlags) => {
      const { inspectMesh } = await import('../../engine/inspect/inspect-mesh.js');
      const { asJson } = await import('../output/as-json.js');
      const { asYaml } = await import('../output/as-yaml.js');
      const { to, allowDowngrade } = flags;
      if (allowDowngrade && to === undefined) {
        throw new RestartError(
          'InvalidOption',
          '--allow-downgrade is about a step to a version, and there is no --to',
          {
            remedy: 'name the version with --to, or leave the flag out',
          },
        );
      }
      if (to !== undefined && flags.for === 'uninstall') {
        throw new RestartError('InvalidOption', `--to ${to} does not apply to an uninstall`, {
          remedy: 'leave out --to or --for uninstall',
        });
      }
      await untilInterrupted(context, async (signal) => {
        const inspection = await inspectMesh({
          ...clusterOptions(flags),
          ...(to === undefined ? {} : { target: to }),
          allowDowngrade,
          ...(flags.for ? { purpose: flags.for } : {}),
          ...selectionOptions(flags),
          signal,
        });
        switch (flags.output) {
          case 'json':
            terminal.print(asJson(inspection));
            break;
          case 'yaml':
            terminal.print(await asYaml(inspection));
            break;
          default: {
            const { renderInspection } = await import('./render-inspection.js');
            terminal.print(...renderInspection(inspection, terminal.look));
          }
        }
        end(inspection.summary.errors > 0 ? ExitCode.CHANGES : ExitCode.OK);
      });
    });
  return command;
}

/** @throws InvalidArgumentError */
function version(text: string): string {
  try {
    checkUpgrade(text, text);
    return text;
  } catch {
    throw new InvalidArgumentError('Write a version of Istio such as 1.31.1.');
  }
}
