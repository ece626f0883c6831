import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMilliseconds = 5_000;
const staleMilliseconds = 60_000;

/**
 * Runs `work` while no other process holds the lock file. A lock whose process is gone, or has not shown a sign of life
 * for a minute, is taken over.
 *
 * Two processes that take over the same stale lock at the same instant both run `work`, which has to tolerate that.
 *
 * @param onWait called once, with the id of the process that holds the lock
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: (pid: number) => void): Promise<T> {
  let waiting = false;
  while (!acquire(file)) {
    const pid = holder(file);
    if (pid === undefined) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waiting) {
      onWait?.(pid);
      waiting = true;
    }
    await sleep(500);
  }
  const heartbeat = setInterval(() => {
    utimesSync(file, new Date(), new Date());
  }, heartbeatMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  }
}

function acquire(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** The process that holds the lock, or `undefined` when the lock is stale. */
function holder(file: string): number | undefined {
  try {
    if (Date.now() - statSync(file).mtimeMs > staleMilliseconds) {
      return undefined;
    }
    const pid = Number(readFileSync(file, 'utf8'));
    // The id is written a moment after the file is created: an empty file is a lock that is being acquired.
    if (pid > 0) {
      process.kill(pid, 0);
    }
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 1 : undefined;
  }
}
