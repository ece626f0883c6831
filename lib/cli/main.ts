import { CommanderError } from '../bundled-libraries/commander';
import { ExitCode } from './exit-code';
import { program } from './program';
import type { Terminal } from './terminal';

/**
 * Runs one command line. Prints an error as one sentence on stderr; `--verbose` adds the stack traces.
 *
 * @param args the arguments after the program's name
 * @returns the exit code of the process
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: ExitCode.OK };
  const end = (code: ExitCode) => {
    outcome.code = code;
  };
  const command = program(terminal, end, args);
  try {
    await command.parseAsync(args, { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already printed its message.
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

/** The stack trace, including all causes. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${traceOf(error.cause)}`;
}
