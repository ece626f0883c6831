import type { Command } from 'commander';
import type { RestartOptions } from '../restart/restart-options';

/** What commander makes of {@link addSelectionFlags}. */
export interface SelectionFlags {
  readonly namespace?: readonly string[];
  readonly allNamespaces?: boolean;
  readonly selector?: string;
}

/** The flags that say which workloads are meant; without one, all of the mesh. */
export function addSelectionFlags(command: Command): Command {
  return command
    .option('-n, --namespace <name...>', 'only workloads of these namespaces')
    .option('-A, --all-namespaces', 'workloads of all namespaces; the default')
    .option('-l, --selector <selector>', 'only workloads with these labels, such as app=cart,tier!=test');
}

/** The workloads that the flags mean. */
export function selectionOptions({ namespace, allNamespaces }: SelectionFlags): Pick<RestartOptions, 'namespaces'> {
  return namespace && !allNamespaces ? { namespaces: namespace.flatMap((names) => names.split(',')) } : {};
}
