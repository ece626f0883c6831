import type { Command } from '../bundled-libraries/commander';
import type * as Check from './check/check-command';
import type { CommandContext } from './command-context';
import type * as Completion from './completion/completion-command';
import type * as Graph from './graph/graph-command';
import type * as Plan from './plan/plan-command';
import type * as Remove from './remove/remove-command';
import type * as Restart from './restart/restart-command';
import type * as Watch from './watch/watch-command';

/** A command as the help of the program lists it. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** Its positional argument, if it has one. */
  readonly argument?: string;
  /**
   * Loads its flags, with `require`: for `import()`, Node starts its loader of ES modules, which takes longer than the
   * rest of `--help`. For the same reason, the code that a command runs is loaded with `require`, too.
   */
  readonly load: () => (context: CommandContext, program: Command) => Command;
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'plan',
    description: 'Show which workloads have an outdated sidecar, why, and what a restart would do',
    load: () => (require('./plan/plan-command') as typeof Plan).planCommand,
  },
  {
    name: 'restart',
    description: 'Restart the workloads whose sidecar is outdated, and no others',
    load: () => (require('./restart/restart-command') as typeof Restart).restartCommand,
  },
  {
    name: 'remove',
    description: 'After an uninstall of Istio, restart the workloads that still have a sidecar',
    load: () => (require('./remove/remove-command') as typeof Remove).removeCommand,
  },
  {
    name: 'watch',
    description: 'Restart workloads whenever their sidecar becomes outdated, without confirmation, until stopped',
    load: () => (require('./watch/watch-command') as typeof Watch).watchCommand,
  },
  {
    name: 'check',
    description: 'Show what blocks an upgrade or an uninstall of Istio, and what to fix first',
    load: () => (require('./check/check-command') as typeof Check).checkCommand,
  },
  {
    name: 'graph',
    description:
      'Draw where requests go, from the VirtualServices, DestinationRules, Gateways and ServiceEntries in files or in the cluster',
    argument: '[file...]',
    load: () => (require('./graph/graph-command') as typeof Graph).graphCommand,
  },
  {
    name: 'completion',
    description: 'Print a shell script that completes commands and flags',
    argument: '<shell>',
    load: () => (require('./completion/completion-command') as typeof Completion).completionCommand,
  },
];
