import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { kubeletVersion } from '../test/control-plane/program-sources';
import type { Circumstances } from './results';

/** Of this machine and this working copy, now. */
export function circumstancesOf(args: readonly string[]): Circumstances {
  const git = (...what: readonly string[]) => execFileSync('git', what, { cwd: __dirname }).toString().trim();
  const hasChanges = git('status', '--porcelain', '--', '../lib', '../package-lock.json') !== '';
  return {
    cores: cpus().length,
    memoryGigabytes: totalmem() / 2 ** 30,
    versions: { Node: process.version, Kubernetes: kubeletVersion, Istio: '1.31.1' },
    commit: `${git('rev-parse', '--short=12', 'HEAD')}${hasChanges ? ' with changes' : ''}`,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? NaN,
    args,
  };
}
