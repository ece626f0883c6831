import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { kubernetesProviderVersion } from './program-sources';
import { programs } from './programs';

const remedy =
  'the local control plane is built with Go 1.26 or newer: install it from https://go.dev/dl, ' +
  'see that `go version` works in this shell, and run the command again';

describe('programs', () => {
  const environment = { ...process.env };
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'programs-'));
    process.env['XDG_CACHE_HOME'] = join(directory, 'cache');
    process.env['PATH'] = join(directory, 'bin');
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
    process.env['PATH'] = directory;
    const go = join(directory, 'go');
    writeFileSync(go, '#!/bin/sh\necho go1.25.3\n');
    chmodSync(go, 0o755);
    await expect(programs()).rejects.toThrow(`\`go\` on PATH is go1.25.3; ${remedy}`);
  });
});
