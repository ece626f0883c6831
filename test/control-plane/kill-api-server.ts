import { spawn } from 'node:child_process';
import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ControlPlane } from './control-plane';

/**
 * Kills the API server of a control plane, on Linux.
 *
 * @returns starts it again, as it was
 */
export function killApiServer({ directory, name }: ControlPlane): () => void {
  const cluster = join(directory, 'clusters', name);
  const pidFile = join(cluster, 'pids', 'kube-apiserver.pid');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const [program = '', ...args] = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
    .split('\0')
    .slice(0, -1);
  const cwd = readlinkSync(`/proc/${String(pid)}/cwd`);
  process.kill(pid, 'SIGKILL');
  return () => {
    const log = openSync(join(cluster, 'logs', 'kube-apiserver.log'), 'a');
    const started = spawn(program, args, { cwd, detached: true, stdio: ['ignore', log, log] });
    started.unref();
    writeFileSync(pidFile, String(started.pid));
  };
}
