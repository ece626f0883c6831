import { setTimeout as sleep } from 'node:timers/promises';
import type { Chart } from 'cdk8s';
import { Destination, Gateway, TrafficPolicy, type IstioModuleProps } from 'istio-module';
import { awaitControlPlane, restartWorkloads, type RestartReport } from 'istio-module/engine';
import type { KubeObject } from '../control-plane/kube-client';
import { appDeployment, appService, grpcPort, type LoadOrder, type LoadReport, withoutRestarts } from './traffic-app';
import { moduleProps, plain, shop, TrafficMesh } from './traffic-mesh';

/** Ten services in three tiers, with those that each asks before it answers. */
export const SERVICES: Readonly<Record<string, readonly string[]>> = {
  web: ['catalog', 'cart'],
  api: ['cart', 'orders'],
  mobile: ['catalog'],
  catalog: ['stock', 'prices'],
  cart: ['prices', 'users'],
  orders: ['payments', 'users'],
  stock: [],
  prices: [],
  users: [],
  payments: [],
};

/** For a rollout: on two cores, all pods at once take minutes to start. */
const TIMEOUT_SECONDS = 600;

/** The services behind the gateway. */
const BORDER = ['web', 'api', 'mobile'];

/** What a client sends all the time: from outside through the gateway, or from a pod in the mesh. */
export interface Client {
  readonly name: string;
  readonly namespace: string;
  readonly order: LoadOrder;
  /** The service that answers. */
  readonly service: string;
}

/** How a mesh is set up: in which version, and with what else. */
export interface ShopSetup {
  readonly version: 'older' | 'current';
  readonly props?: Partial<IstioModuleProps>;
}

/** How much is sent while work is done. */
export interface LoadOptions {
  readonly scale?: number;
  readonly quietSeconds?: number;
  readonly requests?: number;
}

/** What became of all requests, by client, and when the work between them began and ended. */
export interface ShopTraffic {
  readonly reports: readonly (Client & { readonly report: LoadReport })[];
  /** Requests of the clients, and those that services made for them. */
  readonly total: { readonly sent: number; readonly withCalls: number };
  readonly failures: Readonly<Record<string, number>>;
  /** In milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
}

/** An online shop on a real node: ten services with two pods each, behind an ingress gateway. */
export class OnlineShop {
  static async start(progress: (line: string) => void = () => undefined): Promise<OnlineShop> {
    const mesh = await TrafficMesh.start({ progress, timeoutSeconds: TIMEOUT_SECONDS });
    try {
      return new OnlineShop(mesh, await mesh.loadOlderIstio(progress));
    } catch (error) {
      await mesh.stop();
      throw error;
    }
  }

  private constructor(
    readonly mesh: TrafficMesh,
    private readonly older: Partial<IstioModuleProps>,
  ) {}

  /** Installs Istio, and everything that sends and answers requests. */
  async install(setup: ShopSetup): Promise<void> {
    await this.mesh.install(this.props(setup), border);
    await this.mesh.apply([
      ...Object.entries(SERVICES).flatMap(([name, others]) => [
        ...appDeployment({ name, namespace: shop, replicas: 2, calls: others.map((one) => `http://${one}/`) }).map(
          (object) => ({ ...object, metadata: { ...object.metadata, labels: { app: name } } }),
        ),
        appService(name, shop),
      ]),
      ...clients(1).flatMap(({ name, namespace }) => appDeployment({ name, namespace }).map(withoutRestarts)),
    ]);
    await this.available();
  }

  /** Applies the module in another version or with other settings, and waits until its injector knows. */
  async apply(setup: ShopSetup): Promise<void> {
    const { kubeconfig } = this.mesh.controlPlane;
    const objects = this.mesh.module(this.props(setup), border);
    await this.mesh.apply(objects);
    await awaitControlPlane({ kubeconfig });
    await this.mesh.available('istio-system', 'istiod', 'ingress');
  }

  /** Restarts what is out of date, as `istio-module restart` does. */
  restart(selector?: string): Promise<RestartReport> {
    return restartWorkloads({
      kubeconfig: this.mesh.controlPlane.kubeconfig,
      namespaces: [shop, 'istio-system'],
      timeoutSeconds: TIMEOUT_SECONDS,
      ...(selector === undefined ? {} : { selector }),
    });
  }

  /** Rolls everything at once, as `kubectl rollout restart` does. */
  async rollAtOnce(): Promise<void> {
    await Promise.all([
      this.mesh.restart('istio-system', 'ingress'),
      ...Object.keys(SERVICES).map((name) => this.mesh.restart(shop, name)),
    ]);
  }

  /**
   * Does work while all clients send requests.
   *
   * @param options.scale factor by which their rates are multiplied
   * @param options.quietSeconds seconds of load before and after the work
   * @param options.requests minimum number of requests, including those between services; to reach it, the load
   * continues after the work
   */
  async underLoad(
    work: () => Promise<unknown>,
    { scale = 1, quietSeconds = 5, requests = 0 }: LoadOptions = {},
  ): Promise<ShopTraffic> {
    const senders = await Promise.all(
      clients(scale).map(async (client) => ({ ...client, pod: await this.mesh.pod(client.namespace, client.name) })),
    );
    await Promise.all(senders.map(({ pod, order }) => pod.startLoad(order)));
    try {
      await sleep(quietSeconds * 1_000);
      const began = Date.now();
      await work();
      await this.mesh.settled(shop, 'istio-system');
      const ended = Date.now();
      const perSecond = senders.reduce((sum, client) => sum + client.order.perSecond * requestsOf(client), 0);
      const seconds = requests / perSecond - (ended - began) / 1_000 - quietSeconds;
      await sleep(Math.max(quietSeconds, seconds) * 1_000);
      const reports = await Promise.all(
        senders.map(async ({ pod, ...client }) => ({ ...client, report: await pod.stopLoad() })),
      );
      const sum = (of: (one: (typeof reports)[number]) => number) => reports.reduce((total, one) => total + of(one), 0);
      const failures: Record<string, number> = {};
      for (const { name, report } of reports) {
        for (const [what, count] of Object.entries(report.failures)) {
          failures[`${name}: ${what}`] = count;
        }
      }
      const total = {
        sent: sum(({ report }) => report.total),
        withCalls: sum(({ report, ...client }) => report.total * requestsOf(client)),
      };
      return { reports, total, failures, began, ended };
    } finally {
      await Promise.all(senders.map(({ pod }) => pod.stopLoad()));
    }
  }

  /** The images of the sidecars, each once. */
  async proxies(): Promise<string[]> {
    const pods = await this.mesh.client.list('v1', 'Pod', { namespace: shop });
    const images = pods.filter(isRestarted).flatMap(({ spec }) => {
      const { containers = [], initContainers = [] } = spec as Partial<
        Record<'containers' | 'initContainers', Container[]>
      >;
      return [...containers, ...initContainers].filter(({ name }) => name === 'istio-proxy').map(({ image }) => image);
    });
    return [...new Set(images)].sort();
  }

  stop(): Promise<void> {
    return this.mesh.stop();
  }

  private async available(): Promise<void> {
    await this.mesh.available(shop, ...Object.keys(SERVICES));
    await this.mesh.available('istio-system', 'ingress');
    for (const { name, namespace } of clients(1)) {
      await this.mesh.available(namespace, name);
    }
  }

  private props({ version, props }: ShopSetup): Partial<IstioModuleProps> {
    const [gateway] = moduleProps.ingressGateways ?? [];
    const ingressGateways = gateway ? [{ ...gateway, replicas: 2 }] : [];
    return { ...(version === 'older' ? this.older : {}), ...props, ingressGateways };
  }
}

interface Container {
  readonly name: string;
  readonly image: string;
}

function clients(scale: number): readonly Client[] {
  const rate = (perSecond: number) => Math.max(1, Math.round(perSecond * scale));
  const outside = (name: string, service: string, order: Omit<LoadOrder, 'url'>): Client => ({
    ...{ name, service, namespace: plain },
    order: { ...order, url: 'http://ingress.istio-system/', headers: { host: `${service}.example.com` } },
  });
  const inside = (name: string, service: string, order: LoadOrder): Client => ({
    ...{ name, service, namespace: shop, order },
  });
  return [
    outside('get-kept-alive', 'web', { perSecond: rate(30), keepAlive: true }),
    outside('get', 'mobile', { perSecond: rate(20) }),
    outside('post-kept-alive', 'api', { perSecond: rate(30), keepAlive: true, method: 'POST' }),
    outside('post', 'mobile', { perSecond: rate(20), method: 'POST' }),
    inside('mesh-get-kept-alive', 'catalog', { url: 'http://catalog/', perSecond: rate(50), keepAlive: true }),
    inside('mesh-post', 'users', { url: 'http://users/', perSecond: rate(50), method: 'POST' }),
    inside('mesh-grpc', 'stock', { url: `stock:${String(grpcPort)}`, kind: 'grpc', perSecond: rate(100) }),
    inside('mesh-grpc-stream', 'prices', {
      ...{ url: `prices:${String(grpcPort)}`, kind: 'grpc-stream', perSecond: rate(10) },
    }),
  ];
}

/** How many requests one of a client makes, itself included: a service that answers gRPC calls no other. */
function requestsOf({ service, order }: Client): number {
  return order.kind === undefined ? requestsFor(service) : 1;
}

/** How many requests one to a service makes, itself included. */
function requestsFor(service: string): number {
  return 1 + (SERVICES[service] ?? []).reduce((sum, one) => sum + requestsFor(one), 0);
}

function isRestarted({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined && (metadata.labels?.app ?? '') in SERVICES;
}

/** What lets requests in through the gateway: a host for each service of the first tier. */
function border(chart: Chart): void {
  const hosts = BORDER.map((name) => `${name}.example.com`);
  const gateway = new Gateway(chart, 'border', {
    namespace: 'istio-system',
    selector: { istio: 'ingress' },
    servers: [{ port: 80, protocol: 'HTTP', hosts }],
  });
  for (const name of BORDER) {
    new TrafficPolicy(chart, `border-${name}`, {
      ...{ namespace: shop, host: name, hosts: [`${name}.example.com`], gateways: [gateway] },
      routes: [{ to: [Destination.host()] }],
    });
  }
}
