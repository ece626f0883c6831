import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join, relative, resolve } from 'node:path';

import buildPrograms from './jest-global-setup';

const repository = resolve(__dirname, '..', '..');
const log = join(repository, 'dist', 'programs.log');

/**
 * Obtains the programs of all end-to-end tests while other checks run, at low priority. A process that needs a program
 * earlier waits for this one.
 */
function obtainInBackground(): void {
  mkdirSync(join(repository, 'dist'), { recursive: true });
  const output = openSync(log, 'w');
  const args = ['--import', 'tsx', __filename, 'now'];
  const background = spawn(process.execPath, args, {
    cwd: repository,
    detached: true,
    stdio: ['ignore', output, output],
  });
  setPriority(background.pid ?? 0, constants.priority.PRIORITY_LOW);
  background.unref();
  process.stdout.write(`The programs of the end-to-end tests are obtained in the background: ${relative('', log)}\n`);
}

if (process.argv[2] === 'now') {
  buildPrograms({ testPathPatterns: { patterns: [] } }).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
} else {
  obtainInBackground();
}
