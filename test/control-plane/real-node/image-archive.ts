import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A container image that is made from files. */
export interface Image {
  /** Such as `docker.io/istio/pilot:1.31.1-distroless`. */
  readonly name: string;
  /** Folders that each contain the files of one layer; a layer that several images share is stored once. */
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  /**
   * Numeric user and group, such as `1337:1337`.
   *
   * @default - root
   */
  readonly user?: string;
}

const run = promisify(execFile);
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Writes images as one archive, in the format of `docker save`, which `ctr images import` takes.
 *
 * @param file written as a whole or not at all
 */
export async function writeImageArchive(file: string, images: readonly Image[]): Promise<void> {
  const folder = `${file}.${String(process.pid)}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const digests = new Map<string, string>();
  for (const layer of new Set(images.flatMap(({ layers }) => layers))) {
    digests.set(layer, await writeLayer(layer, folder));
  }
  const manifest = images.map((image) => {
    const layers = image.layers.map((layer) => digests.get(layer) ?? '');
    const configuration = JSON.stringify(imageConfiguration(image, layers));
    const name = `${createHash('sha256').update(configuration).digest('hex')}.json`;
    writeFileSync(join(folder, name), configuration);
    return { Config: name, RepoTags: [image.name], Layers: layers.map((digest) => `${digest}/layer.tar`) };
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  await run('tar', ['--create', '--file', `${folder}.tar`, '--directory', folder, '.']);
  mkdirSync(dirname(file), { recursive: true });
  renameSync(`${folder}.tar`, file);
  rmSync(folder, { recursive: true, force: true });
}

function imageConfiguration({ entrypoint, user }: Image, layers: readonly string[]): object {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config: { User: user ?? '', Entrypoint: entrypoint, Env: ['PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin'] },
    rootfs: { type: 'layers', diff_ids: layers.map((digest) => `sha256:${digest}`) },
    history: layers.map(() => ({ created_by: 'files' })),
  };
}

/** @returns the SHA-256 of the layer, by which it is named */
async function writeLayer(files: string, folder: string): Promise<string> {
  const temporary = join(folder, 'layer.tar');
  await run('tar', [
    ...['--create', '--file', temporary, '--sort=name', '--mtime=@0', '--numeric-owner', '--hard-dereference'],
    ...['--directory', files, '.'],
  ]);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(temporary)) {
    hash.update(chunk as Buffer);
  }
  const digest = hash.digest('hex');
  mkdirSync(join(folder, digest), { recursive: true });
  renameSync(temporary, join(folder, digest, 'layer.tar'));
  return digest;
}
