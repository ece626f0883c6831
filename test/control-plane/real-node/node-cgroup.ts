import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** The largest possible share of processor time, in both versions of control groups. */
const mostProcessorTime = { 'cpu.shares': '262144', 'cpu.weight': '10000' };

/**
 * Creates a control group in every hierarchy of the machine, below which the kubelet creates those of its pods.
 * watchdog.sh removes it. With the default share, all pods together would get only as much of a busy machine as one
 * other process, whatever their niceness is.
 */
export function createCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    const group = join(hierarchy, name);
    mkdirSync(group);
    for (const [file, share] of Object.entries(mostProcessorTime)) {
      if (existsSync(join(group, file))) {
        writeFileSync(join(group, file), share);
      }
    }
  }
}

/** The hierarchies of control groups: one for all controllers, or one for each. */
function hierarchies(): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) {
    return [root];
  }
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}
