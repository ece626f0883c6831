import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DOCUMENTS, PROJECT, read } from './documents';

const MINUTES = 5 * 60_000;

describe('npm run site', () => {
  let site: string;

  // A broken link in a document or a docstring makes the build fail.
  beforeAll(async () => {
    site = mkdtempSync(join(tmpdir(), 'site-'));
    await promisify(execFile)('npm', ['run', 'site', '--', '--out', site], { cwd: PROJECT });
  }, MINUTES);

  afterAll(() => {
    rmSync(site, { recursive: true, force: true });
  });

  const titles = (folder: string) =>
    readdirSync(join(site, folder)).map(
      (file) => /<title>(.*?) \| istio-module<\/title>/.exec(readFileSync(join(site, folder, file), 'utf8'))?.[1],
    );

  test('has a page for each document, named by its heading', () => {
    const headings = DOCUMENTS.filter((document) => document !== 'README.md').map((document) => {
      const [, heading = ''] = /^# (.+)$/m.exec(read(document)) ?? [];
      return `${document.startsWith('docs/') ? 'Guides' : 'Project'}/${heading}`;
    });
    expect(titles('documents').sort()).toEqual([...headings, 'Project/Results of the benchmark'].sort());
  });

  test('has a page for each class of each entry point', () => {
    expect(titles('classes')).toEqual(expect.arrayContaining(['TrafficPolicy', 'MeshDeployment', 'RestartError']));
  });

  test('begins with the README', () => {
    expect(readFileSync(join(site, 'index.html'), 'utf8')).toContain('See what is outdated');
  });
});
