import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { runNode, type NodeProcessOptions } from './node-process';

const SOURCES = join(__dirname, 'programs');
const BUILT = join(__dirname, '..', 'dist', 'bench');

/** Compiles the programs to JavaScript, because a TypeScript loader in the process would be part of the measurement. */
export function buildPrograms(): void {
  mkdirSync(BUILT, { recursive: true });
  for (const file of readdirSync(SOURCES)) {
    const { outputText } = transpileModule(readFileSync(join(SOURCES, file), 'utf8'), {
      fileName: join(SOURCES, file),
      compilerOptions: { module: ModuleKind.Node16, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    writeFileSync(join(BUILT, file.replace(/\.ts$/, '.js')), outputText);
  }
}

/** Runs one of the programs, and returns the JSON that it prints. */
export async function runProgram<T>(
  name: string,
  args: readonly string[],
  options: NodeProcessOptions = {},
): Promise<T> {
  return JSON.parse(await runNode([programFile(name), ...args], options)) as T;
}

/** The path of one of the programs after it is built. */
export function programFile(name: string): string {
  return join(BUILT, `${name}.js`);
}
