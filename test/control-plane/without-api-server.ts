import { spawn } from 'node:child_process';
import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ControlPlane } from './control-plane';
import { withLock } from './file-lock';
import { until } from './kube-client';

/** Kills the API server of a control plane, and starts it again after so many seconds, as it was. Linux only. */
export async function withoutApiServer(controlPlane: ControlPlane, seconds: number): Promise<void> {
  // No other cluster may choose its port meanwhile.
  await withLock(controlPlane.bootLock, async () => {
    const start = kill(controlPlane);
    await sleep(seconds * 1_000);
    start();
    await until(
      async () => {
        const client = await controlPlane.connect();
        await client.list('v1', 'Namespace').finally(() => {
          client.close();
        });
        return true;
      },
      'the API server answering again',
      { timeoutSeconds: 120 },
    );
  });
}

function kill({ directory, name }: ControlPlane): () => void {
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
