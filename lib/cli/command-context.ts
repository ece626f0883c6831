import type { ExitCode } from './exit-code';
import type { Terminal } from './terminal';

/** The parts of the process that a command uses. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Sets the exit code of the process; 0 by default. */
  readonly end: (code: ExitCode) => void;
}
