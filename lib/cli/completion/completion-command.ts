import { Argument, Command } from '../../bundled-libraries/commander';
import type { CommandContext } from '../command-context';
import { completionScript, SHELLS, type CommandWords, type Shell } from './completion-script';

/** `istio-module completion`: prints a shell script that completes the other commands and their flags. */
export function completionCommand({ terminal }: CommandContext, program: Command): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      [
        '',
        'To load it in every session:',
        "  bash  echo 'source <(istio-module completion bash)' >> ~/.bashrc",
        "  zsh   echo 'source <(istio-module completion zsh)' >> ~/.zshrc   (after compinit)",
        '  fish  istio-module completion fish > ~/.config/fish/completions/istio-module.fish',
      ].join('\n'),
    )
    .action((shell: Shell) => {
      terminal.print(...completionScript(shell, wordsOf(program)));
    });
}

/** The commands and flags of the program. */
function wordsOf(program: Command): CommandWords {
  const help = program.createHelp();
  const flagsOf = (command: Command) =>
    help.visibleOptions(command).map(({ long, short, description, required, optional, argChoices }) => ({
      names: [short, long].flatMap((name) => name ?? []),
      description,
      takesValue: required || optional,
      choices: argChoices ?? [],
    }));
  const flags = flagsOf(program);
  const ofAll = flags.filter(({ names }) => names.includes('--verbose'));
  const commands = help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: [...flagsOf(command), ...ofAll],
    takesArguments: command.registeredArguments.length > 0,
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }));
  const names = commands.map(({ name }) => name);
  const withTopics = commands.map((command) => (command.name === 'help' ? { ...command, choices: names } : command));
  return { name: program.name(), flags, commands: withTopics };
}
