import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { writeImageArchive } from './image-archive';
import { librariesOf } from './libraries-of';

/** The programs of one version of Istio, as files. */
export interface IstioPrograms {
  /** Such as `1.31.1`. */
  readonly version: string;
  readonly pilotDiscovery: string;
  readonly pilotAgent: string;
  /**
   * The CNI node agent, and the plugin that it installs.
   *
   * @default - this version has no image of the agent
   */
  readonly cni?: { readonly installer: string; readonly plugin: string };
  /** Template of Envoy's bootstrap configuration, which pilot-agent fills in. */
  readonly bootstrapTemplate: string;
}

/** User and group that proxies run as; the charts name it. */
const proxyUser = 1337;

const run = promisify(execFile);

/**
 * Writes the images that Istio's charts name (pilot, proxyv2 and install-cni, distroless as the module configures them)
 * as one archive.
 *
 * @param envoy the proxy itself
 */
export async function writeIstioImages(file: string, istio: IstioPrograms, envoy: string): Promise<void> {
  const scratch = mkdtempSync(join(dirname(file), 'istio-images-'));
  try {
    const layer = (name: string) => join(scratch, name);
    await baseLayer(layer('base'), envoy);
    program(layer('discovery'), istio.pilotDiscovery, 'usr/local/bin/pilot-discovery');
    program(layer('proxy'), istio.pilotAgent, 'usr/local/bin/pilot-agent');
    program(layer('proxy'), envoy, 'usr/local/bin/envoy');
    copy(istio.bootstrapTemplate, join(layer('proxy'), 'var/lib/istio/envoy/envoy_bootstrap_tmpl.json'));
    if (istio.cni !== undefined) {
      program(layer('cni'), istio.cni.installer, 'usr/local/bin/install-cni');
      program(layer('cni'), istio.cni.plugin, 'opt/cni/bin/istio-cni');
    }
    const image = (name: string, top: string, entrypoint: string, user?: string) => ({
      name: `docker.io/istio/${name}:${istio.version}-distroless`,
      layers: [layer('base'), layer(top)],
      entrypoint: [`/usr/local/bin/${entrypoint}`],
      ...(user === undefined ? {} : { user }),
    });
    await writeImageArchive(file, [
      // The chart asks for a user that is not root, by number.
      image('pilot', 'discovery', 'pilot-discovery', `${String(proxyUser)}:${String(proxyUser)}`),
      image('proxyv2', 'proxy', 'pilot-agent'),
      ...(istio.cni === undefined ? [] : [image('install-cni', 'cni', 'install-cni')]),
    ]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The layer that all images share: iptables, its libraries and Envoy's, users, certificates, and writable folders. */
async function baseLayer(root: string, envoy: string): Promise<void> {
  const iptables = ['/usr/sbin/xtables-nft-multi', '/usr/sbin/xtables-legacy-multi'];
  for (const file of new Set((await Promise.all([envoy, ...iptables].map(librariesOf))).flat())) {
    copy(file, join(root, file));
  }
  for (const file of iptables) {
    program(root, file, file);
  }
  for (const extension of await filesOfPackage('iptables', /\/xtables\/.*\.so$/)) {
    copy(extension, join(root, extension));
  }
  for (const kind of ['nft', 'legacy']) {
    for (const command of ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`])) {
      const named = command.replace('tables', `tables-${kind}`);
      symlinkSync(`xtables-${kind}-multi`, join(root, 'usr/sbin', named));
      if (kind === 'nft') {
        symlinkSync('xtables-nft-multi', join(root, 'usr/sbin', command));
      }
    }
  }
  const users = [
    `root:x:0:0:root:/:/sbin/nologin`,
    `istio-proxy:x:${String(proxyUser)}:${String(proxyUser)}::/:/sbin/nologin`,
  ];
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), `${users.join('\n')}\n`);
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nistio-proxy:x:${String(proxyUser)}:\n`);
  copy('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'));
  for (const folder of [
    'etc/istio/proxy',
    'var/lib/istio',
    'var/lib/istio/data',
    'var/lib/istio/envoy',
    'var/run',
    'tmp',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
    chownSync(join(root, folder), proxyUser, proxyUser);
  }
  chmodSync(join(root, 'tmp'), 0o1777);
}

async function filesOfPackage(name: string, pattern: RegExp): Promise<string[]> {
  const { stdout } = await run('dpkg', ['--listfiles', name]);
  return stdout.split('\n').filter((line) => pattern.test(line));
}

function program(root: string, from: string, to: string): void {
  copy(from, join(root, to));
  chmodSync(join(root, to), 0o755);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
