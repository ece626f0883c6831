/** Exit codes of the process; see docs/command-line.md. */
export const ExitCode = {
  /** Done, or nothing to do. */
  OK: 0,
  /** The command failed. The message on stderr names the reason. */
  ERROR: 1,
  /** There is something to do or to decide; only for `plan --detailed-exitcode` and `check`. */
  CHANGES: 2,
  /** Stopped by Ctrl-C, SIGTERM or SIGHUP. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
