import { writeFile } from 'node:fs/promises';
import type { ApiOptions } from '../../engine/cluster/api';
import { RestartError } from '../../engine/restart-error';
import { readManifests } from '../manifests/read-manifests';
import { asJson } from '../output/as-json';
import type { Terminal } from '../terminal';
import { readClusterObjects } from './read-cluster-objects';
import { renderMermaid } from './render-mermaid';
import { rootNamespaceIn } from './root-namespace-in';
import { trafficGraph } from './traffic-graph';
import { hasRouting, type TrafficSource } from './traffic-objects';

/** The output format. */
export type GraphFormat = 'mermaid' | 'markdown' | 'json';

export interface GraphRequest {
  /** Files, directories or `-`; empty to read the cluster. */
  readonly files: readonly string[];
  readonly cluster: ApiOptions;
  /** Draws only objects of these namespaces; by default, all. */
  readonly namespaces?: readonly string[];
  readonly format: GraphFormat;
  /** Path of the HTML page to write instead of printing. */
  readonly html?: string;
}

interface Input {
  readonly origin: string;
  readonly objects: readonly TrafficSource[];
  readonly isComplete: (namespace: string) => boolean;
  readonly rootNamespace: string;
  /** Policies of the root namespace, if it is not one of the drawn namespaces. */
  readonly rootPolicies: readonly TrafficSource[];
}

/**
 * Reads the objects, draws the graph, and prints it or writes it to a file.
 *
 * @throws RestartError `InvalidOption` if there is nothing to draw or a file cannot be read or written; the errors of
 * {@link readClusterObjects}
 */
export async function drawGraph(terminal: Terminal, request: GraphRequest): Promise<void> {
  const { html, format } = request;
  const { origin, objects, isComplete, rootNamespace, rootPolicies } = await (request.files.length > 0
    ? readFiles(terminal, request)
    : readCluster(terminal, request));
  if (!hasRouting(objects)) throw nothingToDraw(origin, objects.length);
  const graph = trafficGraph([...objects, ...rootPolicies], { isComplete, rootNamespace });
  if (html !== undefined) {
    const { renderHtml } = await import('./render-html.js');
    await writePage(html, await renderHtml(graph, origin));
    terminal.tell(`Wrote ${html}.`);
  } else if (format === 'json') {
    terminal.print(asJson(graph));
  } else if (format === 'markdown') {
    terminal.print('```mermaid', ...renderMermaid(graph), '```');
  } else {
    terminal.print(...renderMermaid(graph));
  }
}

async function readFiles(terminal: Terminal, { files, namespaces }: GraphRequest): Promise<Input> {
  const [first = 'default', ...others] = namespaces ?? [];
  const unnamed = others.length > 0 ? 'default' : first;
  const manifests = (await readManifests(files, terminal.stdin)).map(({ object }) => object);
  const rootNamespace = rootNamespaceIn(manifests);
  const all = manifests.map((object): TrafficSource =>
    object.metadata.namespace ? object : { ...object, metadata: { ...object.metadata, namespace: unnamed } },
  );
  const isChosen = ({ kind, metadata: { name, namespace = '' } }: TrafficSource) =>
    namespaces?.includes(kind === 'Namespace' ? name : namespace) ?? true;
  return {
    origin: files.map((file) => (file === '-' ? 'stdin' : file)).join(', '),
    objects: all.filter(isChosen),
    isComplete: () => false,
    rootNamespace,
    rootPolicies: all.filter(
      (object) =>
        object.kind === 'PeerAuthentication' && object.metadata.namespace === rootNamespace && !isChosen(object),
    ),
  };
}

async function readCluster(terminal: Terminal, { cluster, namespaces }: GraphRequest): Promise<Input> {
  const { context, objects, rootProblem, rootNamespace, rootPolicies } = await readClusterObjects(cluster, namespaces);
  if (rootProblem !== '') {
    terminal.tell(`Note: the mesh-wide mutual TLS mode is unknown. ${rootProblem}`);
  }
  const where = namespaces
    ? `${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${namespaces.join(', ')} of `
    : '';
  return {
    origin: `${where}the cluster of context "${context}"`,
    objects,
    isComplete: (namespace) => namespaces?.includes(namespace) ?? true,
    rootNamespace,
    rootPolicies,
  };
}

function nothingToDraw(origin: string, others: number): RestartError {
  const found = others === 0 ? '' : ` (only ${String(others)} other ${others === 1 ? 'object' : 'objects'})`;
  return new RestartError(
    'InvalidOption',
    `no VirtualService, DestinationRule, Gateway or ServiceEntry in ${origin}${found}`,
    { remedy: 'pass files that contain one, or select a cluster and namespaces that do' },
  );
}

async function writePage(path: string, lines: readonly string[]): Promise<void> {
  try {
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const problem = code === 'ENOENT' ? 'its directory does not exist' : code === 'EISDIR' ? 'it is a directory' : code;
    throw new RestartError('InvalidOption', `${path} cannot be written: ${problem}`, {
      remedy: 'pass another file with --html',
      cause,
    });
  }
}
