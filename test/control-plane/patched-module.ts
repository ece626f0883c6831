import { chmodSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { go } from './go-command';

/** Changes of a dependency's sources, made in a copy of its folder. */
export interface SourcePatch {
  /** Path of the Go module, which go.mod requires. */
  readonly module: string;
  readonly replacements: readonly SourceReplacement[];
}

/** A text that occurs once in a file, and what takes its place. */
export interface SourceReplacement {
  /** Relative to the module. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Copies a dependency out of Go's module cache, which is read-only, and changes the copy.
 *
 * @param moduleDirectory holds the go.mod that requires the dependency
 * @param workDirectory receives the copy, and a go.mod that points to it
 * @returns the go.mod, for the flag `-modfile`
 * @throws Error when a text to be replaced does not occur exactly once: the dependency is of another version then
 */
export async function patchedModule(
  patch: SourcePatch,
  moduleDirectory: string,
  workDirectory: string,
): Promise<string> {
  const download = await go(['mod', 'download', '-json', patch.module], moduleDirectory);
  const { Dir: original } = JSON.parse(download) as { readonly Dir: string };
  const copy = join(workDirectory, patch.module.replaceAll('/', '-'));
  rmSync(copy, { recursive: true, force: true });
  cpSync(original, copy, { recursive: true });
  makeWritable(copy);
  for (const { file, from, to } of patch.replacements) {
    const path = join(copy, file);
    const parts = readFileSync(path, 'utf8').split(from);
    if (parts.length !== 2) {
      throw new Error(
        `${patch.module}: ${file} has ${String(parts.length - 1)} occurrences of \`${from}\` instead of one; ` +
          'correct its patch in program-sources.ts',
      );
    }
    writeFileSync(path, parts.join(to));
  }
  const modfile = join(workDirectory, 'go.mod');
  cpSync(join(moduleDirectory, 'go.mod'), modfile);
  cpSync(join(moduleDirectory, 'go.sum'), join(workDirectory, 'go.sum'));
  await go(['mod', 'edit', `-replace=${patch.module}=${copy}`, modfile], moduleDirectory);
  return modfile;
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
