import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { writeImageArchive } from '../control-plane/real-node/image-archive';
import { librariesOf } from '../control-plane/real-node/libraries-of';
import { bundle } from './bundle';

/** The image's name on the node. */
export const restarterImage = 'registry.local/istio-module:test';

/** The user of distroless images that do not run as root. */
const NONROOT = 65_532;

/** Settings of the image that are also in deploy/Dockerfile. */
export const RESTARTER_IMAGE = {
  entrypoint: ['/nodejs/bin/node', '/istio-module.cjs'],
  user: `${String(NONROOT)}:${String(NONROOT)}`,
} as const;

/**
 * Writes the image of deploy/Dockerfile as an archive, without a registry: the bundle, on a base of files from this
 * machine instead of the distroless base.
 *
 * @returns a line for the test's output that says what is simulated and how big it is
 */
export async function writeRestarterImage(archive: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'restarter-image-'));
  try {
    const layer = (name: string) => join(scratch, name);
    const node = join(layer('base'), 'nodejs/bin/node');
    for (const library of await librariesOf(process.execPath)) {
      copy(library, join(layer('base'), library));
    }
    copy(process.execPath, node);
    mkdirSync(join(layer('base'), 'etc'), { recursive: true });
    writeFileSync(
      join(layer('base'), 'etc/passwd'),
      `nonroot:x:${String(NONROOT)}:${String(NONROOT)}::/:/sbin/nologin\n`,
    );
    mkdirSync(join(layer('base'), 'tmp'));
    const file = join(layer('bundle'), 'istio-module.cjs');
    await bundle(file);
    await writeImageArchive(archive, [
      {
        name: restarterImage,
        layers: [layer('base'), layer('bundle')],
        ...RESTARTER_IMAGE,
      },
    ]);
    const size = (path: string) => `${(statSync(path).size / 1e6).toFixed(1)} MB`;
    return `simulated: the base of the image, which is Node ${process.version} with its libraries from this machine and not a distroless one; the bundle has ${size(file)}, the archive with the base ${size(archive)}`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
