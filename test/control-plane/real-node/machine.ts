import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { promisify } from 'node:util';

/** What Debian brings for the real node: each package, and a program of it by which it is known to be there. */
const packages: Readonly<Record<string, string>> = {
  runc: '/usr/sbin/runc',
  iptables: '/usr/sbin/xtables-nft-multi',
  conntrack: '/usr/sbin/conntrack',
  iproute2: '/sbin/ip',
};

/** The container runtime's lowest layer, from Debian. */
export const runc = packages.runc ?? '';

/** What of a machine decides whether there can be a real node. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  /** Debian's packages that it lacks. */
  readonly missing: readonly string[];
  /** Whether it can install them. */
  readonly aptGet: boolean;
}

/** Why there can be no real node on a machine, in one clause; `undefined` where there can. */
export function noRealNodeBecause(machine: Machine = thisMachine()): string | undefined {
  const { platform, root, missing, aptGet } = machine;
  if (platform !== 'linux') {
    return `the real node needs Linux, and this is ${platform}`;
  }
  if (!root) {
    return 'the real node needs root, for its namespaces and its network';
  }
  if (missing.length > 0 && !aptGet) {
    return `the real node needs ${missing.join(', ')} where Debian has them, and there is no apt-get`;
  }
  return undefined;
}

function thisMachine(): Machine {
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    missing: missingPackages(),
    aptGet: isThere('/usr/bin/apt-get'),
  };
}

/**
 * Installs what is missing of Debian's packages.
 *
 * @throws Error when there can be no real node on this machine
 */
export async function prepareMachine(progress: (line: string) => void): Promise<void> {
  const reason = noRealNodeBecause();
  if (reason !== undefined) {
    throw new Error(reason);
  }
  const missing = missingPackages();
  if (missing.length === 0) {
    return;
  }
  progress(`installing ${missing.join(', ')} from Debian, for the real node`);
  await installPackages(missing);
}

/** Installs packages of Debian's, after what other processes install. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const aptGet = (...args: string[]) => promisify(execFile)('apt-get', ['--quiet', '--yes', ...wait, ...args], { env });
  await aptGet('update');
  await aptGet('install', '--no-install-recommends', ...names);
}

function missingPackages(): string[] {
  return Object.entries(packages)
    .filter(([, program]) => !isThere(program))
    .map(([name]) => name);
}

function isThere(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
