import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { istioVersion, kubeletVersion, kubernetesProviderVersion, programSources } from './program-sources';
import { type PublishedFile, publishedFiles, publishedVersions } from './published-programs';

const programs = join(__dirname, 'programs');

/** The version of a module that the go.mod below programs/ requires. */
function required(module: string, folder = ''): string | undefined {
  const goMod = readFileSync(join(programs, folder, 'go.mod'), 'utf8');
  return goMod
    .split('\n')
    .map((line) => line.replace('require ', '').trim().split(' '))
    .find(([name]) => name === module)?.[1];
}

describe('published programs', () => {
  it('have the versions of the Go modules', () => {
    const versions = {
      kubernetes: required('k8s.io/kubernetes'),
      etcd: required('go.etcd.io/etcd/server/v3'),
      kwok: required('sigs.k8s.io/kwok'),
      helm: required('helm.sh/helm/v3'),
      pulumi: required('github.com/pulumi/pulumi/pkg/v3'),
      containerd: required('github.com/containerd/containerd/v2', 'node-runtime'),
      cniPlugins: required('github.com/containernetworking/plugins', 'node-runtime'),
      coredns: required('github.com/coredns/coredns', 'coredns'),
    };
    const published = { ...publishedVersions, istio: undefined, pulumiKubernetes: undefined };
    expect(Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, version?.slice(1)]))).toEqual(
      JSON.parse(JSON.stringify(published)),
    );
  });

  it('have the versions that the programs report', () => {
    expect({
      kubernetes: publishedVersions.kubernetes,
      istio: publishedVersions.istio,
      pulumiKubernetes: publishedVersions.pulumiKubernetes,
    }).toEqual({
      kubernetes: kubeletVersion.slice(1),
      istio: istioVersion,
      pulumiKubernetes: kubernetesProviderVersion,
    });
  });

  it('contain every name under which a program is started, for Linux', () => {
    for (const { name, links = [name] } of programSources) {
      const files = publishedFiles(name, 'linux', 'x64');
      if (files !== undefined) {
        expect(files.flatMap(namesIn)).toEqual(links);
      }
    }
  });

  it('include all programs except those of Istio that no release contains', () => {
    const compiled = programSources.map(({ name }) => name).filter((name) => !publishedFiles(name, 'linux', 'arm64'));
    expect(compiled).toEqual(['pilot-discovery', 'istio-charts']);
  });

  it('are fewer for macOS, and none for other systems and processors', () => {
    expect(publishedFiles('kubernetes', 'darwin', 'arm64')).toBeUndefined();
    expect(publishedFiles('istioctl', 'darwin', 'arm64')?.[0]?.url).toMatch(/-osx-arm64\.tar\.gz$/);
    expect(publishedFiles('helm', 'win32', 'x64')).toBeUndefined();
    expect(publishedFiles('helm', 'linux', 'riscv64')).toBeUndefined();
  });

  it('come over TLS, the checksums as well', () => {
    const names = [...programSources.map(({ name }) => name), 'kubelet', 'containerd', 'bridge', 'coredns'];
    const files = names.flatMap((name) => publishedFiles(name, 'linux', 'x64') ?? []);
    expect(files.flatMap(({ url, checksum }) => [url, checksum.url]).filter((url) => !/^https:/.test(url))).toEqual([]);
  });
});

function namesIn({ contents }: PublishedFile): readonly string[] {
  return contents.kind === 'program' ? [contents.name] : Object.keys(contents.programs);
}
