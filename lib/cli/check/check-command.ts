import { Command, InvalidArgumentError, Option } from '../../bundled-libraries/commander';
import { checkUpgrade } from '../../engine/istio/upgrade-policy';
import { addClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../command-context';
import { addNamespaceFlags } from '../selection-flags';
import type * as RunCheck from './run-check';
import type { CheckFlags } from './run-check';

/** `istio-module check`: what blocks an upgrade or an uninstall of Istio. */
export function checkCommand(context: CommandContext): Command {
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
    .action((flags: CheckFlags) => (require('./run-check') as typeof RunCheck).runCheck(context, flags));
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
