import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { runNode, type NodeProcessOptions } from './node-process';

/** The checkout of this file. */
export const CHECKOUT = join(__dirname, '..');

/** The checkouts to measure: this one, and the earlier one if there is one. */
export function checkoutsOf(before: string | undefined): readonly string[] {
  return [CHECKOUT, ...(before === undefined ? [] : [before])];
}

/** Compiles the programs to JavaScript, because a TypeScript loader in the process would be part of the measurement. */
export function buildPrograms(checkout = CHECKOUT): void {
  const [sources, built] = [join(checkout, 'bench', 'programs'), join(checkout, 'dist', 'bench')];
  mkdirSync(built, { recursive: true });
  for (const file of readdirSync(sources)) {
    const { outputText } = transpileModule(readFileSync(join(sources, file), 'utf8'), {
      fileName: join(sources, file),
      compilerOptions: { module: ModuleKind.Node16, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    writeFileSync(join(built, file.replace(/\.ts$/, '.js')), outputText);
  }
}

export interface ProgramOptions extends NodeProcessOptions {
  /** @default CHECKOUT */
  readonly checkout?: string;
}

/** Runs one of the programs, and returns the JSON that it prints. */
export async function runProgram<T>(name: string, args: readonly string[], options: ProgramOptions = {}): Promise<T> {
  return JSON.parse(await runNode([programFile(name, options.checkout), ...args], options)) as T;
}

/** The path of one of the programs after it is built. */
export function programFile(name: string, checkout = CHECKOUT): string {
  return join(checkout, 'dist', 'bench', `${name}.js`);
}

/** The command line of the package, as it is built. */
export function cliFile(checkout = CHECKOUT): string {
  return join(checkout, 'dist', 'lib', 'cli', 'bin.js');
}
