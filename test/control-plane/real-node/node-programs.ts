import { execFile } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type ProgramSource, kubernetesVariables, istioVersion, sourcesDirectory } from '../program-sources';
import { locatePrograms } from '../programs';

/** The programs of a real node and of its pods. They are built only when a real node is needed. */
export interface NodePrograms {
  /** Holds the node's own programs. */
  readonly directory: string;
  path(name: string): string;
  readonly coredns: string;
  readonly trafficApp: string;
  /** Template of Envoy's bootstrap configuration, from Istio's sources. */
  readonly bootstrapTemplate: string;
}

const containerd = 'github.com/containerd/containerd/v2/cmd';
const plugins = 'github.com/containernetworking/plugins/plugins';

const nodeProgramSources: readonly ProgramSource[] = [
  { name: 'containerd', package: `${containerd}/containerd`, module: 'node-runtime' },
  { name: 'containerd-shim-runc-v2', package: `${containerd}/containerd-shim-runc-v2`, module: 'node-runtime' },
  { name: 'ctr', package: `${containerd}/ctr`, module: 'node-runtime' },
  { name: 'bridge', package: `${plugins}/main/bridge`, module: 'node-runtime' },
  { name: 'loopback', package: `${plugins}/main/loopback`, module: 'node-runtime' },
  { name: 'host-local', package: `${plugins}/ipam/host-local`, module: 'node-runtime' },
  { name: 'portmap', package: `${plugins}/meta/portmap`, module: 'node-runtime' },
  { name: 'kubelet', package: 'k8s.io/kubernetes/cmd/kubelet', variables: kubernetesVariables },
  { name: 'kube-proxy', package: 'k8s.io/kubernetes/cmd/kube-proxy', variables: kubernetesVariables },
  {
    name: 'pilot-agent',
    package: 'istio.io/istio/pilot/cmd/pilot-agent',
    variables: { 'istio.io/istio/pkg/version.buildVersion': istioVersion },
  },
  { name: 'install-cni', package: 'istio.io/istio/cni/cmd/install-cni' },
  { name: 'istio-cni', package: 'istio.io/istio/cni/cmd/istio-cni' },
];

/** Kept apart from the node's own programs, because they change at other times. */
const podProgramSources: readonly ProgramSource[] = [
  { name: 'coredns', package: '.', module: 'coredns' },
  { name: 'traffic-app', package: '.', module: 'traffic-app' },
];

/**
 * Builds what was not built before.
 *
 * @throws Error when Go is missing or older than 1.26, or a build fails
 */
export async function nodePrograms(progress: (line: string) => void): Promise<NodePrograms> {
  const { directory, path } = await locatePrograms(nodeProgramSources, progress);
  const pods = await locatePrograms(podProgramSources, progress);
  return {
    directory,
    path,
    coredns: pods.path('coredns'),
    trafficApp: pods.path('traffic-app'),
    bootstrapTemplate: await bootstrapTemplate(directory),
  };
}

async function bootstrapTemplate(directory: string): Promise<string> {
  const file = join(directory, 'envoy_bootstrap.json');
  if (!existsSync(file)) {
    const list = ['list', '-m', '-f', '{{.Dir}}', 'istio.io/istio'];
    const { stdout } = await promisify(execFile)('go', list, { cwd: sourcesDirectory });
    copyFileSync(join(stdout.trim(), 'tools', 'packaging', 'common', 'envoy_bootstrap.json'), file);
  }
  return file;
}
