import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { readManifests } from '../../../lib/cli/manifests/read-manifests';

const configMap = (name: string, rest = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;

describe('readManifests', () => {
  let directory: string;
  let before: string;

  beforeEach(() => {
    before = process.cwd();
    directory = mkdtempSync(join(tmpdir(), 'manifests-'));
    process.chdir(directory);
  });

  afterEach(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  const read = (paths: readonly string[], ...stdin: readonly string[]) => readManifests(paths, Readable.from(stdin));
  const names = async (paths: readonly string[], ...stdin: readonly string[]) =>
    (await read(paths, ...stdin)).map(({ source, object }) => `${source} ${object.kind}/${object.metadata.name}`);

  test('reads the documents of a file, and leaves out the empty ones', async () => {
    write('a.yaml', `# head\n---\n${configMap('a')}---\n---\n# nothing\n---\n${configMap('b')}`);
    expect(await names(['a.yaml'])).toEqual(['a.yaml ConfigMap/a', 'a.yaml ConfigMap/b']);
  });

  test('returns an object unchanged, with fields that its kind does not have', async () => {
    write('a.yaml', configMap('a', '  namespace: shop\n  labels: { app: a }\ndata: { key: value }\nitems: text\n'));
    expect(await read(['a.yaml'])).toEqual([
      {
        source: 'a.yaml',
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'a', namespace: 'shop', labels: { app: 'a' } },
          data: { key: 'value' },
          items: 'text',
        },
      },
    ]);
  });

  test('reads directories in the order of names, with subfolders and links, without hidden files and packages', async () => {
    write('dist/b.yml', configMap('b'));
    write('dist/a/z.json', JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'z' } }, null, '\t'));
    write('dist/c.yaml', configMap('c'));
    write('dist/notes.md', configMap('no'));
    write('dist/.hidden/h.yaml', configMap('no'));
    write('dist/node_modules/n.yaml', 'no: [');
    symlinkSync('b.yml', 'dist/d.yaml');
    symlinkSync('.', 'dist/loop');
    expect(await names(['dist', 'dist'])).toEqual([
      'dist/a/z.json Secret/z',
      'dist/b.yml ConfigMap/b',
      'dist/c.yaml ConfigMap/c',
      'dist/d.yaml ConfigMap/b',
    ]);
  });

  test('leaves out files of a directory that contain no Kubernetes object', async () => {
    write('chart/values.yaml', 'replicas: 3\n');
    write('chart/list.json', '[1]');
    write('chart/kustomization.yaml', 'apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\n');
    write('chart/a.yaml', `just text\n---\n${configMap('a')}`);
    expect(await names(['chart'])).toEqual(['chart/a.yaml ConfigMap/a']);
  });

  test('reads the standard input in pieces that split a character', async () => {
    const bytes = Buffer.from(configMap('a', 'data: { word: größe }\n'));
    const at = bytes.indexOf(0xc3) + 1;
    const [manifest] = await readManifests(['-'], Readable.from([bytes.subarray(0, at), bytes.subarray(at)]));
    expect(manifest).toMatchObject({ source: 'stdin', object: { data: { word: 'größe' } } });
  });

  test('reads files and the standard input in the given order', async () => {
    write('a.yaml', configMap('a'));
    expect(await names(['-', 'a.yaml', '-'], configMap('in'))).toEqual(['stdin ConfigMap/in', 'a.yaml ConfigMap/a']);
  });

  test('reads the items of Lists, also nested ones, and adds the kind to items of a typed List', async () => {
    const item = { metadata: { name: 'x', namespace: 'shop' }, spec: {} };
    const typed = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualServiceList', metadata: {}, items: [item] };
    write('a.yaml', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [typed] }));
    expect(await read(['a.yaml'])).toEqual([
      { source: 'a.yaml', object: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', ...item } },
    ]);
  });

  test('reads values like the API server: yes is true, dates and times of day are text, merges work', async () => {
    write(
      'a.yaml',
      configMap('a', 'base: &base { a: yes }\ndata: { <<: *base, b: 2026-01-31, c: 12:30, d: 0644, e: "yes" }\n'),
    );
    const [manifest] = await read(['a.yaml']);
    expect(manifest?.object.data).toEqual({ a: true, b: '2026-01-31', c: '12:30', d: 0o644, e: 'yes' });
  });

  test('takes generateName for a name', async () => {
    write('a.yaml', 'apiVersion: batch/v1\nkind: Job\nmetadata: { generateName: once- }\n');
    expect(await names(['a.yaml'])).toEqual(['a.yaml Job/once-']);
  });

  const TO_BE_OBJECT = 'write one with apiVersion, kind and metadata.name, or leave the file out.';
  test.each([
    [
      `${configMap('a')}---\n${configMap('b', 'data: { a: [1 }\n')}`,
      'a.yaml, document 2, line 10: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; fix it, or leave the file out.',
    ],
    [
      `${configMap('a')}metadata: {}\n`,
      'a.yaml, document 1, line 5: not valid YAML: Map keys must be unique; fix it, or leave the file out.',
    ],
    [
      `a: *nowhere\n`,
      'a.yaml, document 1, line 1: not valid YAML: Unresolved alias (the anchor must be set before the alias): nowhere; fix it, or leave the file out.',
    ],
    [
      `# values\n\nreplicas: 3\n`,
      `a.yaml, document 1, line 3: not a Kubernetes object: it has no apiVersion; ${TO_BE_OBJECT}`,
    ],
    [
      `${configMap('a')}---\napiVersion: v1\nmetadata: { name: a }\n`,
      `a.yaml, document 2, line 6: not a Kubernetes object: it has no kind; ${TO_BE_OBJECT}`,
    ],
    [
      `apiVersion: v1\nkind: Secret\n`,
      `a.yaml, document 1, line 1: not a Kubernetes object: it has no metadata.name; ${TO_BE_OBJECT}`,
    ],
    ['- 1\n- 2\n', `a.yaml, document 1, line 1: not a Kubernetes object: it is not a mapping; ${TO_BE_OBJECT}`],
    [
      `apiVersion: v1\nkind: List\nitems: [{ kind: Secret }]\n`,
      `a.yaml, document 1, line 1: not a Kubernetes object: items[0] has no apiVersion; ${TO_BE_OBJECT}`,
    ],
  ])('refuses %j', async (text, message) => {
    write('a.yaml', text);
    await expect(read(['a.yaml'])).rejects.toMatchObject({ code: 'InvalidOption', message });
  });

  test('refuses invalid YAML in a directory, too', async () => {
    write('dist/b.yaml', 'a: b: c\n');
    await expect(read(['dist'])).rejects.toThrow(
      'dist/b.yaml, document 1, line 1: not valid YAML: Nested mappings are not allowed in compact mappings; fix it, or leave the file out.',
    );
  });

  test.each([
    ['bytes that are not UTF-8', [0x61, 0xff, 0x62]],
    ['a zero byte', [0x61, 0x00]],
  ])('refuses a file with %s', async (_, bytes) => {
    writeFileSync('a.yaml', Buffer.from(bytes));
    const message = 'is not UTF-8 text; pass a YAML or JSON file, or leave this one out.';
    await expect(read(['a.yaml'])).rejects.toMatchObject({ code: 'InvalidOption', message: `a.yaml ${message}` });
    await expect(readManifests(['-'], Readable.from([Buffer.from(bytes)]))).rejects.toThrow(`stdin ${message}`);
  });

  test('refuses a path that does not exist', async () => {
    await expect(read(['a.yaml'])).rejects.toMatchObject({
      code: 'InvalidOption',
      message: 'a.yaml cannot be read: no such file or directory; check the path.',
    });
  });

  test('refuses a directory without manifests', async () => {
    mkdirSync('empty');
    await expect(read(['empty'])).rejects.toThrow(
      'empty contains no file that ends in .yaml, .yml or .json; pass another directory, or the files themselves.',
    );
  });
});
