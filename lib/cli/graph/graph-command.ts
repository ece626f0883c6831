import { Command, Option } from 'commander';
import { addClusterFlags, clusterOptions, type ClusterFlags } from '../cluster-flags';
import type { CommandContext } from '../program';
import type { GraphFormat } from './draw-graph';

interface GraphFlags extends ClusterFlags {
  readonly namespace?: readonly string[];
  readonly allNamespaces?: boolean;
  readonly html?: string;
  readonly output: GraphFormat;
}

const FORMATS: readonly GraphFormat[] = ['mermaid', 'markdown', 'json'];

/** `istio-module graph`: where requests go, by files or by what is on the cluster. */
export function graphCommand({ terminal }: CommandContext): Command {
  const command = new Command('graph')
    .description(
      'Draw where requests go, by the VirtualServices, DestinationRules, Gateways and ServiceEntries of files or of the cluster',
    )
    .argument('[file...]', 'files or directories of YAML or JSON, - for the standard input; without any, the cluster');
  return addClusterFlags(command)
    .option(
      '-n, --namespace <name>',
      'only objects of this namespace, to which those of files that name none belong; may be repeated',
      (name: string, before: readonly string[] = []) => [...before, ...name.split(',')],
    )
    .option('-A, --all-namespaces', 'objects of all namespaces; the default')
    .addOption(new Option('-o, --output <format>', 'what to print').choices([...FORMATS]).default('mermaid'))
    .option('--html <file>', 'write a page with a drawing and a table of the routes to this file instead')
    .action(async (files: readonly string[], flags: GraphFlags) => {
      const { drawGraph } = await import('./draw-graph.js');
      await drawGraph(terminal, {
        files,
        cluster: clusterOptions(flags),
        format: flags.output,
        ...(flags.namespace && !flags.allNamespaces ? { namespaces: flags.namespace } : {}),
        ...(flags.html === undefined ? {} : { html: flags.html }),
      });
    });
}
