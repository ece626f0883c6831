import { chmodSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { go } from './go-command';

/** Changes to a dependency's sources, made in a copy of its folder. */
export interface SourcePatch {
  /** Path of the Go module. */
  readonly module: string;

  /**
   * Takes another version than the one that go.mod requires.
   *
   * @default - the version that go.mod requires
   */
  readonly version?: OtherVersion;
  readonly replacements: readonly SourceReplacement[];
}

/**
 * A version that is compiled with the libraries that go.mod requires instead of its own, so that the libraries are
 * compiled once for both versions.
 */
export interface OtherVersion {
  /** Folder below programs/ whose go.mod requires the version. */
  readonly requiredBy: string;

  /** Modules that belong to the version, and are used in the versions that the same go.mod requires. */
  readonly with: readonly string[];
}

/** A text that occurs once in a file, and its replacement. */
export interface SourceReplacement {
  /** Relative to the module. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Copies a dependency out of Go's module cache, which is read-only, and changes the copy.
 *
 * @param sources holds the folders of Go modules
 * @param folder of the go.mod that programs are built with, relative to `sources`
 * @param workDirectory receives the copy, and a go.mod that points to it
 * @returns the go.mod, for the flag `-modfile`
 * @throws Error when a text to be replaced does not occur exactly once, which means that the dependency has another
 *   version
 */
export async function patchedModule(
  patch: SourcePatch,
  sources: string,
  folder: string,
  workDirectory: string,
): Promise<string> {
  const moduleDirectory = join(sources, folder);
  const requiring = patch.version === undefined ? moduleDirectory : join(sources, patch.version.requiredBy);
  const copy = join(workDirectory, patch.module.replaceAll('/', '-'));
  rmSync(copy, { recursive: true, force: true });
  cpSync((await downloaded(patch.module, requiring)).Dir, copy, { recursive: true });
  makeWritable(copy);
  for (const replacement of patch.replacements) {
    replaceOnce(patch.module, copy, replacement);
  }
  const replaces = [`-replace=${patch.module}=${copy}`];
  const sums = [readFileSync(join(moduleDirectory, 'go.sum'), 'utf8')];
  if (patch.version !== undefined) {
    // Without requirements of its own, the copy gets those of the go.mod that programs are built with.
    const own = readFileSync(join(copy, 'go.mod'), 'utf8').match(/^(?:module|go) .+$/gm) ?? [];
    writeFileSync(join(copy, 'go.mod'), `${own.join('\n')}\n`);
    for (const module of patch.version.with) {
      replaces.push(`-replace=${module}=${module}@${(await downloaded(module, requiring)).Version}`);
    }
    sums.push(readFileSync(join(requiring, 'go.sum'), 'utf8'));
  }
  const modfile = join(workDirectory, 'go.mod');
  cpSync(join(moduleDirectory, 'go.mod'), modfile);
  writeFileSync(join(workDirectory, 'go.sum'), sums.join(''));
  await go(['mod', 'edit', ...replaces, modfile], moduleDirectory);
  return modfile;
}

async function downloaded(
  module: string,
  directory: string,
): Promise<{ readonly Dir: string; readonly Version: string }> {
  return JSON.parse(await go(['mod', 'download', '-json', module], directory)) as { Dir: string; Version: string };
}

function replaceOnce(module: string, copy: string, { file, from, to }: SourceReplacement): void {
  const path = join(copy, file);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) {
    throw new Error(
      `${module}: ${file} has ${String(parts.length - 1)} occurrences of \`${from}\` instead of one; ` +
        'correct the patch next to its program',
    );
  }
  writeFileSync(path, parts.join(to));
}

function makeWritable(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      makeWritable(path);
    } else {
      chmodSync(path, 0o644);
    }
  }
}
