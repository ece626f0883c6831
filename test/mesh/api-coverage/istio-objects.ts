import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { go } from '../../control-plane/go-command';
import { sourcesDirectory } from '../../control-plane/program-sources';
import type { Manifest } from '../synthesis';

/** An object, and the file in Istio's sources that contains it. */
export interface SourceObject {
  readonly file: string;

  /** The object or, for a template, one object for each way to fill it in. */
  readonly manifests: readonly Manifest[];

  /** The objects of the file with the status that istiod sets, if istiod's tests contain it. */
  readonly statuses: readonly Manifest[];
}

/** Istio's own API groups, and that of the Gateway API, as regular expressions. */
const ISTIO_GROUPS = '(networking|security|telemetry|extensions)\\.istio\\.io';
export const GATEWAY_API_GROUP = 'gateway\\.networking\\.k8s\\.io';

// Where a template has a value, it may be a name, a port or an address.
const FILLERS = ['filled', '8080', '10.0.0.1'];

/**
 * The objects of API groups in the samples, tests and references in the Istio modules that the control plane is built
 * from.
 */
export async function istioObjects(groups = ISTIO_GROUPS): Promise<SourceObject[]> {
  const listed = await go(
    ['list', '-m', '-f', '{{.Path}} {{.Dir}}', 'istio.io/istio', 'istio.io/api'],
    sourcesDirectory,
  );
  return listed
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [path = '', directory = ''] = line.split(' ');
      return filesBelow(directory).flatMap((file) =>
        objectsOf(file, groups).map((manifests) => ({
          file: join(path, relative(directory, file)),
          manifests,
          statuses: statusesOf(file),
        })),
      );
    });
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ya?ml|tmpl|tpl|proto)$|_test\.go$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

function objectsOf(file: string, groups: string): (readonly Manifest[])[] {
  const text = readFileSync(file, 'utf8');
  const anyObject = new RegExp(`apiVersion: *["']?${groups}/`);
  const ofGroups = new RegExp(`^${groups}/`);
  if (!anyObject.test(text)) return [];
  return yamlIn(file, text)
    .flatMap((yaml) => yaml.split(/^---.*$/m))
    .filter((yaml) => anyObject.test(yaml))
    .map((yaml) =>
      FILLERS.flatMap((filler) => parsed(filled(yaml, filler))).filter((object) => ofGroups.test(object.apiVersion)),
    )
    .filter((manifests) => manifests.length > 0);
}

function statusesOf(file: string): readonly Manifest[] {
  const expected = file.replace(/\.yaml$/, '.status.yaml.golden');
  return expected !== file && existsSync(expected) ? parsed(readFileSync(expected, 'utf8')) : [];
}

/**
 * The YAML of a file: all of it, the raw strings of a Go test, or the examples in the comments of an API definition.
 */
function yamlIn(file: string, text: string): string[] {
  if (file.endsWith('.go')) return [...text.matchAll(/`([^`]*)`/g)].map(([, yaml = '']) => yaml);
  if (!file.endsWith('.proto')) return [text];
  const comments = text.replace(/^ *\/\/ ?/gm, '');
  return [...comments.matchAll(/^ *```yaml\n(.*?)^ *```/gms)].map(([, yaml = '']) => yaml);
}

function filled(template: string, filler: string): string {
  return template
    .replace(/^[ \t]*\{\{-? *(if|else|end|range|with|define|template|\/\*|\$\w+ *:?=)[^}]*\}\}[ \t]*$/gm, '')
    .replace(/\{\{[^}]*\}\}|%[svd]|\$\{?\w+\}?/g, filler);
}

function parsed(yaml: string): Manifest[] {
  return parseAllDocuments(yaml, { version: '1.1', logLevel: 'silent' }).flatMap((document) => {
    if (document.errors.length > 0) return [];
    try {
      const object = document.toJSON() as Partial<Manifest> | null;
      return typeof object?.apiVersion === 'string' && typeof object.kind === 'string' && object.metadata
        ? [object as Manifest]
        : [];
    } catch {
      return [];
    }
  });
}
