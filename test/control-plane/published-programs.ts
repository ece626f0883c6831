/** A file of a release, and where its SHA-256 is published. */
export interface PublishedFile {
  readonly url: string;
  readonly checksum: PublishedChecksum;
  readonly contents: Contents;
}

export type PublishedChecksum =
  /** A text with the checksum alone, or with a line for each file. */
  | { readonly kind: 'file'; readonly url: string }
  /** GitHub's description of a release, with the checksum that GitHub computed for each file. */
  | { readonly kind: 'github-release'; readonly url: string };

export type Contents =
  /** The file is the program. */
  | { readonly kind: 'program'; readonly name: string }
  /** The file is a gzipped tar archive; the path of each program in it, by the program's name. */
  | { readonly kind: 'archive'; readonly programs: Readonly<Record<string, string>> };

/** A machine that projects publish programs for. */
interface Machine {
  readonly os: 'linux' | 'darwin';
  readonly arch: 'amd64' | 'arm64';
}

/** Versions of the published programs. A test checks that they are those of the Go modules. */
export const publishedVersions = {
  kubernetes: '1.36.3',
  etcd: '3.6.13',
  kwok: '0.8.0',
  istio: '1.31.1',
  helm: '3.21.0',
  pulumi: '3.259.0',
  pulumiKubernetes: '4.34.2',
  containerd: '2.4.2',
  cniPlugins: '1.10.0',
  coredns: '1.15.0',
} as const;

/**
 * The files to download instead of compiling a program.
 *
 * @param program name of a `ProgramSource`
 * @returns `undefined` when the program is not published, or not for this machine
 */
export function publishedFiles(
  program: string,
  platform: string = process.platform,
  architecture: string = process.arch,
): readonly PublishedFile[] | undefined {
  const arch = architecture === 'x64' ? 'amd64' : architecture;
  if ((platform !== 'linux' && platform !== 'darwin') || (arch !== 'amd64' && arch !== 'arm64')) {
    return undefined;
  }
  return files[program]?.({ os: platform, arch });
}

const files: Readonly<Record<string, (machine: Machine) => readonly PublishedFile[] | undefined>> = {
  kubernetes: onLinux((machine) => [
    etcd(machine),
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => kubernetes(name, machine)),
  ]),
  kwok: (machine) => [kwok('kwok', machine)],
  kwokctl: (machine) => [kwok('kwokctl', machine)],
  istioctl: ({ os, arch }) => {
    const file = `istioctl-${publishedVersions.istio}-${os === 'darwin' ? 'osx' : os}-${arch}.tar.gz`;
    const url = `${release('istio/istio', publishedVersions.istio)}/${file}`;
    return [archive(url, `${url}.sha256`, { istioctl: 'istioctl' })];
  },
  helm: ({ os, arch }) => {
    const url = `https://get.helm.sh/helm-v${publishedVersions.helm}-${os}-${arch}.tar.gz`;
    return [archive(url, `${url}.sha256sum`, { helm: `${os}-${arch}/helm` })];
  },
  pulumi: (machine) => [pulumi('pulumi', machine)],
  'pulumi-language-nodejs': (machine) => [pulumi('pulumi-language-nodejs', machine)],
  'pulumi-resource-kubernetes': ({ os, arch }) => {
    const tag = `v${publishedVersions.pulumiKubernetes}`;
    const name = 'pulumi-resource-kubernetes';
    return [
      {
        url: `${release('pulumi/pulumi-kubernetes', tag)}/${name}-${tag}-${os}-${arch}.tar.gz`,
        checksum: githubRelease('pulumi/pulumi-kubernetes', tag),
        contents: { kind: 'archive', programs: { [name]: name } },
      },
    ];
  },
  kubelet: onLinux((machine) => [kubernetes('kubelet', machine)]),
  'kube-proxy': onLinux((machine) => [kubernetes('kube-proxy', machine)]),
  containerd: onLinux((machine) => [containerd('containerd', machine)]),
  'containerd-shim-runc-v2': onLinux((machine) => [containerd('containerd-shim-runc-v2', machine)]),
  ctr: onLinux((machine) => [containerd('ctr', machine)]),
  bridge: onLinux((machine) => [cniPlugin('bridge', machine)]),
  loopback: onLinux((machine) => [cniPlugin('loopback', machine)]),
  'host-local': onLinux((machine) => [cniPlugin('host-local', machine)]),
  portmap: onLinux((machine) => [cniPlugin('portmap', machine)]),
  coredns: onLinux(({ os, arch }) => {
    const version = publishedVersions.coredns;
    const url = `${release('coredns/coredns', `v${version}`)}/coredns_${version}_${os}_${arch}.tgz`;
    return [archive(url, `${url}.sha256`, { coredns: 'coredns' })];
  }),
};

function onLinux(published: (machine: Machine) => readonly PublishedFile[]) {
  return (machine: Machine) => (machine.os === 'linux' ? published(machine) : undefined);
}

function kubernetes(name: string, { os, arch }: Machine): PublishedFile {
  const url = `https://dl.k8s.io/release/v${publishedVersions.kubernetes}/bin/${os}/${arch}/${name}`;
  return { url, checksum: { kind: 'file', url: `${url}.sha256` }, contents: { kind: 'program', name } };
}

function etcd({ os, arch }: Machine): PublishedFile {
  const base = release('etcd-io/etcd', `v${publishedVersions.etcd}`);
  const folder = `etcd-v${publishedVersions.etcd}-${os}-${arch}`;
  return archive(`${base}/${folder}.tar.gz`, `${base}/SHA256SUMS`, { etcd: `${folder}/etcd` });
}

function kwok(name: string, { os, arch }: Machine): PublishedFile {
  const [project, tag] = ['kubernetes-sigs/kwok', `v${publishedVersions.kwok}`];
  return {
    url: `${release(project, tag)}/${name}-${os}-${arch}`,
    checksum: githubRelease(project, tag),
    contents: { kind: 'program', name },
  };
}

function pulumi(name: string, { os, arch }: Machine): PublishedFile {
  const base = 'https://get.pulumi.com/releases/sdk';
  const url = `${base}/pulumi-v${publishedVersions.pulumi}-${os}-${arch === 'amd64' ? 'x64' : arch}.tar.gz`;
  return archive(url, `${base}/pulumi-${publishedVersions.pulumi}-checksums.txt`, { [name]: `pulumi/${name}` });
}

function containerd(name: string, { os, arch }: Machine): PublishedFile {
  const version = publishedVersions.containerd;
  const url = `${release('containerd/containerd', `v${version}`)}/containerd-static-${version}-${os}-${arch}.tar.gz`;
  return archive(url, `${url}.sha256sum`, { [name]: `bin/${name}` });
}

function cniPlugin(name: string, { os, arch }: Machine): PublishedFile {
  const tag = `v${publishedVersions.cniPlugins}`;
  const url = `${release('containernetworking/plugins', tag)}/cni-plugins-${os}-${arch}-${tag}.tgz`;
  return archive(url, `${url}.sha256`, { [name]: name });
}

function release(project: string, tag: string): string {
  return `https://github.com/${project}/releases/download/${tag}`;
}

function githubRelease(project: string, tag: string): PublishedChecksum {
  return { kind: 'github-release', url: `https://api.github.com/repos/${project}/releases/tags/${tag}` };
}

function archive(url: string, checksums: string, programs: Readonly<Record<string, string>>): PublishedFile {
  return { url, checksum: { kind: 'file', url: checksums }, contents: { kind: 'archive', programs } };
}
