import { inspectMesh } from '../../engine/inspect/inspect-mesh';
import type { InspectionPurpose } from '../../engine/inspect/inspection';
import { RestartError } from '../../engine/restart-error';
import { clusterOptions, type ClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import { asJson } from '../output/as-json';
import { asYaml } from '../output/as-yaml';
import { selectionOptions, type SelectionFlags } from '../selection-flags';
import { untilInterrupted } from '../until-interrupted';
import { renderInspection } from './render-inspection';

export interface CheckFlags extends ClusterFlags, Pick<SelectionFlags, 'namespace' | 'allNamespaces'> {
  readonly to?: string;
  readonly allowDowngrade?: true;
  readonly for?: InspectionPurpose;
  readonly output?: 'json' | 'yaml';
}

/**
 * Inspects the mesh, and prints the findings.
 *
 * @throws RestartError `InvalidOption` if the flags contradict each other; the errors of {@link inspectMesh}
 */
export async function runCheck(context: CommandContext, flags: CheckFlags): Promise<void> {
  const { terminal, end } = context;
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
      default:
        terminal.print(...renderInspection(inspection, terminal.look));
    }
    end(inspection.summary.errors > 0 ? ExitCode.CHANGES : ExitCode.OK);
  });
}
