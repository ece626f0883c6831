import { CommandLineError, HELP, readCommandLine } from './command-line';
import { Interrupted, Interruption } from './interruption';
import { showOnExistingCluster } from './on-existing-cluster';
import { showOnThisMachine } from './on-this-machine';
import { stepTable } from './step-report';
import { Terminal } from './terminal';

const terminal = new Terminal();

async function main(args: readonly string[]): Promise<void> {
  const commandLine = readCommandLine(args);
  if (commandLine.command === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const audience = { terminal, interruption: new Interruption(terminal.line) };
  const { steps, farewell } =
    commandLine.command === 'local'
      ? await showOnThisMachine(commandLine, audience)
      : await showOnExistingCluster(commandLine, audience);
  terminal.block(stepTable(steps));
  if (farewell.length > 0) {
    terminal.block(farewell);
  }
}

main(process.argv.slice(2)).then(
  // Signal handlers, and a control plane that keeps running as a child of this process, would keep this process alive.
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof Interrupted) {
      process.exit(130);
    }
    terminal.problem(error instanceof Error ? error.message : String(error));
    process.exit(error instanceof CommandLineError ? 2 : 1);
  },
);
