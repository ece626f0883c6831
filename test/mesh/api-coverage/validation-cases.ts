import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { go } from '../../control-plane/go-command';
import { sourcesDirectory } from '../../control-plane/program-sources';
import type { Manifest } from '../synthesis';

const RECORDER = join(sourcesDirectory, 'istio-validation', 'testdata', 'record_cases_test.go');

/**
 * The objects that the tests of Istio's own validation validate, each once: the cases that its authors thought of. The
 * tests run in a copy, together with a file that records the objects. Objects whose name the API server would not
 * accept get another one.
 */
export async function validationCases(): Promise<Manifest[]> {
  const istio = await go(['list', '-m', '-f', '{{.Dir}}', 'istio.io/istio'], sourcesDirectory);
  const directory = mkdtempSync(join(tmpdir(), 'istio-cases-'));
  try {
    const copy = join(directory, 'validation');
    mkdirSync(copy);
    for (const file of ['go.mod', 'go.sum']) copyFileSync(join(sourcesDirectory, file), join(directory, file));
    const original = join(istio.trim(), 'pkg', 'config', 'validation');
    for (const file of readdirSync(original).filter((name) => name.endsWith('.go'))) {
      // A copy with copyFileSync would be read-only.
      writeFileSync(join(copy, file), readFileSync(join(original, file)));
    }
    copyFileSync(RECORDER, join(copy, 'record_cases_test.go'));
    // The copied go.mod is for other packages, but contains what the tests import.
    await go(['test', '-mod=mod', '-count=1', '-run', '^TestValidate', './validation'], directory);
    const lines = readFileSync(join(copy, 'cases.jsonl'), 'utf8').trim().split('\n');
    return [...new Set(lines)].map((line) => named(JSON.parse(line) as Manifest));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function named(object: Manifest): Manifest {
  const { name, namespace } = object.metadata;
  const given = /^[-a-z0-9]+$/.test(name) ? name : 'one';
  return { ...object, metadata: { ...object.metadata, name: given, namespace: namespace || 'default' } };
}
