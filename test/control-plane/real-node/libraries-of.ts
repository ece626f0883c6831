import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The shared libraries that a program loads, and the dynamic loader. */
export async function librariesOf(file: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ldd', [file]);
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, library = '']) => library);
}
