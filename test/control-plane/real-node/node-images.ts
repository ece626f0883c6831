import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { withLock } from '../file-lock';
import { dnsImage } from './cluster-dns';
import { writeImageArchive } from './image-archive';
import { type IstioPrograms, writeIstioImages } from './istio-images';
import { pauseImage } from './node-configuration';
import type { NodePrograms } from './node-programs';

/** Image of the application that the pods of traffic tests run. */
export const trafficAppImage = 'registry.local/traffic-app:1';

/**
 * The archive with the images of pods that are not part of Istio, made once.
 *
 * @returns the file
 */
export function nodeImages({ coredns, trafficApp }: NodePrograms): Promise<string> {
  const folder = join(dirname(trafficApp), 'images');
  const file = join(folder, 'node.tar');
  return once(file, async () => {
    const scratch = mkdtempSync(join(folder, 'files-'));
    const layer = (program: string) => {
      mkdirSync(join(scratch, basename(program)));
      copyFileSync(program, join(scratch, basename(program), basename(program)));
      return join(scratch, basename(program));
    };
    const app = layer(trafficApp);
    await writeImageArchive(file, [
      { name: pauseImage, layers: [app], entrypoint: ['/traffic-app', 'pause'] },
      { name: trafficAppImage, layers: [app], entrypoint: ['/traffic-app'] },
      { name: dnsImage, layers: [layer(coredns)], entrypoint: ['/coredns'] },
    ]);
    rmSync(scratch, { recursive: true });
  });
}

/**
 * The archive with the images of one version of Istio, made once.
 *
 * @returns the file
 */
export function istioImages(programs: NodePrograms, istio: IstioPrograms, envoy: string): Promise<string> {
  // Programs lie in folders that are named after what they were built from.
  const key = createHash('sha256')
    .update(JSON.stringify([istio, envoy]))
    .digest('hex')
    .slice(0, 8);
  const file = join(programs.directory, 'images', `istio-${istio.version}-${key}.tar`);
  return once(file, () => writeIstioImages(file, istio, envoy));
}

async function once(file: string, write: () => Promise<void>): Promise<string> {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    await withLock(`${file}.lock`, async () => {
      if (!existsSync(file)) {
        await write();
      }
    });
  }
  return file;
}
