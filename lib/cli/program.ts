import { Command } from '../bundled-libraries/commander';
import { cleanText } from '../engine/cluster/clean-text';
import { checkCommand } from './check/check-command';
import { completionCommand } from './completion/completion-command';
import type { CommandContext } from './command-context';
import { graphCommand } from './graph/graph-command';
import { packageVersion } from './package-version';
import { planCommand } from './plan/plan-command';
import { removeCommand } from './remove/remove-command';
import { restartCommand } from './restart/restart-command';
import type { Terminal } from './terminal';
import { watchCommand } from './watch/watch-command';

/**
 * All commands with their flags. Each command imports its implementation when it runs, so that help is fast.
 */
export function program(terminal: Terminal, end: CommandContext['end']): Command {
  const context: CommandContext = { terminal, end };
  const all = new Command('istio-module')
    .description('Finds the workloads whose Istio sidecar is out of date, and restarts them')
    .version(packageVersion(), '-V, --version')
    .option('--verbose', 'show stack traces of errors')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(cleanText(text)),
      writeErr: (text) => terminal.stderr.write(cleanText(text)),
      getOutHelpWidth: () => Math.min(terminal.look.columns, 100),
      getErrHelpWidth: () => Math.min(terminal.stderrLook.columns, 100),
    })
    .showSuggestionAfterError();
  for (const command of [
    planCommand(context),
    restartCommand(context),
    removeCommand(context),
    watchCommand(context),
    checkCommand(context),
    graphCommand(context),
    completionCommand(context, all),
  ]) {
    all.addCommand(command.copyInheritedSettings(all));
  }
  return all;
}
