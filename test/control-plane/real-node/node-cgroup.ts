import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** The largest share of the processors that there is, of both versions of control groups. */
const mostProcessorTime = { 'cpu.shares': '262144', 'cpu.weight': '10000' };

/**
 * Makes a control group below which the kubelet keeps those of its pods, in every hierarchy of the machine. watchdog.sh
 * removes it. Without a share of its own, all pods together would get as much of a busy machine as one process beside
 * them, whatever their niceness is.
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

/** One for all controllers, or one for each. */
function hierarchies(): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) {
    return [root];
  }
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}
