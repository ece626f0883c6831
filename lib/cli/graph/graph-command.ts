import { Command, Option } from 'commander';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { notEmpty } from '../not-empty';
import type { CommandContext } from '../command-context';
import { addNamespaceFlags, selectionOptions, type SelectionFlags } from '../selection-flags';
import { untilInterrupted } from '../until-interrupted';
import type { GraphFormat } from './draw-graph';

interface GraphFlags extends ClusterFlags, Pick<SelectionFlags, 'namespace' | 'allNamespaces'> {
  readonly html?: string;
  readonly output: GraphFormat;
}

const FORMATS: readonly GraphFormat[] = ['mermaid', 'markdown', 'json'];

const givenPath = notEmpty('Write the path of a file or directory, or - for the standard input');

/** `istio-module graph`: where requests go, by files or by what is on the cluster. */
export function graphCommand(context: CommandContext): Command {
  const command = new Command('graph')
    .description(
      'Draw where requests go, by the VirtualServices, DestinationRules, Gateways and ServiceEntries of files or of the cluster',
    )
    .argument(
      '[file...]',
      'files or directories of YAML or JSON, - for the standard input; without any, the cluster',
      (path: string, paths: readonly string[] = []) => [...paths, givenPath(path)],
    );
  return addNamespaceFlags(addClusterFlags(command), {
    one: 'only objects of this namespace, to which those of files that name none belong',
    all: 'objects of all namespaces',
  })
    .addOption(new Option('-o, --output <format>', 'what to print').choices([...FORMATS]).default('mermaid'))
    .option(
      '--html <file>',
      'write a page with a drawing and a table of the routes to this file instead',
      notEmpty('Write the path of a file'),
    )
    .action(async (files: readonly string[], flags: GraphFlags) => {
      const { drawGraph } = await import('./draw-graph.js');
      const draw = (signal?: AbortSignal) =>
        drawGraph(context.terminal, {
          files,
          cluster: { ...clusterOptions(flags), ...(signal ? { signal } : {}) },
          format: flags.output,
          ...selectionOptions(flags),
          ...(flags.html === undefined ? {} : { html: flags.html }),
        });
      // A signal ends the process at once while it reads files, such as its standard input.
      await (files.length > 0 ? draw() : untilInterrupted(context, draw));
    });
}
