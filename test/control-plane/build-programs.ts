import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { BuildProgress, type BuildWork, type ProgramWork } from './build-progress';
import { go, requireGo } from './go-command';
import { patchedModule } from './patched-module';
import { type ProgramSource, sourcesDirectory } from './program-sources';

const reportingMilliseconds = 10_000;

/** The linker omits debugging information, so the compiler does not generate it: that saves a tenth of the time. */
const compiling = ['-trimpath', '-gcflags=all=-dwarf=false'];

/** Holds the patched copies of dependencies during a build. */
const patchedFolder = 'patched';

/** How to compile one program. */
interface Compilation {
  readonly source: ProgramSource;
  readonly moduleDirectory: string;
  /** Flags that decide what is compiled, and not how it is linked. */
  readonly flags: readonly string[];
}

/**
 * Builds programs, and runs those that write a folder.
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
    const report = new BuildProgress(await workOf(compilations), progress);
    const reporting = setInterval(() => {
      report.report();
    }, reportingMilliseconds);
    try {
      for (const [index, compilation] of compilations.entries()) {
        report.begin(index);
        await build(compilation, directory, report);
        report.built();
      }
    } finally {
      clearInterval(reporting);
    }
    rmSync(join(directory, patchedFolder), { recursive: true, force: true });
    report.end();
  }
}

/** Whether a program exists under all of its names, together with the folder that it writes. */
export function isBuilt({ name, links = [name], writes }: ProgramSource, directory: string): boolean {
  const files = writes === undefined ? links : [...links, writes];
  return files.every((file) => existsSync(join(directory, file)));
}

async function compilationOf(source: ProgramSource, directory: string): Promise<Compilation> {
  const moduleDirectory = join(sourcesDirectory, source.module ?? '');
  if (source.patch === undefined) {
    return { source, moduleDirectory, flags: compiling };
  }
  const workDirectory = join(directory, patchedFolder, source.name);
  mkdirSync(workDirectory, { recursive: true });
  const modfile = await patchedModule(source.patch, sourcesDirectory, source.module ?? '', workDirectory);
  return { source, moduleDirectory, flags: [...compiling, `-modfile=${modfile}`] };
}

/** The packages of all programs that Go has not compiled before, and what is linked. */
async function workOf(compilations: readonly Compilation[]): Promise<BuildWork> {
  const sizes = new Map<string, number>();
  const packages = new Map<string, number>();
  const programs: ProgramWork[] = [];
  for (const { source, moduleDirectory, flags } of compilations) {
    const template = '{{.ImportPath}}\t{{.Stale}}\t{{.Dir}}\t{{join .GoFiles "\t"}}';
    const listed = await go(['list', ...flags, '-deps', '-f', template, source.package], moduleDirectory);
    let [main, linked] = ['', 0];
    for (const line of listed.trimEnd().split('\n')) {
      const [path = '', stale, folder = '', ...files] = line.split('\t');
      const size = sizes.get(path) ?? sizeOf(files.map((file) => join(folder, file)));
      sizes.set(path, size);
      if (stale === 'true') {
        packages.set(path, size);
      }
      linked += size;
      // Go lists a package after those that it imports, so the last one is the program itself.
      main = path;
    }
    programs.push({ name: source.name, main, linked });
  }
  return { packages, programs };
}

function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
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
