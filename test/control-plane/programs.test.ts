import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { kubernetesProviderVersion } from './program-sources';
import { locatePrograms, programs } from './programs';

const remedy =
  'the local control plane is built with Go 1.26 or newer: install it from https://go.dev/dl, ' +
  'see that `go version` works in this shell, and run the command again';

describe('programs', () => {
  const environment = { ...process.env };
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'programs-'));
    process.env.XDG_CACHE_HOME = join(directory, 'cache');
    process.env.PATH = join(directory, 'bin');
  });

  afterEach(() => {
    process.env = { ...environment };
  });

  it('says what to install when there is no Go', async () => {
    await expect(programs()).rejects.toThrow(`there is no \`go\` on PATH; ${remedy}`);
  });

  it('have the Kubernetes provider in the version of the SDK', () => {
    const { version } = jest.requireActual<{ version: string }>('@pulumi/kubernetes/package.json');
    expect(kubernetesProviderVersion).toBe(version);
  });

  it('says what to install when Go is too old', async () => {
    process.env.PATH = directory;
    const go = join(directory, 'go');
    writeFileSync(go, '#!/bin/sh\necho go1.25.3\n');
    chmodSync(go, 0o755);
    await expect(programs()).rejects.toThrow(`\`go\` on PATH is go1.25.3; ${remedy}`);
  });

  it('obtains what is needed of the programs that share a directory', async () => {
    process.env.PATH = directory;
    process.env.ISTIO_MODULE_PROGRAMS_FROM = 'modules';
    const go = join(directory, 'go');
    writeFileSync(
      go,
      '#!/bin/sh\n[ "$1" = env ] && echo go1.26.0\n[ "$1" = build ] || exit 0\nwhile [ "$1" != -o ]; do shift; done\n: >"$2"\n',
    );
    chmodSync(go, 0o755);
    const sources = ['helm', 'istioctl'].map((name) => ({ name, package: name }));
    const first = await locatePrograms(sources, undefined, sources.slice(0, 1));
    const areThere = () => sources.map(({ name }) => existsSync(first.path(name)));
    expect(areThere()).toEqual([true, false]);
    const second = await locatePrograms(sources, undefined, sources.slice(1));
    expect(second.directory).toBe(first.directory);
    expect(areThere()).toEqual([true, true]);
  });
});
