import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { promisify } from 'node:util';

/** The Debian packages that a real node needs, each with a program that exists if the package is installed. */
const packages: Readonly<Record<string, string>> = {
  runc: '/usr/sbin/runc',
  iptables: '/usr/sbin/xtables-nft-multi',
  conntrack: '/usr/sbin/conntrack',
  iproute2: '/sbin/ip',
};

/** The container runtime's lowest layer, from Debian. */
export const runc = packages.runc ?? '';

/** The properties of a machine that decide whether it can run a real node. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  /** Debian packages that it lacks. */
  readonly missing: readonly string[];
  /** Whether it can install them. */
  readonly aptGet: boolean;
}

/** Why a machine cannot run a real node, in one clause; `undefined` if it can. */
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
 * Installs the Debian packages that are missing.
 *
 * @throws Error when this machine cannot run a real node
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

/** Installs Debian packages, once other processes have installed theirs. */
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
