import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, parseAllDocuments, type Document, type Tags } from '../../bundled-libraries/yaml';
import { RestartError } from '../../engine/restart-error';

/** A Kubernetes object from a file. */
export interface Manifest {
  /** The path of its file, as given or below a given directory; or `stdin`. */
  readonly source: string;
  readonly object: ManifestObject;
}

export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    /** The name, or the `generateName` of an object without a name. */
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** A position in the files. */
interface Place {
  readonly source: string;
  /** Counted from 1. */
  readonly document: number;
  /** Counted from 1. */
  readonly line: number;
}

interface NamedFile {
  readonly path: string;
  /** Whether the file was found in a directory, where files without Kubernetes objects are common. */
  readonly isFound: boolean;
}

const STDIN = '-';
const MANIFEST_FILE = /\.(?:ya?ml|json)$/;
const LIST_KIND = /List$/;
/** Tags of YAML 1.1 that the API server's parser does not support. */
const UNKNOWN_TAGS = new Set(['tag:yaml.org,2002:timestamp']);

/**
 * Reads the Kubernetes objects of files, of all `*.yaml`, `*.yml` and `*.json` below directories, and of stdin for the
 * path `-`. Replaces lists with their items. Skips empty documents and, in directories, everything that is not a
 * Kubernetes object, such as the values of a chart.
 *
 * @param stdin the input for the path `-`
 * @returns the objects in the order of the paths; in directories by file name, in a file from top to bottom
 * @throws RestartError `InvalidOption` if a file cannot be read or is not YAML, with file, document and line
 */
export async function readManifests(
  paths: readonly string[],
  stdin: AsyncIterable<string | Uint8Array>,
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of new Set(paths)) {
    if (path === STDIN) {
      manifests.push(...parseManifests(textOf(await readAll(stdin), 'stdin'), { path: 'stdin', isFound: false }));
      continue;
    }
    for (const file of await filesAt(path)) {
      const bytes = await attempt(file.path, () => readFile(file.path));
      manifests.push(...parseManifests(textOf(bytes, file.path), file));
    }
  }
  return manifests;
}

async function readAll(stream: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Buffer, source: string): string {
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new RestartError('InvalidOption', `${source} is not UTF-8 text`, {
      remedy: 'pass a YAML or JSON file, or leave this one out',
    });
  }
  return bytes.toString('utf8');
}

async function filesAt(path: string): Promise<readonly NamedFile[]> {
  if (!(await attempt(path, () => stat(path))).isDirectory()) {
    return [{ path, isFound: false }];
  }
  const found = await filesBelow(path, new Set());
  if (found.length === 0) {
    throw new RestartError('InvalidOption', `${path} contains no file that ends in .yaml, .yml or .json`, {
      remedy: 'pass another directory, or the files themselves',
    });
  }
  return found.map((file) => ({ path: file, isFound: true }));
}

/** Files sorted by name. Follows links; skips hidden entries and node_modules. */
async function filesBelow(directory: string, seen: Set<string>): Promise<readonly string[]> {
  const real = await attempt(directory, () => realpath(directory));
  if (seen.has(real)) return [];
  seen.add(real);
  const entries = await attempt(directory, () => readdir(directory, { withFileTypes: true }));
  const files: string[] = [];
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(directory, entry.name);
    if (await isDirectory(entry, path)) files.push(...(await filesBelow(path, seen)));
    else if (MANIFEST_FILE.test(entry.name)) files.push(path);
  }
  return files;
}

async function isDirectory(entry: Dirent, path: string): Promise<boolean> {
  return entry.isSymbolicLink() ? (await attempt(path, () => stat(path))).isDirectory() : entry.isDirectory();
}

/** Turns errors of the file system into messages. */
async function attempt<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const problem = code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : code;
    throw new RestartError('InvalidOption', `${path} cannot be read: ${problem}`, { remedy: 'check the path', cause });
  }
}

function parseManifests(text: string, { path, isFound }: NamedFile): readonly Manifest[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.1',
    customTags: knownTags,
  });
  return [...documents].flatMap((document, index) => {
    const placeOf = (offset: number): Place => ({
      source: path,
      document: index + 1,
      line: Math.max(1, lines.linePos(offset).line),
    });
    const value = valueOf(document, placeOf);
    if (value === null || value === undefined) return [];
    const objects = objectsOf(value);
    if (typeof objects === 'string') {
      if (isFound && !isList(value)) return [];
      throw invalid(
        placeOf(document.contents?.range[0] ?? 0),
        `not a Kubernetes object: ${objects}`,
        'write one with apiVersion, kind and metadata.name, or leave the file out',
      );
    }
    return objects.map((object) => ({ source: path, object }));
  });
}

/** The tags of YAML 1.1 without timestamps and base-60 numbers, which the API server's parser does not support. */
function knownTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || (!UNKNOWN_TAGS.has(tag.tag) && tag.format !== 'TIME'));
}

function valueOf(document: Document.Parsed, placeOf: (offset: number) => Place): unknown {
  const [error] = document.errors;
  if (error) throw notYaml(placeOf(error.pos[0]), error);
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    // An alias without an anchor, or an excessive expansion of aliases.
    throw notYaml(placeOf(document.contents?.range[0] ?? 0), cause as Error);
  }
}

function notYaml(place: Place, cause: Error): RestartError {
  return invalid(
    place,
    `not valid YAML: ${cause.message.replace(/\s+/g, ' ')}`,
    'fix it, or leave the file out',
    cause,
  );
}

function invalid({ source, document, line }: Place, problem: string, remedy: string, cause?: unknown): RestartError {
  const place = `${source}, document ${String(document)}, line ${String(line)}`;
  return new RestartError('InvalidOption', `${place}: ${problem}`, { remedy, cause });
}

/** The objects in a document, or the reason why it contains none. */
function objectsOf(value: unknown, subject = 'it', defaults?: Fields): readonly ManifestObject[] | string {
  if (!isFields(value)) return `${subject} is not a mapping`;
  const { apiVersion, kind, metadata, items, ...rest } = { ...defaults, ...value };
  if (typeof apiVersion !== 'string' || apiVersion === '') return `${subject} has no apiVersion`;
  if (typeof kind !== 'string' || kind === '') return `${subject} has no kind`;
  if (LIST_KIND.test(kind) && Array.isArray(items)) {
    return itemsOf(items, kind === 'List' ? undefined : { apiVersion, kind: kind.replace(LIST_KIND, '') });
  }
  const { name, generateName } = isFields(metadata) ? metadata : {};
  const known = [name, generateName].find((one) => typeof one === 'string' && one !== '');
  if (typeof known !== 'string') return `${subject} has no metadata.name`;
  return [
    {
      apiVersion,
      kind,
      metadata: { ...(metadata as Fields), name: known },
      ...(items === undefined ? {} : { items }),
      ...rest,
    },
  ];
}

/** Items of a list from an API server have no kind: only the list has it. */
function itemsOf(items: readonly unknown[], defaults: Fields | undefined): readonly ManifestObject[] | string {
  const objects: ManifestObject[] = [];
  for (const [index, item] of items.entries()) {
    const found = objectsOf(item, `items[${String(index)}]`, defaults);
    if (typeof found === 'string') return found;
    objects.push(...found);
  }
  return objects;
}

function isList(value: unknown): boolean {
  return isFields(value) && Array.isArray(value.items);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
