import { Command } from '../bundled-libraries/commander';
import { cleanText } from '../engine/cluster/clean-text';
import type { CommandContext } from './command-context';
import { COMMANDS, type CommandEntry } from './commands';
import { packageVersion } from './package-version';
import type { Terminal } from './terminal';

/**
 * The program with its commands. Commands whose names are not among the arguments have no flags and no action, so that
 * their code is not loaded: help and each command start fast. A script for completion needs all of them.
 *
 * @param args the arguments of the process; if they are omitted, all commands are complete
 */
export function program(terminal: Terminal, end: CommandContext['end'], args?: readonly string[]): Command {
  const context: CommandContext = { terminal, end };
  const isWanted = (...names: readonly string[]) => args === undefined || names.some((name) => args.includes(name));
  const all = new Command('istio-module')
    .description('Finds the workloads whose Istio sidecar is out of date, and restarts them')
    .version(isWanted('-V', '--version') ? packageVersion() : '', '-V, --version')
    .option('--verbose', 'show stack traces of errors')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(cleanText(text)),
      writeErr: (text) => terminal.stderr.write(cleanText(text)),
      getOutHelpWidth: () => Math.min(terminal.look.columns, 100),
      getErrHelpWidth: () => Math.min(terminal.stderrLook.columns, 100),
    })
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .showSuggestionAfterError();
  for (const entry of COMMANDS) {
    const command = isWanted('completion', entry.name) ? entry.load()(context, all) : listed(entry);
    all.addCommand(command.description(entry.description).copyInheritedSettings(all));
  }
  return all;
}

function listed({ name, argument }: CommandEntry): Command {
  const command = new Command(name);
  return argument === undefined ? command : command.argument(argument);
}
