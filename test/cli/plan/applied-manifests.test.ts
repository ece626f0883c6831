import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { appliedManifests } from '../../../lib/cli/plan/applied-manifests';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
const NONE = 'contains no Kubernetes object; pass files or directories with the manifests to apply.';

describe('the manifests of --with', () => {
  let directory: string;
  let before: string;

  beforeEach(() => {
    before = process.cwd();
    directory = mkdtempSync(join(tmpdir(), 'with-'));
    process.chdir(directory);
    mkdirSync('chart');
    writeFileSync('chart/values.yaml', 'replicas: 3\n');
    mkdirSync('empty');
    writeFileSync('list.yaml', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [CONFIG_MAP] }));
    writeFileSync('no-items.yaml', 'apiVersion: v1\nkind: List\nitems: []\n');
    writeFileSync('blank.yaml', '---\n---\n');
    writeFileSync('syntax.yaml', 'a: [\n');
    writeFileSync('text.txt', 'just text\n');
    writeFileSync('binary.yaml', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00]));
  });

  afterEach(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  });

  const read = (paths: readonly string[], stdin = '') => appliedManifests(paths, Readable.from([stdin]));

  test('are returned as objects, without their sources', async () => {
    expect(await read(['list.yaml'])).toEqual([CONFIG_MAP]);
    expect(await read(['blank.yaml', '-'], JSON.stringify(CONFIG_MAP))).toEqual([CONFIG_MAP]);
  });

  test.each([
    [['nowhere'], '--with nowhere cannot be read: no such file or directory; check the path.'],
    [
      ['empty'],
      '--with empty contains no file that ends in .yaml, .yml or .json; pass another directory, or the files themselves.',
    ],
    [
      ['text.txt'],
      '--with text.txt, document 1, line 1: not a Kubernetes object: it is not a mapping; write one with apiVersion, kind and metadata.name, or leave the file out.',
    ],
    [
      ['list.yaml', 'syntax.yaml'],
      '--with syntax.yaml, document 1, line 2: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; fix it, or leave the file out.',
    ],
    [['binary.yaml'], '--with binary.yaml is not UTF-8 text; pass a YAML or JSON file, or leave this one out.'],
    [['blank.yaml'], `--with blank.yaml: ${NONE}`],
    [['no-items.yaml'], `--with no-items.yaml: ${NONE}`],
    [['chart', '-'], `--with chart --with -: ${NONE}`],
  ])('are refused: %j', async (paths, message) => {
    await expect(read(paths)).rejects.toMatchObject({ code: 'InvalidOption', message });
  });
});
