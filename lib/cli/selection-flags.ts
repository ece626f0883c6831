import { InvalidArgumentError, type Command } from '../bundled-libraries/commander';
import { parseSelector } from '../engine/cluster/label-selector';
import { RestartError } from '../engine/restart-error';
import type { RestartOptions } from '../engine/run/restart-options';

/** The parsed flags of {@link addSelectionFlags}. */
export interface SelectionFlags {
  readonly namespace?: readonly string[];
  readonly allNamespaces?: boolean;
  readonly selector?: string;
}

/** Adds the flags that select workloads, with the same meaning as in kubectl. By default, all workloads of the mesh. */
export function addSelectionFlags(command: Command): Command {
  return addNamespaceFlags(command, {
    one: 'only workloads in this namespace',
    all: 'workloads in all namespaces',
  }).option(
    '-l, --selector <selector>',
    'only workloads whose own labels match, such as app=cart,tier!=test,env in (dev,qa),!legacy',
    selector,
  );
}

/** Adds the flags that select namespaces, with descriptions for the command. */
export function addNamespaceFlags(command: Command, { one, all }: Readonly<Record<'one' | 'all', string>>): Command {
  return command
    .option('-n, --namespace <name>', `${one}; may be repeated, or list several separated by commas`, namespaces)
    .option('-A, --all-namespaces', `${all} (default); overrides -n`);
}

/** The workloads that the flags select. */
export function selectionOptions(flags: SelectionFlags): Pick<RestartOptions, 'namespaces' | 'selector'> {
  const { namespace, allNamespaces, selector } = flags;
  return {
    ...(namespace && !allNamespaces ? { namespaces: namespace } : {}),
    ...(selector === undefined ? {} : { selector }),
  };
}

const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** @throws InvalidArgumentError */
function namespaces(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (!names.every((name) => NAMESPACE.test(name))) {
    throw new InvalidArgumentError('Write the name of a namespace, or several separated by commas.');
  }
  return [...new Set([...before, ...names])];
}

/** @throws InvalidArgumentError */
function selector(text: string): string {
  try {
    return parseSelector(text).text;
  } catch (error) {
    throw error instanceof RestartError ? new InvalidArgumentError(error.message) : error;
  }
}
