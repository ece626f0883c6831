import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { go } from './go-command';
import type { ObjectReference } from './kube-client';
import { sourcesDirectory } from './program-sources';

/** The CustomResourceDefinitions of a channel of the Gateway API, in the version that Istio is built with. */
export async function gatewayApiDefinitions(channel: 'standard' | 'experimental'): Promise<ObjectReference[]> {
  const module = await go(['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/gateway-api'], sourcesDirectory);
  const directory = join(module.trim(), 'config', 'crd', channel);
  return readdirSync(directory)
    .filter((file) => file.startsWith('gateway.networking.k8s.io_'))
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(directory, file), 'utf8')))
    .map((document) => document.toJSON() as ObjectReference)
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
}
