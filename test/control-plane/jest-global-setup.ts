import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { withLock } from './file-lock';
import { olderIstio } from './istio-versions';
import { istioctl, programs, programsCache } from './programs';
import { noRealNodeBecause } from './real-node/machine';
import { RealNode } from './real-node/real-node';

/** The part of jest's configuration that says which files are to run. */
interface Selection {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
}

/**
 * Builds the local control plane's programs before any test runs, so that no test waits for a build; those of the real
 * node and of the older Istio where a test that is to run needs them.
 */
export default async function buildPrograms({ testPathPatterns: { patterns } }: Selection): Promise<void> {
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  mkdirSync(programsCache(), { recursive: true });
  await withLock(
    join(programsCache(), 'tests.lock'),
    () => buildSelected(patterns, progress),
    (pid) => {
      progress(`waiting for process ${String(pid)}, which obtains the programs of the tests; see dist/programs.log`);
    },
  );
}

async function buildSelected(patterns: readonly string[], progress: (line: string) => void): Promise<void> {
  await programs({ progress });
  await istioctl({ progress });
  const selected = (file: string) =>
    patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern).test(file));
  if (noRealNodeBecause() === undefined && testsThatSay(/\bonRealNode\(/).some(selected)) {
    await RealNode.prepare(progress);
  }
  if (testsThatSay(/\b(?:olderIstio|loadOlderIstio)\(|'\.\.\/demo\/lifecycle'/).some(selected)) {
    await olderIstio(progress);
  }
}

function testsThatSay(words: RegExp): string[] {
  const tests = resolve(__dirname, '..');
  return readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .map((name) => join(tests, name))
    .filter((file) => file.endsWith('.e2e.test.ts') && words.test(readFileSync(file, 'utf8')));
}
