import { CommanderError } from 'commander';
import { ExitCode } from './exit-code';
import { program } from './program';
import type { Terminal } from './terminal';

/**
 * Runs one command line. What goes wrong becomes one sentence on stderr; `--verbose` adds the stack traces.
 *
 * @param args the arguments after the program's name
 * @returns what the process is to end with
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: ExitCode.OK };
  const command = program(terminal, (code) => {
    outcome.code = code;
  });
  try {
    await command.parseAsync(args, { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has written its message already.
      return error.exitCode === 0 ? ExitCode.OK : ExitCode.ERROR;
    }
    const isVerbose = command.opts<{ verbose?: boolean }>().verbose ?? false;
    terminal.tell(`error: ${isVerbose ? traceOf(error) : messageOf(error)}`);
    return ExitCode.ERROR;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** With all that it follows from. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${traceOf(error.cause)}`;
}
