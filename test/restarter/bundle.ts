import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { join } from 'node:path';

const PROJECT = join(__dirname, '..', '..');

/**
 * Bundles the output of `npm run build`, as `npm run bundle` does after the build.
 *
 * @param file the command line as one file
 */
export async function bundle(file: string): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly bundle: string };
  };
  const [, command = ''] = scripts.bundle.split(' && ');
  const args = command.split(' ').map((one) => (one.startsWith('--outfile=') ? `--outfile=${file}` : one));
  await promisify(execFile)('npx', ['--no-install', ...args], { cwd: PROJECT });
}
