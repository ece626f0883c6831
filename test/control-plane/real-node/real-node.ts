import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { type ControlPlane, lastLines } from '../control-plane';
import { deploymentAvailable } from '../deployment-available';
import { type KubeClient, until } from '../kube-client';
import type { SimpleKubeconfig } from '../kubeconfig';
import { istioVersion } from '../program-sources';
import { clusterDns } from './cluster-dns';
import { envoy } from './envoy';
import type { IstioPrograms } from './istio-images';
import { prepareMachine, runc } from './machine';
import { createCgroup } from './node-cgroup';
import {
  type NodeNetwork,
  containerdConfiguration,
  kubeletConfiguration,
  networkConfiguration,
} from './node-configuration';
import { istioImages, nodeImages } from './node-images';
import { linkNode } from './node-network';
import { type NodePrograms, nodePrograms } from './node-programs';
import { realNodeLabels, realNodeTaint } from './placement';

export interface RealNodeOptions {
  /**
   * Name of the Node.
   *
   * @default 'real'
   */
  readonly name?: string;

  /**
   * Receives a line for every step.
   *
   * @default - progress is not reported
   */
  readonly progress?: (line: string) => void;
}

/**
 * Niceness of the programs and pods of a real node, and of the programs of its control plane. Otherwise, on a busy
 * machine, the node's proxy rules lag behind its pods, and requests are lost for other reasons than a restart.
 */
export const realNodeNiceness = -10;

/**
 * A node that runs its pods: kubelet, kube-proxy, containerd and the cluster's DNS, in namespaces of their own. It
 * takes pods that have {@link realNodePlacement}; other pods stay on kwok's nodes. It ends with its control plane.
 */
export class RealNode {
  /**
   * Starts the node and waits until it takes pods.
   *
   * @throws Error when this machine cannot run a real node, or when the node does not become ready
   */
  static async join(controlPlane: ControlPlane, options: RealNodeOptions = {}): Promise<RealNode> {
    const progress = options.progress ?? (() => undefined);
    const { programs, proxy } = await RealNode.prepare(progress);
    const node = new RealNode(controlPlane, options.name ?? 'real', programs, proxy);
    const archives = [await nodeImages(programs), await node.archiveOf(node.istio())];
    progress(`starting the node ${node.name}`);
    const network = await node.start(archives);
    const client = await controlPlane.connect();
    try {
      await node.ready(client);
      for (const object of clusterDns()) {
        await client.apply(object);
      }
      await deploymentAvailable(client, 'kube-system', 'coredns');
    } finally {
      client.close();
    }
    progress(`the node ${node.name} is ready, at ${network.nodeAddress}`);
    return node;
  }

  /**
   * Installs, builds and downloads what is missing.
   *
   * @throws Error when this machine cannot run a real node, or a build fails
   */
  static async prepare(progress: (line: string) => void): Promise<{ programs: NodePrograms; proxy: string }> {
    await prepareMachine(progress);
    const programs = await nodePrograms(progress);
    return { programs, proxy: await envoy(dirname(programs.directory), progress) };
  }

  /** Holds what belongs to the node, such as its logs; it is inside the control plane's directory. */
  readonly directory: string;

  private process: ChildProcess | undefined;

  private constructor(
    private readonly controlPlane: ControlPlane,
    readonly name: string,
    private readonly programs: NodePrograms,
    private readonly envoy: string,
  ) {
    this.directory = join(controlPlane.directory, name);
  }

  /** Imports the images of another version of Istio into the node. */
  async load(istio: IstioPrograms): Promise<void> {
    await this.loadArchive(await this.archiveOf(istio));
  }

  /** Imports the images of an archive into the node. */
  async loadArchive(file: string): Promise<void> {
    const address = ['--address', join(this.directory, 'containerd.sock'), '--namespace', 'k8s.io'];
    await promisify(execFile)(this.programs.path('ctr'), [...address, 'images', 'import', file]);
  }

  /** The end of the logs of the node's programs, for the message of a failed test. */
  logs(): string {
    return ['containerd', 'images', 'kubelet', 'kube-proxy', 'node']
      .map((name) => `${name}: ${lastLines(join(this.directory, 'logs', `${name}.log`), 10)}`)
      .join('\n');
  }

  private istio(): IstioPrograms {
    return {
      version: istioVersion,
      pilotDiscovery: this.controlPlane.programs.pilotDiscovery,
      pilotAgent: this.programs.path('pilot-agent'),
      cni: { installer: this.programs.path('install-cni'), plugin: this.programs.path('istio-cni') },
      bootstrapTemplate: this.programs.bootstrapTemplate,
    };
  }

  private archiveOf(istio: IstioPrograms): Promise<string> {
    return istioImages(this.programs, istio, this.envoy);
  }

  private async start(archives: readonly string[]): Promise<NodeNetwork> {
    const { directory, controlPlane, name } = this;
    for (const folder of ['images', 'logs']) {
      mkdirSync(join(directory, folder), { recursive: true });
    }
    for (const archive of archives) {
      symlinkSync(archive, join(directory, 'images', basename(archive)));
    }
    const cgroup = `${basename(controlPlane.directory)}-${name}`;
    createCgroup(cgroup);
    const file = (named: string, content: string) => {
      writeFileSync(join(directory, named), content, { mode: 0o600 });
    };
    file('containerd.toml', containerdConfiguration(directory, runc));
    file('kubelet.json', JSON.stringify(kubeletConfiguration(directory, cgroup)));
    file(
      'labels',
      Object.entries(realNodeLabels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    );
    file('taints', `${realNodeTaint.key}=${realNodeTaint.value}:${realNodeTaint.effect}`);

    const log = openSync(join(directory, 'logs', 'node.log'), 'a');
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'];
    const script = ['sh', join(__dirname, 'node.sh'), directory, this.programs.directory, name];
    // The process records its id before it becomes the node: otherwise, nothing could end it if this process were
    // killed now.
    const recording = ['-c', 'echo $$ >"$0" && exec unshare "$@"', join(controlPlane.directory, `${name}.pid`)];
    const child = spawn('nice', ['-n', String(realNodeNiceness), 'sh', ...recording, ...namespaces, ...script], {
      cwd: '/',
      stdio: ['ignore', log, log],
      detached: true,
    });
    child.unref();
    this.process = child;
    if (child.pid === undefined) {
      throw new Error('the node does not start: the program `nice` is missing');
    }
    const first = await this.firstProcess(child.pid);
    controlPlane.recordProcess(`${name}-first`, first);
    const network = await linkNode(first, directory);
    file('kubeconfig', JSON.stringify(this.kubeconfig(network.hostAddress)));
    file('network.conflist', JSON.stringify(networkConfiguration(network.podCidr)));
    // The script waits for this file.
    file(
      'network',
      [network.nodeAddress, String(network.prefix), network.hostAddress, network.podCidr].join(' ') + '\n',
    );
    return network;
  }

  /** The node's first process, by its id outside of the node: the only child of `unshare`. */
  private async firstProcess(parent: number): Promise<number> {
    let children = '';
    await until(() => {
      children = readFileSync(`/proc/${String(parent)}/task/${String(parent)}/children`, 'utf8').trim();
      return children !== '' && this.namespaceDiffers(Number(children));
    }, `the node ${this.name} having a first process`);
    return Number(children);
  }

  private namespaceDiffers(pid: number): boolean {
    const of = (id: string) => readlinkSync(`/proc/${id}/ns/net`);
    return of(String(pid)) !== of('self');
  }

  private kubeconfig(host: string): object {
    const admin = JSON.parse(readFileSync(this.controlPlane.kubeconfig, 'utf8')) as SimpleKubeconfig;
    return {
      ...admin,
      clusters: admin.clusters.map(({ name, cluster }) => ({
        name,
        cluster: {
          ...cluster,
          server: `https://${host}:${new URL(cluster.server).port}`,
          // The certificate does not contain the address of the host in the node's network.
          'tls-server-name': 'localhost',
        },
      })),
    };
  }

  private async ready(client: KubeClient): Promise<void> {
    const reference = { apiVersion: 'v1', kind: 'Node', metadata: { name: this.name } };
    const isReady = async () => {
      const status = (await client.find(reference))?.status as { conditions?: { type: string; status: string }[] };
      return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
    };
    const ended = () => this.process?.exitCode !== null;
    try {
      await until(async () => ended() || (await isReady()), `the node ${this.name} becoming ready`, {
        timeoutSeconds: 180,
      });
    } catch (error) {
      throw new Error(`the node ${this.name} does not become ready: ${this.logs()}`, { cause: error });
    }
    if (ended()) {
      throw new Error(`the node ${this.name} ended: ${this.logs()}`);
    }
  }
}
