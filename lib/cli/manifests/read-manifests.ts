import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, parseAllDocuments, type Document, type Tags } from 'yaml';
import { RestartError } from '../../engine/restart-error';

/** A Kubernetes object as a file has it. */
export interface Manifest {
  /** The file it comes from, as it can be opened from the working directory; `stdin` for the standard input. */
  readonly source: string;
  readonly object: ManifestObject;
}

export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    /** Where the object has only a `generateName`, that. */
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** Where in the files something stands. */
interface Place {
  readonly source: string;
  /** Counted from 1. */
  readonly document: number;
  /** Counted from 1. */
  readonly line: number;
}

interface NamedFile {
  readonly path: string;
  /** Whether it was found in a directory, where files that hold no objects are common. */
  readonly isFound: boolean;
}

const STDIN = '-';
const MANIFEST_FILE = /\.(?:ya?ml|json)$/;
const LIST_KIND = /List$/;
/** Of YAML 1.1, what the API server's own reader does not know. */
const UNKNOWN_TAGS = new Set(['tag:yaml.org,2002:timestamp']);

/**
 * Reads the Kubernetes objects of files, of all `*.yaml`, `*.yml` and `*.json` below directories, and of the standard
 * input where a path is `-`. Lists become their items; empty documents are left out, and so is, in directories, what is
 * no Kubernetes object, such as the values of a chart.
 *
 * @param stdin what `-` reads
 * @returns in the order of the paths, in directories by name, in a file from top to bottom
 * @throws RestartError `InvalidOption` for what cannot be read or is not YAML, with file, document and line
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
    throw new RestartError('InvalidOption', `${source} is no text in UTF-8`, {
      remedy: 'name a file of YAML or JSON, or leave it out',
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
    throw new RestartError('InvalidOption', `${path} has no file that ends in .yaml, .yml or .json`, {
      remedy: 'name another directory, or the files themselves',
    });
  }
  return found.map((file) => ({ path: file, isFound: true }));
}

/** By name; links are followed, hidden entries and node_modules are not. */
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

/** Gives what the file system refuses a sentence. */
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
        placeOf(document.contents?.range?.[0] ?? 0),
        `no Kubernetes object, for ${objects}`,
        'write one with apiVersion, kind and metadata.name, or leave the file out',
      );
    }
    return objects.map((object) => ({ source: path, object }));
  });
}

/** Those of YAML 1.1, of which times of day are numbers in base 60 and dates are no text. */
function knownTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || (!UNKNOWN_TAGS.has(tag.tag) && tag.format !== 'TIME'));
}

function valueOf(document: Document.Parsed, placeOf: (offset: number) => Place): unknown {
  const [error] = document.errors;
  if (error) throw notYaml(placeOf(error.pos[0]), error);
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    // An alias without an anchor, or one that grows out of all bounds.
    throw notYaml(placeOf(document.contents?.range?.[0] ?? 0), cause as Error);
  }
}

function notYaml(place: Place, cause: Error): RestartError {
  return invalid(
    place,
    `no valid YAML: ${cause.message.replace(/\s+/g, ' ')}`,
    'correct it, or leave the file out',
    cause,
  );
}

function invalid({ source, document, line }: Place, problem: string, remedy: string, cause?: unknown): RestartError {
  const place = `${source}, document ${String(document)}, line ${String(line)}`;
  return new RestartError('InvalidOption', `${place}: ${problem}`, { remedy, cause });
}

/** The objects that a document holds, or why it holds none. */
function objectsOf(value: unknown, subject = 'it', defaults?: Fields): readonly ManifestObject[] | string {
  if (!isFields(value)) return `${subject} is no mapping`;
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

/** What an API server lists has its kind in the list alone. */
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
