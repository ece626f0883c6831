import type { Command } from '../bundled-libraries/commander';
import type { CommandContext } from './command-context';

/** A command as the help of the program lists it. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** Its positional argument, if it has one. */
  readonly argument?: string;
  /** Imports its flags and its action. */
  readonly load: () => Promise<(context: CommandContext, program: Command) => Command>;
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'plan',
    description: 'Show which workloads have an outdated sidecar, why, and what a restart would do',
    load: async () => (await import('./plan/plan-command.js')).planCommand,
  },
  {
    name: 'restart',
    description: 'Restart the workloads whose sidecar is outdated, and no others',
    load: async () => (await import('./restart/restart-command.js')).restartCommand,
  },
  {
    name: 'remove',
    description: 'After an uninstall of Istio, restart the workloads that still have a sidecar',
    load: async () => (await import('./remove/remove-command.js')).removeCommand,
  },
  {
    name: 'watch',
    description: 'Restart workloads whenever their sidecar becomes outdated, without confirmation, until stopped',
    load: async () => (await import('./watch/watch-command.js')).watchCommand,
  },
  {
    name: 'check',
    description: 'Show what blocks an upgrade or an uninstall of Istio, and what to fix first',
    load: async () => (await import('./check/check-command.js')).checkCommand,
  },
  {
    name: 'graph',
    description:
      'Draw where requests go, from the VirtualServices, DestinationRules, Gateways and ServiceEntries in files or in the cluster',
    argument: '[file...]',
    load: async () => (await import('./graph/graph-command.js')).graphCommand,
  },
  {
    name: 'completion',
    description: 'Print a shell script that completes commands and flags',
    argument: '<shell>',
    load: async () => (await import('./completion/completion-command.js')).completionCommand,
  },
];
