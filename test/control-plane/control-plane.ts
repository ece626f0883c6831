import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { withLock } from './file-lock';
import { KubeClient, until } from './kube-client';
import type { SimpleKubeconfig } from './kubeconfig';
import { stages } from './stages';
import { kubeletVersion } from './program-sources';
import { isRunning } from './process-tree';
import { type Programs, programs } from './programs';

export interface ControlPlaneOptions {
  /**
   * Number of nodes; each takes about 110 pods.
   *
   * @default 2
   */
  readonly nodes?: number;

  /**
   * Name of the cluster.
   *
   * @default - a random one
   */
  readonly name?: string;

  /**
   * Whether nodes report a Kubernetes version from which Istio concludes that sidecars can be native, that is, init
   * containers; otherwise they report one that it cannot read, and sidecars are ordinary containers.
   *
   * @default true
   */
  readonly nativeSidecars?: boolean;

  /**
   * Niceness of the control plane's programs, -20 to 19; below 0, they take precedence over everything else on the
   * machine.
   *
   * @default 0
   */
  readonly niceness?: number;

  /**
   * Whether the cluster outlives this process, until `stop` is called.
   *
   * @default false
   */
  readonly keep?: boolean;

  /**
   * Receives a line for every step.
   *
   * @default - progress is not reported
   */
  readonly progress?: (line: string) => void;
}

/** A Kubernetes control plane of real programs on this machine, with nodes and pods simulated by kwok. */
export class ControlPlane {
  /**
   * Boots a control plane. It stops when this process ends, for whatever reason.
   *
   * @throws Error with the last lines of the log when it does not become ready
   */
  static async start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const progress = options.progress ?? (() => undefined);
    const built = await programs({ progress });
    const name = options.name ?? `istio-module-${randomBytes(3).toString('hex')}`;
    const directory = realpathSync(mkdtempSync(join(tmpdir(), `${name}-`)));
    const watchdog = options.keep === true ? undefined : startWatchdog(directory);
    const controlPlane = new ControlPlane(name, directory, built, watchdog);
    try {
      progress(`booting the control plane ${name}`);
      // One at a time, so that no two of them choose the same ports.
      await withLock(controlPlane.bootLock, () => controlPlane.createCluster(options.niceness ?? 0));
      writeKubeconfig(controlPlane);
      const client = await controlPlane.connect();
      await createNodes(client, options.nodes ?? 2, options.nativeSidecars ?? true);
      await controlPlane.controllersRunning(client, options.niceness ?? 0);
      client.close();
      progress(`the control plane ${name} is ready: export KUBECONFIG=${controlPlane.kubeconfig}`);
      return controlPlane;
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  /** File with the administrator's credentials and one context. */
  readonly kubeconfig: string;

  /** Name of the context in the kubeconfig. */
  readonly context: string;

  private constructor(
    readonly name: string,
    /** Holds everything that belongs to this control plane; removed when it stops. */
    readonly directory: string,
    readonly programs: Programs,
    private watchdog: ChildProcess | undefined,
  ) {
    this.kubeconfig = join(directory, 'kubeconfig');
    this.context = `kwok-${name}`;
  }

  /** A client with the administrator's rights. */
  connect(): Promise<KubeClient> {
    return KubeClient.connect(this.kubeconfig);
  }

  /** Only the holder of this file's lock creates a cluster, and so chooses ports. */
  get bootLock(): string {
    return join(this.programs.directory, 'boot.lock');
  }

  /** Stops every process and removes the directory. */
  async stop(): Promise<void> {
    const watchdog = this.watchdog ?? startWatchdog(this.directory);
    this.watchdog = watchdog;
    if (watchdog.exitCode === null) {
      watchdog.ref();
      const exited = new Promise((resolve) => watchdog.once('exit', resolve));
      watchdog.stdin?.end();
      await exited;
    }
  }

  /** The shell command that stops a control plane that was kept. */
  get stopCommand(): string {
    return `${join(__dirname, 'watchdog.sh')} ${this.directory} </dev/null`;
  }

  /**
   * The environment for programs that work on this cluster: its kubeconfig, PATH with the built programs and the
   * launchers of Pulumi's plugins, and none of the caller's own Pulumi settings.
   */
  env(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PULUMI_'));
    return {
      ...Object.fromEntries(own),
      KUBECONFIG: this.kubeconfig,
      // Go programs then take a quarter less processor time and more memory. The benchmark sets Go's default, as in
      // clusters.
      GOGC: process.env.GOGC ?? '400',
      PATH: [join(__dirname, 'launchers'), this.programs.directory, process.env.PATH ?? ''].join(delimiter),
    };
  }

  /**
   * Records a process that is stopped together with the control plane if it still runs by then. Its command line has to
   * contain the control plane's directory, because the id alone may belong to another program by then.
   */
  recordProcess(name: string, pid: number): void {
    writeFileSync(join(this.directory, `${name}.pid`), String(pid));
  }

  /**
   * Writes a kubeconfig for a service account, to test what its permissions allow.
   *
   * @returns the file
   */
  async kubeconfigOf(namespace: string, serviceAccount: string): Promise<string> {
    const client = await this.connect();
    const { status } = await client.raw<{ status: { token: string } }>(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    );
    client.close();
    const admin = JSON.parse(readFileSync(this.kubeconfig, 'utf8')) as SimpleKubeconfig;
    const users = admin.users.map(({ name }) => ({ name, user: { token: status.token } }));
    const file = join(this.directory, `kubeconfig-${namespace}-${serviceAccount}`);
    writeFileSync(file, JSON.stringify({ ...admin, users }, undefined, 2), { mode: 0o600 });
    return file;
  }

  private async createCluster(niceness: number): Promise<void> {
    const configuration = join(this.directory, 'kwokctl.yaml');
    writeFileSync(configuration, [kwokctlConfiguration, ...stages()].map((one) => JSON.stringify(one)).join('\n---\n'));
    const args = [
      ...['create', 'cluster', '--name', this.name, '--runtime', 'binary', '--wait', '180s', '--timeout', '300s'],
      ...['--etcd-binary', this.programs.etcd],
      ...['--kube-apiserver-binary', this.programs.kubeApiserver],
      ...['--kube-controller-manager-binary', this.programs.kubeControllerManager],
      ...['--kube-scheduler-binary', this.programs.kubeScheduler],
      ...['--kwok-controller-binary', this.programs.kwok],
      ...['--config', configuration],
      ...['--kubeconfig', join(this.directory, 'kwokctl-kubeconfig')],
    ];
    await this.kwokctl(args, niceness);
  }

  /**
   * Waits until the controllers work. On a busy machine, they end before the API server answers them for the first
   * time, and are started again.
   */
  private async controllersRunning(client: KubeClient, niceness: number): Promise<void> {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } };
    await until(
      async () => {
        if ((await client.find(account)) !== undefined) return true;
        const pid = this.pidOf('kube-controller-manager');
        if (pid === undefined || !isRunning(pid))
          await this.kwokctl(['start', 'cluster', '--name', this.name], niceness);
        return false;
      },
      'controllers at work',
      { timeoutSeconds: 180 },
    );
  }

  /** File with the process id of a part of the control plane, such as `kube-apiserver`. */
  pidFile(part: string): string {
    return join(this.directory, 'clusters', this.name, 'pids', `${part}.pid`);
  }

  /** Undefined for a part that was never started. */
  pidOf(part: string): number | undefined {
    const file = this.pidFile(part);
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }

  private async kwokctl(args: readonly string[], niceness: number): Promise<void> {
    const log = join(this.directory, 'kwokctl.log');
    const creating = join(this.directory, 'creating.pid');
    writeFileSync(creating, '');
    const code = await new Promise<number | null>((resolve, reject) => {
      // In a process group of its own, kwokctl finishes even when a Ctrl-C ends this process: a half-created cluster
      // could not be stopped reliably. It records its own id, since this process may be killed before it could do so.
      // Its command line contains the directory, by which the watchdog recognizes it.
      const recorded = ['-c', 'echo $$ >"$0" && exec nice -n "$@"', creating, String(niceness)];
      const kwokctl = spawn('sh', [...recorded, this.programs.kwokctl, ...args], {
        cwd: this.directory,
        env: { ...this.env(), KWOK_WORKDIR: this.directory, KWOK_KUBE_VERSION: kubeletVersion },
        stdio: ['ignore', openSync(log, 'a'), openSync(log, 'a')],
        detached: true,
      });
      kwokctl.on('error', reject);
      kwokctl.on('exit', resolve);
    });
    rmSync(creating, { force: true });
    if (code !== 0) {
      throw new Error(`kwokctl ended with exit code ${String(code)}: ${lastLines(log)}`);
    }
  }
}

/** Annotation of the nodes that kwok simulates. */
const simulated = ['kwok.x-k8s.io/node', 'fake'] as const;

/** Arguments of the programs in addition to those of kwokctl. */
const extraArguments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // A cluster that ends with its test need not survive a loss of power, and a busy disk slows every write.
  etcd: { 'unsafe-no-fsync': 'true' },
  'kube-apiserver': {
    // The API server calls webhooks and proxied Services at pod addresses: no kube-proxy on this machine routes to
    // Services.
    'enable-aggregator-routing': 'true',
    // Node names do not resolve.
    'kubelet-preferred-address-types': 'InternalIP',
  },
  'kube-controller-manager': {
    // Otherwise it creates no more than 20 pods a second.
    'kube-api-qps': '500',
    'kube-api-burst': '1000',
    // There is only one instance of each component, so there is no leader to elect.
    'leader-elect': 'false',
    // After an outage of the API server, it would consider nodes lost, and kwok does not make their pods ready again.
    'node-monitor-grace-period': '1h',
  },
  'kube-scheduler': { 'leader-elect': 'false' },
  // There may be real nodes besides those that kwok simulates.
  'kwok-controller': {
    'manage-all-nodes': 'false',
    'manage-nodes-with-annotation-selector': simulated.join('='),
  },
};

const kwokctlConfiguration = {
  apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
  kind: 'KwokctlConfiguration',
  // The address of the Service `kubernetes`, through which pods reach the API server.
  options: { kubeApiserverCertSANs: ['10.0.0.1'] },
  componentsPatches: Object.entries(extraArguments).map(([name, values]) => ({
    name,
    extraArgs: Object.entries(values).map(([key, value]) => ({ key, value })),
  })),
};

/** The end of a log, for an error message. */
export function lastLines(file: string, count = 20): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return `(no log ${file})`;
  }
}

function startWatchdog(directory: string): ChildProcess {
  const watchdog = spawn(join(__dirname, 'watchdog.sh'), [directory], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.on('error', (error) => {
    appendFileSync(join(directory, 'watchdog.log'), `${String(error)}\n`);
  });
  // The watchdog must not keep this process alive: it waits for the pipe that closes when this process ends.
  watchdog.unref();
  (watchdog.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return watchdog;
}

/**
 * kwokctl writes a kubeconfig that points to other files; this one contains everything, for programs in other
 * directories.
 */
function writeKubeconfig(controlPlane: ControlPlane): void {
  const { name, context } = controlPlane;
  const cluster = join(controlPlane.directory, 'clusters', name);
  const server = /server: (\S+)/.exec(readFileSync(join(cluster, 'kubeconfig.yaml'), 'utf8'))?.[1];
  if (server === undefined) {
    throw new Error(`kwokctl's kubeconfig ${join(cluster, 'kubeconfig.yaml')} names no server`);
  }
  const data = (file: string) => readFileSync(join(cluster, 'pki', file)).toString('base64');
  const config: SimpleKubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    clusters: [{ name: context, cluster: { server, 'certificate-authority-data': data('ca.crt') } }],
    users: [
      {
        name: context,
        user: { 'client-certificate-data': data('admin.crt'), 'client-key-data': data('admin.key') },
      },
    ],
  };
  writeFileSync(controlPlane.kubeconfig, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

async function createNodes(client: KubeClient, count: number, nativeSidecars: boolean): Promise<void> {
  const resources = { cpu: '32', memory: '256Gi', pods: '110' };
  for (let index = 0; index < count; index++) {
    const name = `node-${String(index)}`;
    const object = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' },
        annotations: { [simulated[0]]: simulated[1] },
      },
      spec: { podCIDR: `10.1.${String(index)}.0/24` },
      status: {
        addresses: [{ type: 'InternalIP', address: `10.0.0.${String(index + 1)}` }],
        allocatable: resources,
        capacity: resources,
        nodeInfo: nodeInfo(nativeSidecars ? kubeletVersion : 'kwok-v0.8.0'),
      },
    };
    await client.create(object);
  }
}

function nodeInfo(version: string): Record<string, string> {
  const unknown = ['bootID', 'containerRuntimeVersion', 'kernelVersion', 'machineID', 'osImage', 'systemUUID'];
  return {
    ...Object.fromEntries(unknown.map((field) => [field, ''])),
    architecture: 'amd64',
    operatingSystem: 'linux',
    kubeProxyVersion: version,
    kubeletVersion: version,
  };
}
