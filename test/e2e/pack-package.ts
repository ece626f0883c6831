import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROJECT = join(__dirname, '..', '..');

/** Packs the package as it is published, and returns the path of its tarball. */
export async function packPackage(folder: string): Promise<string> {
  const args = ['pack', '--silent', '--pack-destination', folder];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: PROJECT });
  return join(folder, stdout.trim().split('\n').at(-1) ?? '');
}
