import { spawn } from 'node:child_process';
import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ControlPlane } from './control-plane';
import { withLock } from './file-lock';
import { until } from './kube-client';

/**
 * Programs that end with the API server, as they do where leaders are elected. If they kept running, they would wait
 * for up to a minute before they call the API server again, one after the other.
 */
const FOLLOWERS = ['kube-controller-manager', 'kube-scheduler'];

/**
 * Kills the API server of a control plane, and starts it again with the same arguments after a number of seconds. Linux
 * only.
 */
export async function withoutApiServer(controlPlane: ControlPlane, seconds: number): Promise<void> {
  // No other cluster may choose its port meanwhile.
  await withLock(controlPlane.bootLock, async () => {
    const start = kill(controlPlane, 'kube-apiserver');
    const startFollowers = FOLLOWERS.map((part) => kill(controlPlane, part));
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
    for (const startFollower of startFollowers) {
      startFollower();
    }
  });
}

/** @returns a function that starts the part again with the same arguments */
function kill(controlPlane: ControlPlane, part: string): () => void {
  const pid = controlPlane.pidOf(part);
  if (pid === undefined) throw new Error(`${part} was never started`);
  const [program = '', ...args] = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
    .split('\0')
    .slice(0, -1);
  const cwd = readlinkSync(`/proc/${String(pid)}/cwd`);
  process.kill(pid, 'SIGKILL');
  return () => {
    const logs = join(controlPlane.directory, 'clusters', controlPlane.name, 'logs');
    const log = openSync(join(logs, `${part}.log`), 'a');
    const started = spawn(program, args, { cwd, detached: true, stdio: ['ignore', log, log] });
    started.unref();
    writeFileSync(controlPlane.pidFile(part), String(started.pid));
  };
}
