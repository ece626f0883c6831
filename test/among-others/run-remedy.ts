import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { kubectl } from '../engine/cluster/as-kubectl/kubectl';

/**
 * Runs a command that a plan recommends, as a user would.
 *
 * @returns what it printed
 * @throws Error with what it printed when it fails
 */
export async function runRemedy(remedy: string, kubeconfig: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'remedy-'));
  try {
    symlinkSync(await kubectl(), join(folder, 'kubectl'));
    const path = [folder, process.env.PATH ?? ''].join(delimiter);
    const env = { ...process.env, PATH: path, KUBECONFIG: kubeconfig };
    const { stdout } = await promisify(execFile)('bash', ['-c', `set -o pipefail; ${remedy}`], { env });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
