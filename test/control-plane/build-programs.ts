import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { BuildProgress } from './build-progress';
import { go, requireGo } from './go-command';
import { patchedModule } from './patched-module';
import { type ProgramSource, sourcesDirectory } from './program-sources';

/** How to compile one program. */
interface Compilation {
  readonly source: ProgramSource;
  readonly moduleDirectory: string;
  /** Flags that decide what is compiled, and not how it is linked. */
  readonly flags: readonly string[];
}

/**
 * Builds programs, and lets those that have something to write do so.
 *
 * @param progress receives a line for each program, and every few seconds what is compiled and what remains
 * @throws Error when Go is missing or too old, or a program cannot be built
 */
export async function buildPrograms(
  sources: readonly ProgramSource[],
  directory: string,
  progress: (line: string) => void,
): Promise<void> {
  if (sources.length > 0) {
    await requireGo(sourcesDirectory);
    progress(
      `building ${sources.map(({ name }) => name).join(', ')} into ${directory}: ` +
        'several minutes the first time, nothing afterwards',
    );
    const compilations = await Promise.all(sources.map((source) => compilationOf(source, directory)));
    const report = new BuildProgress(await packagesToCompile(compilations), progress);
    for (const [index, compilation] of compilations.entries()) {
      report.begin(`${String(index + 1)}/${String(sources.length)} ${compilation.source.name}`);
      await build(compilation, directory, report);
    }
    report.end();
  }
}

/** Whether a program is there by all of its names, and what it writes as well. */
export function isBuilt({ name, links = [name], writes }: ProgramSource, directory: string): boolean {
  const files = writes === undefined ? links : [...links, writes];
  return files.every((file) => existsSync(join(directory, file)));
}

async function compilationOf(source: ProgramSource, directory: string): Promise<Compilation> {
  const moduleDirectory = join(sourcesDirectory, source.module ?? '');
  if (source.patch === undefined) {
    return { source, moduleDirectory, flags: ['-trimpath'] };
  }
  const workDirectory = join(directory, 'patched', source.name);
  mkdirSync(workDirectory, { recursive: true });
  const modfile = await patchedModule(source.patch, moduleDirectory, workDirectory);
  return { source, moduleDirectory, flags: ['-trimpath', `-modfile=${modfile}`] };
}

/** The packages that Go has not compiled before, in all programs together. */
async function packagesToCompile(compilations: readonly Compilation[]): Promise<ReadonlySet<string>> {
  const packages = new Set<string>();
  for (const { source, moduleDirectory, flags } of compilations) {
    const template = '{{if .Stale}}{{.ImportPath}}{{end}}';
    for (const path of (await go(['list', ...flags, '-deps', '-f', template, source.package], moduleDirectory)).split(
      '\n',
    )) {
      if (path !== '') {
        packages.add(path);
      }
    }
  }
  return packages;
}

async function build(
  { source, moduleDirectory, flags }: Compilation,
  directory: string,
  report: BuildProgress,
): Promise<void> {
  const variables = Object.entries(source.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const temporary = join(directory, `${source.name}.${String(process.pid)}`);
  const linking = ['-ldflags', ['-s -w', ...variables].join(' '), '-o', temporary];
  await go(['build', '-v', ...flags, ...linking, source.package], moduleDirectory, (line) => {
    report.compiled(line);
  });
  const program = join(directory, source.name);
  moveInto(temporary, program);
  for (const link of source.links ?? []) {
    const temporaryLink = join(directory, `${link}.${String(process.pid)}`);
    rmSync(temporaryLink, { force: true });
    symlinkSync(source.name, temporaryLink);
    moveInto(temporaryLink, join(directory, link));
  }
  if (source.writes !== undefined) {
    const temporaryFolder = join(directory, `${source.writes}.${String(process.pid)}`);
    await promisify(execFile)(program, [temporaryFolder]);
    moveInto(temporaryFolder, join(directory, source.writes));
  }
}

function moveInto(temporary: string, target: string): void {
  try {
    renameSync(temporary, target);
  } catch (error) {
    // A folder cannot be renamed over one that another process has just put there, with the same content.
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(target)) {
      throw error;
    }
  }
}
