import type { ExitCode } from './exit-code';
import type { Terminal } from './terminal';

/** What a command needs of the process. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** What the process is to end with; without a call, with 0. */
  readonly end: (code: ExitCode) => void;
}
