import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/**
 * Kills a process and everything that descends from it, at once and without a chance to clean up. Pulumi starts its
 * plugins in process groups of their own, so that killing one group would leave them running.
 */
export function killTree(root: number): void {
  // A process that is stopped first cannot start further ones while its descendants are searched for.
  signal(root, 'SIGSTOP');
  const found = new Set([root]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const [pid, parent] of parents()) {
      if (found.has(parent) && !found.has(pid)) {
        found.add(pid);
        signal(pid, 'SIGSTOP');
      }
    }
  }
  found.forEach((pid) => {
    signal(pid, 'SIGKILL');
  });
}

/** Whether a process of this user has not ended. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The command lines of all processes of the machine that contain a text, such as a directory. */
export function commandLinesWith(text: string): string[] {
  const lines =
    process.platform === 'linux'
      ? processIds().map((pid) => readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
      : execFileSync('ps', ['-axww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(text));
}

function processIds(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** Processes may end while they are looked at. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

/** Every process of the machine with its parent. */
function parents(): [pid: number, parent: number][] {
  return process.platform === 'linux' ? parentsFromProc() : parentsFromPs();
}

function parentsFromProc(): [number, number][] {
  return processIds().map((pid) => {
    // The program's name, in parentheses, may itself hold spaces and parentheses.
    const fields = readOrNothing(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    return [Number(pid), Number(fields[1])];
  });
}

function parentsFromPs(): [number, number][] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}
