import { Command, InvalidArgumentError, Option } from '../../bundled-libraries/commander';
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

/** `istio-module check`: what blocks an upgrade or an uninstall of Istio. */
export function checkCommand(context: CommandContext): Command {
  const { terminal, end } = context;
  const command = new Command('check');
  addNamespaceFlags(addClusterFlags(command), {
    one: 'only this namespace and the control planes',
    all: 'all namespaces',
  })
    .option(
      '--to <version>',
      'the version to upgrade to, such as 1.31.1; checks whether the upgrade is supported',
      version,
    )
    .option('--allow-downgrade', 'with --to, allow a downgrade by one minor version')
    .addOption(
      new Option('--for <purpose>', 'what to check for (default: both; with --to, only upgrade)').choices([
        'upgrade',
        'uninstall',
      ]),
    )
    .addOption(new Option('-o, --output <format>', 'print JSON or YAML instead of tables').choices(['json', 'yaml']))
    .addHelpText(
      'after',
      '\nExit code: 0 if no finding blocks the upgrade or uninstall, 2 if one does,\n1 if the check fails, for example because Istio is not installed.',
    )
    .action(async (flags: CheckFlags) => {
      const { inspectMesh } = await import('../../engine/inspect/inspect-mesh.js');
      const { asJson } = await import('../output/as-json.js');
      const { asYaml } = await import('../output/as-yaml.js');
      const { to, allowDowngrade } = flags;
      if (allowDowngrade && to === undefined) {
        throw new RestartError('InvalidOption', '--allow-downgrade requires --to', {
          remedy: 'add --to with a version, or remove --allow-downgrade',
        });
      }
      if (to !== undefined && flags.for === 'uninstall') {
        throw new RestartError('InvalidOption', `--to ${to} does not apply to an uninstall`, {
          remedy: 'remove --to or --for uninstall',
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
