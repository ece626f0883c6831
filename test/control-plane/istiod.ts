import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { type ControlPlane, lastLines } from './control-plane';
import { istiodAddress } from './istiod-address';
import { IstiodProcess } from './istiod-process';
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
   * Directory in which istiod runs. istiod prefers the files in its folders `var/lib/istio/inject` (`config`, `values`)
   * and `etc/istio/config` (`mesh`) to the ConfigMaps.
   *
   * @default - an empty one, so that istiod reads the ConfigMaps
   */
  readonly configDirectory?: string;

  /**
   * Environment variables that its Deployment gives it.
   *
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
}

const retryMilliseconds = 1_000;
const crashesBeforeFailure = 3;

/**
 * A real istiod next to a control plane: it runs while the charts' Deployment exists, in the version of the
 * Deployment's image, and answers the webhooks. The Deployment's pods become ready when the process does, and have the
 * address of the process, as if it ran in them. The Service therefore leads to the process, for webhooks and for the
 * API server's proxy. A new image replaces the process as in a rollout: the old process ends when the new one serves
 * and the last pod of the old one is gone.
 */
export class Istiod {
  /** Starts to follow the istiod Deployment, which need not exist yet. */
  static async follow(controlPlane: ControlPlane, options: IstiodOptions = {}): Promise<Istiod> {
    const address = await istiodAddress(controlPlane.directory);
    const istiod = new Istiod(controlPlane, await controlPlane.connect(), address, options);
    istiod.poll();
    return istiod;
  }

  readonly logFile: string;

  private readonly namespace: string;
  private readonly deployment: string;
  private readonly directory: string;
  private readonly addresses: string[];
  /** The oldest first. */
  private processes: readonly IstiodProcess[] = [];
  private timer: NodeJS.Timeout | undefined;
  private following = true;
  private held = false;
  private crashes = 0;
  private crashedAt = 0;

  private constructor(
    private readonly controlPlane: ControlPlane,
    private readonly client: KubeClient,
    address: string,
    private readonly options: IstiodOptions,
  ) {
    this.addresses = [address];
    this.namespace = options.namespace ?? 'istio-system';
    this.deployment = options.deployment ?? 'istiod';
    this.directory = mkdtempSync(join(controlPlane.directory, `${this.deployment}-`));
    this.logFile = join(this.directory, 'istiod.log');
  }

  /**
   * Address of the pods that the newest process serves for; before a process runs, the address that the first one will
   * have.
   */
  get address(): string {
    return this.newest?.address ?? this.addresses[0] ?? '';
  }

  /** Whether a process runs and says that it is ready. */
  get running(): boolean {
    return this.processes.some(({ ready }) => ready);
  }

  /** Id of the newest process, while there is one. */
  get pid(): number | undefined {
    return this.newest?.pid;
  }

  /** Why istiod does not stay up: set after it ended by itself three times in a row. */
  get failure(): Error | undefined {
    return this.crashes < crashesBeforeFailure
      ? undefined
      : new Error(`istiod ended by itself ${String(this.crashes)} times in a row: ${lastLines(this.logFile)}`);
  }

  /**
   * Waits until istiod runs and its Service leads to it.
   *
   * @param timeoutSeconds seconds to wait, 120 by default
   * @throws Error with the log's last lines when istiod does not stay up, or the time is over
   */
  async ready(timeoutSeconds = 120): Promise<void> {
    await until(
      async () => this.failure !== undefined || (this.running && (await this.isEndpoint())),
      `istiod becoming ready (log ${this.logFile})`,
      { timeoutSeconds },
    );
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
    for (const process of this.processes) {
      process.unref();
    }
    this.client.close();
  }

  private async isEndpoint(): Promise<boolean> {
    const slices = await this.client.list('discovery.k8s.io/v1', 'EndpointSlice', { namespace: this.namespace });
    const endpoints = slices.flatMap((slice) => (slice as EndpointSlice).endpoints ?? []);
    return endpoints.some(
      ({ addresses, conditions }) => addresses.includes(this.address) && conditions?.ready === true,
    );
  }

  private get newest(): IstiodProcess | undefined {
    return this.processes.at(-1);
  }

  private poll(): void {
    this.step()
      // The API server may be gone for a while, or for good: there is no caller to report this to, and the next step
      // tries again.
      .catch(() => false)
      .then((isSettled) => {
        if (this.following) {
          // Each step takes processor time, and clusters are idle most of the time.
          this.timer = setTimeout(
            () => {
              this.poll();
            },
            isSettled ? 1_000 : 250,
          );
          this.timer.unref();
        }
      })
      .catch(() => undefined);
  }

  /** @returns whether nothing is under way */
  private async step(): Promise<boolean> {
    const metadata = { name: this.deployment, namespace: this.namespace };
    const deployment = await this.client.find({ apiVersion: 'apps/v1', kind: 'Deployment', metadata });
    if (deployment === undefined) {
      this.crashes = 0;
      await this.kill();
      return false;
    }
    const { selector, template } = deployment.spec as DeploymentSpec;
    const image = imageOf(template);
    const due = Date.now() - this.crashedAt > retryMilliseconds;
    if (this.newest?.image !== image && due && !this.stopped) {
      await this.start(image);
    }
    for (const process of this.processes) {
      await process.ask();
    }
    if (this.newest?.ready === true) {
      this.crashes = 0;
    }
    const pods = await this.podsOf(selector);
    await this.markPodsReady(pods);
    await this.endOutdated(pods);
    return this.newest?.ready === true && this.processes.length === 1 && pods.length > 0 && pods.every(isRunning);
  }

  private async start(image: string): Promise<void> {
    const address = await this.freeAddress();
    const started = await IstiodProcess.start(this.controlPlane, {
      image,
      address,
      namespace: this.namespace,
      deployment: this.deployment,
      revision: this.options.revision ?? 'default',
      directory: this.options.configDirectory ?? this.directory,
      env: this.options.env ?? {},
      logFile: this.logFile,
      onCrash: () => {
        this.processes = this.processes.filter((one) => one !== started);
        this.crashes++;
        this.crashedAt = Date.now();
      },
    });
    this.processes = [...this.processes, started];
    // istiod may have been stopped while the process was being started.
    if (this.stopped) {
      await this.kill();
    }
  }

  private get stopped(): boolean {
    return !this.following || this.held;
  }

  /**
   * An address that no process uses. If the machine has none left, the running processes end to make room for the new
   * one.
   */
  private async freeAddress(): Promise<string> {
    const isFree = (address: string) => this.processes.every((process) => process.address !== address);
    const known = this.addresses.find(isFree);
    if (known !== undefined) {
      return known;
    }
    try {
      const address = await istiodAddress(this.controlPlane.directory);
      this.addresses.push(address);
      return address;
    } catch {
      await this.kill();
      return this.address;
    }
  }

  private async kill(): Promise<void> {
    const ending = this.processes;
    this.processes = [];
    await Promise.all(ending.map((process) => process.end()));
  }

  private podsOf({ matchLabels }: DeploymentSpec['selector']): Promise<KubeObject[]> {
    const labelSelector = Object.entries(matchLabels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    return this.client.list('v1', 'Pod', { namespace: this.namespace, labelSelector });
  }

  /** kwok leaves the pods of istiod alone: see stages.ts. */
  private async markPodsReady(pods: readonly KubeObject[]): Promise<void> {
    for (const pod of pods) {
      const { phase } = pod.status as { phase?: string };
      const { nodeName } = pod.spec as { nodeName?: string };
      const process = this.processes.find(({ image }) => image === imageOf(pod));
      const starting = phase === 'Pending' && nodeName !== undefined && pod.metadata.deletionTimestamp === undefined;
      if (starting && process?.ready === true) {
        await this.client.patch(podReference(pod), { status: readyStatus(pod.spec, process.address) }, 'status');
      }
    }
  }

  private async endOutdated(pods: readonly KubeObject[]): Promise<void> {
    const { newest } = this;
    if (newest?.ready !== true) {
      return;
    }
    const images = pods.map(imageOf);
    const outdated = this.processes.filter((process) => process !== newest && !images.includes(process.image));
    this.processes = this.processes.filter((process) => !outdated.includes(process));
    await Promise.all(outdated.map((process) => process.end('SIGTERM')));
  }
}

interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

interface DeploymentSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: object;
}

function isRunning({ metadata, status }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined && (status as { phase?: string }).phase === 'Running';
}

/** The image of a pod's first container; the charts give istiod no other. */
function imageOf(podOrTemplate: object): string {
  const { spec } = podOrTemplate as { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  return spec.containers[0]?.image ?? '';
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
