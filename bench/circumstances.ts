import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { kubeletVersion } from '../test/control-plane/program-sources';
import type { Circumstances } from './results';

/** The circumstances of a measurement: this machine, this working copy and the earlier checkout. */
export function circumstancesOf(args: readonly string[], before?: string): Circumstances {
  const git = (...what: readonly string[]) => gitIn(__dirname, what);
  const hasChanges = git('status', '--porcelain', '--', '../lib', '../package-lock.json') !== '';
  return {
    cores: cpus().length,
    memoryGigabytes: totalmem() / 2 ** 30,
    versions: { Node: process.version, Kubernetes: kubeletVersion, Istio: '1.31.1' },
    commit: `${git('rev-parse', '--short=12', 'HEAD')}${hasChanges ? ' with changes' : ''}`,
    ...(before === undefined ? {} : { before: gitIn(before, ['rev-parse', '--short=12', 'HEAD']) }),
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? NaN,
    args,
  };
}

function gitIn(directory: string, args: readonly string[]): string {
  return execFileSync('git', args, { cwd: directory }).toString().trim();
}
