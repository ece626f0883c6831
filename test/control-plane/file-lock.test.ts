import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { withLock } from './file-lock';

describe('withLock', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'file-lock-')), 'lock');

  it('runs one piece of work at a time, and names the process that holds the lock to those that wait', async () => {
    const order: string[] = [];
    const waited: number[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} starts`);
      await sleep(50);
      order.push(`${name} ends`);
    };
    await Promise.all([withLock(file, work('first')), withLock(file, work('second'), (pid) => waited.push(pid))]);
    expect(order).toEqual(['first starts', 'first ends', 'second starts', 'second ends']);
    expect(waited).toEqual([process.pid]);
    expect(existsSync(file)).toBe(false);
  });

  it('takes over the lock of a process that is gone', async () => {
    // Ids of processes are below 2^22.
    writeFileSync(file, '99999999');
    expect(await withLock(file, () => Promise.resolve('done'))).toBe('done');
  });

  it('releases the lock after a failure', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });
});
