import { spawn } from 'node:child_process';

export interface NodeProcessOptions {
  /** Arguments of node itself, before the program. */
  readonly nodeArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The wall-clock time of a process from its start to its end, in milliseconds. */
export async function timeNode(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await runNode(args);
  return performance.now() - start;
}

/**
 * Runs one side of a measurement in a process of its own, so that neither side warms the other's code.
 *
 * @returns what it printed
 * @throws Error with the end of its stderr, if it fails
 */
export function runNode(args: readonly string[], options: NodeProcessOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.nodeArgs ?? []), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
    });
    let [printed, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {
        resolve(printed);
      } else {
        reject(new Error(`node ${args.join(' ')} ended with exit code ${String(code)}: ${errors}`));
      }
    });
  });
}
