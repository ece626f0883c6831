import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type SourcePatch, patchedModule } from './patched-module';

/** Answers `go mod download -json MODULE` with what the working directory requires, and writes down `go mod edit`. */
const fakeGo = `#!/bin/sh
case "$2" in
  download) cat "$(echo "$4" | tr / -).json" ;;
  edit) echo "$@" >edited ;;
esac
`;

describe('patchedModule', () => {
  const path = process.env.PATH ?? '';
  const replacements = [{ file: 'pkg/main.go', from: 'v4', to: 'v6' }];
  let sources: string;
  let work: string;

  const write = (file: string, text: string): void => {
    mkdirSync(join(sources, file, '..'), { recursive: true });
    writeFileSync(join(sources, file), text);
  };
  const requires = (folder: string, module: string, Version: string): void => {
    write(
      join(folder, `${module.replaceAll('/', '-')}.json`),
      JSON.stringify({ Dir: join(sources, Version), Version }),
    );
  };
  const patched = (patch: Omit<SourcePatch, 'module'>): Promise<string> =>
    patchedModule({ module: 'istio.io/istio', ...patch }, sources, 'current', work);
  const read = (file: string): string => readFileSync(join(work, file), 'utf8');

  beforeEach(() => {
    sources = mkdtempSync(join(tmpdir(), 'sources-'));
    work = mkdtempSync(join(tmpdir(), 'patched-'));
    write('bin/go', fakeGo);
    chmodSync(join(sources, 'bin/go'), 0o755);
    process.env.PATH = `${join(sources, 'bin')}:${path}`;
    for (const folder of ['current', 'older']) {
      write(join(folder, 'go.mod'), `module ${folder}\n`);
      write(join(folder, 'go.sum'), `sums of ${folder}\n`);
    }
    for (const version of ['v1.31.0', 'v1.30.0']) {
      write(join(version, 'go.mod'), 'module istio.io/istio\n\ngo 1.25.9\n\nrequire k8s.io/api v0.35.3\n');
      write(join(version, 'pkg/main.go'), `${version} v4\n`);
    }
    requires('current', 'istio.io/istio', 'v1.31.0');
    requires('older', 'istio.io/istio', 'v1.30.0');
    requires('older', 'istio.io/api', 'v1.30.8');
  });

  afterEach(() => {
    process.env.PATH = path;
  });

  it('changes a copy, which a copy of the go.mod points to', async () => {
    expect(await patched({ replacements })).toBe(join(work, 'go.mod'));
    expect(read('istio.io-istio/pkg/main.go')).toBe('v1.31.0 v6\n');
    expect(readFileSync(join(sources, 'v1.31.0/pkg/main.go'), 'utf8')).toBe('v1.31.0 v4\n');
    expect(read('istio.io-istio/go.mod')).toContain('require k8s.io/api');
    expect(read('go.sum')).toBe('sums of current\n');
    expect(readFileSync(join(sources, 'current/edited'), 'utf8')).toBe(
      `mod edit -replace=istio.io/istio=${work}/istio.io-istio ${work}/go.mod\n`,
    );
  });

  it('takes another version without its requirements, and the modules that belong to it', async () => {
    await patched({ replacements, version: { requiredBy: 'older', with: ['istio.io/api'] } });
    expect(read('istio.io-istio/pkg/main.go')).toBe('v1.30.0 v6\n');
    expect(read('istio.io-istio/go.mod')).toBe('module istio.io/istio\ngo 1.25.9\n');
    expect(read('go.mod')).toBe('module current\n');
    expect(read('go.sum')).toBe('sums of current\nsums of older\n');
    expect(readFileSync(join(sources, 'current/edited'), 'utf8')).toContain(
      ' -replace=istio.io/api=istio.io/api@v1.30.8 ',
    );
  });

  it('refuses a dependency in which the text does not occur exactly once', async () => {
    write('v1.31.0/pkg/main.go', 'v4 v4\n');
    await expect(patched({ replacements })).rejects.toThrow('pkg/main.go has 2 occurrences of `v4` instead of one');
  });
});
