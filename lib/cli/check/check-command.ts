import { Command, InvalidArgumentError, Option } from 'commander';
import type { InspectionPurpose, MeshInspection } from '../../engine/inspect/inspection';
import { RestartError } from '../../engine/restart-error';
import { checkUpgrade } from '../../engine/istio/upgrade-policy';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import type { CommandContext } from '../command-context';
import { addNamespaceFlags, selectionOptions, type SelectionFlags } from '../selection-flags';

interface CheckFlags extends ClusterFlags, Pick<SelectionFlags, 'namespace' | 'allNamespaces'> {
  readonly to?: string;
  readonly for?: InspectionPurpose;
  readonly output?: 'json' | 'yaml';
}

/** `istio-module check`: what is in the way of an upgrade or an uninstall of Istio. */
export function checkCommand({ terminal, end }: CommandContext): Command {
  const command = new Command('check').description(
    'Show what is in the way of an upgrade or an uninstall of Istio, and what to settle first',
  );
  addNamespaceFlags(addClusterFlags(command), {
    one: 'only this namespace, and the control planes',
    all: 'all namespaces',
  })
    .option('--to <version>', 'the version to upgrade to, such as 1.31.1: whether the step is allowed', version)
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
      const { to } = flags;
      if (to !== undefined && flags.for === 'uninstall') {
        throw new RestartError('InvalidOption', `--to ${to} says nothing about an uninstall`, {
          remedy: 'leave out --to or --for uninstall',
        });
      }
      const inspection = await inspectMesh({
        ...clusterOptions(flags),
        ...(to === undefined ? {} : { target: to }),
        ...(flags.for ? { purpose: flags.for } : {}),
        ...selectionOptions(flags),
      });
      switch (flags.output) {
        case 'json':
          terminal.print(JSON.stringify(inspection, null, 2));
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

async function asYaml(inspection: MeshInspection): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(inspection, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}
