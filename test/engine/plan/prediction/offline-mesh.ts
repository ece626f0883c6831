import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import type { Istioctl, OfflineConfiguration } from '../../../../lib/engine/plan/prediction/istioctl';
import type { Revision } from '../../../../lib/engine/plan/prediction/injection-state';
import type { UninjectedPod } from '../../../../lib/engine/plan/prediction/offline-pod';

export const FAKE_ISTIOCTL: Istioctl = { path: join(__dirname, 'fake-istioctl'), version: '1.31.1' };

export function revisionOf(fields: Partial<Revision> = {}): Revision {
  return {
    ...{ name: 'default', namespace: 'istio-system', version: '1.31.1', env: {} },
    config: '{"policy":"enabled","templates":{"sidecar":"{{ .Values.global.hub }}"}}',
    values: '{"global":{"hub":"registry.example","tag":"1.31.1"}}',
    mesh: '{"defaultConfig":{"concurrency":2}}',
    ...fields,
  };
}

export function configurationOf(
  fields: Partial<Revision> = {},
  more: Partial<OfflineConfiguration> = {},
): OfflineConfiguration {
  return {
    ...{ revision: revisionOf(fields), policy: {}, cluster: undefined, network: undefined, nativeSidecars: false },
    ...more,
  };
}

export function uninjectedPod(name: string, annotations: Record<string, string> = {}): UninjectedPod {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name, namespace: 'shop', labels: { app: name }, annotations } as UninjectedPod['metadata'],
    spec: { containers: [{ name: 'app', image: 'app' }] },
  };
}

interface Call {
  readonly pid: number;
  readonly pods: number;
  readonly modes: readonly number[];
  readonly env: Readonly<Record<string, string>>;
  readonly revision: string;
}

/** A directory for the temporary files of one test, including those that the test has istioctl write. */
export class Scratch {
  private readonly place: jest.SpiedFunction<typeof os.tmpdir>;

  private constructor(
    private readonly directory: string,
    private readonly temporary: string,
  ) {
    // The module `os` does not read the environment of a test, so its function is replaced.
    this.place = jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
  }

  static async make(): Promise<Scratch> {
    const directory = await mkdtemp(join(os.tmpdir(), 'scratch-'));
    return new Scratch(directory, await mkdtemp(join(directory, 'tmp-')));
  }

  async remove(): Promise<void> {
    this.place.mockRestore();
    await rm(this.directory, { recursive: true });
  }

  get log(): string {
    return join(this.directory, 'log');
  }

  /** The calls of the fake istioctl, in order. */
  async calls(): Promise<readonly Call[]> {
    const text = await readFile(this.log, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Call]));
  }

  /** The temporary files that are left. */
  leftovers(): Promise<readonly string[]> {
    return readdir(this.temporary);
  }

  /** Writes a program with these lines of shell, and returns its path. */
  async program(lines: string, mode = 0o755): Promise<string> {
    const path = join(this.directory, 'istioctl');
    await writeFile(path, `#!/bin/sh\n${lines}\n`);
    await chmod(path, mode);
    return path;
  }

  get path(): string {
    return this.directory;
  }

  async firstCall(): Promise<Call> {
    for (;;) {
      const [call] = await this.calls();
      if (call) return call;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
