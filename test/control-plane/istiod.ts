import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, closeSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

import { type ControlPlane, lastLines } from './control-plane';
import { istiodAddress, webhookPort } from './istiod-address';
import { type KubeClient, type KubeObject, type ObjectReference, until } from './kube-client';

export interface IstiodOptions {
  /**
   * Namespace of the istiod Deployment.
   *
   * @default 'istio-system'
   */
  readonly namespace?: string;

  /**
   * Name of the Deployment.
   *
   * @default 'istiod'
   */
  readonly deployment?: string;

  /**
   * Revision that istiod serves.
   *
   * @default 'default'
   */
  readonly revision?: string;

  /**
   * Directory in which istiod runs: it prefers files under `var/lib/istio/inject` (`config`, `values`) and
   * `etc/istio/config` (`mesh`) in it to the ConfigMaps.
   *
   * @default - an empty one, so that the ConfigMaps count
   */
  readonly configDirectory?: string;
}

interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly secureGrpc: number;
  readonly monitoring: number;
}

const retryMilliseconds = 1_000;
const crashesBeforeFailure = 3;

/**
 * A real istiod beside a control plane: it runs while the Deployment of the charts exists, and answers the webhooks.
 * The Deployment's pods become ready when the process does, and have its address, as in a cluster where they are one: so
 * the Service leads to it, for webhooks and for the API server's proxy.
 */
export class Istiod {
  /** Starts to follow the istiod Deployment, which need not exist yet. */
  static async follow(controlPlane: ControlPlane, options: IstiodOptions = {}): Promise<Istiod> {
    const address = await istiodAddress(controlPlane.directory);
    const istiod = new Istiod(controlPlane, await controlPlane.connect(), address, await freePorts(), options);
    istiod.poll();
    return istiod;
  }

  readonly logFile: string;

  private readonly namespace: string;
  private readonly deployment: string;
  private readonly directory: string;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private following = true;
  private held = false;
  private served = false;
  private crashes = 0;
  private crashedAt = 0;

  private constructor(
    private readonly controlPlane: ControlPlane,
    private readonly client: KubeClient,
    /** That of the Deployment's pods. */
    readonly address: string,
    private readonly ports: Ports,
    private readonly options: IstiodOptions,
  ) {
    this.namespace = options.namespace ?? 'istio-system';
    this.deployment = options.deployment ?? 'istiod';
    this.directory = mkdtempSync(join(controlPlane.directory, `${this.deployment}-`));
    this.logFile = join(this.directory, 'istiod.log');
  }

  /** Whether the process runs and says that it is ready. */
  get running(): boolean {
    return this.child !== undefined && this.served;
  }

  /** Id of the process, while there is one. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Why istiod does not stay up: set after it ended by itself three times in a row. */
  get failure(): Error | undefined {
    return this.crashes < crashesBeforeFailure
      ? undefined
      : new Error(`istiod ended by itself ${String(this.crashes)} times in a row: ${lastLines(this.logFile)}`);
  }

  /**
   * Waits until istiod runs and is ready.
   *
   * @param timeoutSeconds seconds to wait, 30 without it
   * @throws Error with the log's last lines when istiod does not stay up, or the time is over
   */
  async ready(timeoutSeconds = 30): Promise<void> {
    await until(() => this.running || this.failure !== undefined, `istiod becoming ready (log ${this.logFile})`, {
      timeoutSeconds,
    });
    if (this.failure !== undefined) {
      throw this.failure;
    }
  }

  /** Stops the process, as if its node had failed: its Deployment stays, and nothing answers the webhooks. */
  async stop(): Promise<void> {
    this.held = true;
    await this.kill();
  }

  /** Starts the process again after `stop`, or replaces a running one, and waits until it is ready. */
  async restart(): Promise<void> {
    await this.stop();
    this.held = false;
    this.crashes = 0;
    await this.ready();
  }

  /** Stops the process and no longer looks at the Deployment. */
  async unfollow(): Promise<void> {
    this.following = false;
    clearTimeout(this.timer);
    await this.stop();
    this.client.close();
  }

  /** Lets the process run on after this one ends, until the control plane stops. */
  leave(): void {
    this.following = false;
    clearTimeout(this.timer);
    this.child?.unref();
    this.client.close();
  }

  private poll(): void {
    this.step()
      // The API server may be gone for a while, or for good: there is nobody to tell, and the next step tries again.
      .catch(() => undefined)
      .finally(() => {
        if (this.following) {
          this.timer = setTimeout(() => {
            this.poll();
          }, 250);
          this.timer.unref();
        }
      });
  }

  private async step(): Promise<void> {
    const metadata = { name: this.deployment, namespace: this.namespace };
    const deployment = await this.client.find({ apiVersion: 'apps/v1', kind: 'Deployment', metadata });
    if (deployment === undefined) {
      this.crashes = 0;
      await this.kill();
      return;
    }
    const due = Date.now() - this.crashedAt > retryMilliseconds;
    if (this.child === undefined && this.following && !this.held && due) {
      this.start();
    }
    if (this.child !== undefined && (await this.answers())) {
      this.served = true;
      this.crashes = 0;
      await this.markPodsReady(deployment);
    }
  }

  private start(): void {
    const { http, grpc, secureGrpc, monitoring } = this.ports;
    const address = (port: number) => `127.0.0.1:${String(port)}`;
    const log = openSync(this.logFile, 'a');
    const cwd = this.options.configDirectory ?? this.directory;
    mkdirSync(cwd, { recursive: true });
    const child = spawn(
      this.controlPlane.programs.pilotDiscovery,
      [
        ...['discovery', '--kubeconfig', this.controlPlane.kubeconfig],
        ...[
          '--httpsAddr',
          `${this.address}:${String(webhookPort)}`,
          '--httpAddr',
          address(http),
          '--grpcAddr',
          address(grpc),
        ],
        ...['--secureGRPCAddr', address(secureGrpc), '--monitoringAddr', address(monitoring)],
        ...['--ctrlz_port', '0'],
      ],
      {
        cwd,
        env: {
          ...this.controlPlane.env(),
          POD_NAME: `${this.deployment}-local`,
          POD_NAMESPACE: this.namespace,
          REVISION: this.options.revision ?? 'default',
          CLUSTER_ID: 'Kubernetes',
          PILOT_CERT_PROVIDER: 'istiod',
          ISTIOD_CUSTOM_HOST: `localhost,${this.deployment}.${this.namespace}.svc`,
        },
        stdio: ['ignore', log, log],
        // A Ctrl-C meant for the caller must not reach it: it is stopped with the control plane.
        detached: true,
      },
    );
    closeSync(log);
    this.child = child;
    this.served = false;
    if (child.pid !== undefined) {
      this.controlPlane.recordProcess(`${this.deployment}-${this.namespace}`, child.pid);
    }
    const ended = () => {
      if (this.child === child) {
        this.child = undefined;
        this.served = false;
        this.crashes++;
        this.crashedAt = Date.now();
      }
    };
    child.on('error', ended);
    child.on('exit', ended);
  }

  private async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    this.served = false;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    }
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      get({ host: '127.0.0.1', port: this.ports.http, path: '/ready', timeout: 1_000 }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      })
        .on('timeout', () => {
          resolve(false);
        })
        .on('error', () => {
          resolve(false);
        });
    });
  }

  /** kwok leaves the pods of istiod alone: see stages.ts. */
  private async markPodsReady(deployment: KubeObject): Promise<void> {
    const { selector } = deployment.spec as { selector: { matchLabels: Record<string, string> } };
    const labelSelector = Object.entries(selector.matchLabels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const pods = await this.client.list('v1', 'Pod', { namespace: this.namespace, labelSelector });
    for (const pod of pods) {
      const { phase } = pod.status as { phase?: string };
      const { nodeName } = pod.spec as { nodeName?: string };
      if (phase === 'Pending' && nodeName !== undefined && pod.metadata.deletionTimestamp === undefined) {
        await this.client.patch(podReference(pod), { status: readyStatus(pod.spec, this.address) }, 'status');
      }
    }
  }
}

function podReference({ metadata: { name, namespace } }: { metadata: { name: string; namespace?: string } }) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } } satisfies ObjectReference;
}

function readyStatus(spec: unknown, podIP: string): object {
  const { containers } = spec as { containers: readonly { name: string; image: string }[] };
  const now = new Date().toISOString();
  return {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: now,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: now,
    })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } },
    })),
  };
}

/** Ports that were free a moment ago, all different. */
async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => {
            resolve(server);
          });
        }),
    ),
  );
  const [http = 0, grpc = 0, secureGrpc = 0, monitoring = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { http, grpc, secureGrpc, monitoring };
}
