import { Command, Option } from '../../bundled-libraries/commander';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import { notEmpty } from '../not-empty';
import type { CommandContext } from '../command-context';
import { addNamespaceFlags, selectionOptions, type SelectionFlags } from '../selection-flags';
import { untilInterrupted } from '../until-interrupted';
import type * as DrawGraph from './draw-graph';
import type { GraphFormat } from './draw-graph';

interface GraphFlags extends ClusterFlags, Pick<SelectionFlags, 'namespace' | 'allNamespaces'> {
  readonly html?: string;
  readonly output: GraphFormat;
}

const FORMATS: readonly GraphFormat[] = ['mermaid', 'markdown', 'json'];

const givenPath = notEmpty('Write the path of a file or directory, or - for stdin');

/** `istio-module graph`: draws where requests go, from files or from the cluster. */
export function graphCommand(context: CommandContext): Command {
  const command = new Command('graph').argument(
    '[file...]',
    'files or directories with YAML or JSON, - for stdin (default: read the cluster)',
    (path: string, paths: readonly string[] | undefined) => [...(paths ?? []), givenPath(path)],
  );
  return addNamespaceFlags(addClusterFlags(command), {
    one: 'only objects in this namespace; in files, objects without a namespace belong to it if it is the only one selected',
    all: 'objects in all namespaces',
  })
    .addOption(new Option('-o, --output <format>', 'output format').choices([...FORMATS]).default('mermaid'))
    .option(
      '--html <file>',
      'write an HTML page to this file, with a drawing and a table of the routes, instead of printing',
      notEmpty('Write the path of a file'),
    )
    .action(async (files: readonly string[], flags: GraphFlags) => {
      const { drawGraph } = require('./draw-graph') as typeof DrawGraph;
      const draw = (signal?: AbortSignal) =>
        drawGraph(context.terminal, {
          files,
          cluster: { ...clusterOptions(flags), ...(signal ? { signal } : {}) },
          format: flags.output,
          ...selectionOptions(flags),
          ...(flags.html === undefined ? {} : { html: flags.html }),
        });
      // While the process reads files or stdin, a signal ends it immediately.
      await (files.length > 0 ? draw() : untilInterrupted(context, draw));
    });
}
