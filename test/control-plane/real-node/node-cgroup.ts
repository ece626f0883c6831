import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/**
 * Makes a control group below which the kubelet keeps those of its pods, in every hierarchy of the machine. watchdog.sh
 * removes it.
 */
export function createCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, name));
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
