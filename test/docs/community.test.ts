import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT, read } from './documents';

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly strategy?: { readonly matrix: { readonly node: readonly number[] } } }>
  >;
}

const FILES: readonly string[] = [
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  ...readdirSync(join(PROJECT, '.github'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yml'))
    .map((file) => join('.github', file)),
];

describe('the files for contributors', () => {
  test.each(FILES.filter((file) => file.endsWith('.yml')))('hold YAML that parses: %s', (file) => {
    expect(parse(read(file), { uniqueKeys: true })).toBeInstanceOf(Object);
  });

  test('name no package registry host', () => {
    const hosts = /npmjs|registry\.|pypi\.org|proxy\.golang|crates\.io/;
    expect(FILES.filter((file) => hosts.test(read(file)))).toEqual([]);
  });

  test('run the same script on every supported version of Node', () => {
    const { jobs } = parse(read('.github/workflows/test.yml')) as Workflow;
    const versions = jobs.test?.strategy?.matrix.node ?? [];
    const { engines } = JSON.parse(read('package.json')) as { readonly engines: { readonly node: string } };
    expect(versions).toEqual([20, 22, 24]);
    expect(engines.node).toMatch(new RegExp(`^>=${String(versions[0])}\\.`));
    expect(read('.github/workflows/test.yml')).toContain('bash .ci/run');
  });

  test('publish with provenance, after the same tests', () => {
    const release = read('.github/workflows/release.yml');
    expect(release).toContain('npm publish --provenance');
    expect(release).toContain('uses: ./.github/workflows/test.yml');
  });

  test('publish the image for both architectures, with a bill of materials and provenance', () => {
    const { jobs } = parse(read('.github/workflows/release.yml')) as {
      readonly jobs: Readonly<
        Record<string, { readonly steps?: readonly { readonly uses?: string; readonly with?: object }[] }>
      >;
    };
    const build = jobs.image?.steps?.find(({ uses }) => uses?.startsWith('docker/build-push-action'));
    expect(build?.with).toMatchObject({
      ...{ file: 'deploy/Dockerfile', platforms: 'linux/amd64,linux/arm64', sbom: true, provenance: 'mode=max' },
    });
  });
});
