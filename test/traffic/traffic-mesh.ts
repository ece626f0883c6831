import { App, Chart } from 'cdk8s';
import {
  AccessLog,
  ExternalAuthorizer,
  IstioCharts,
  IstioModule,
  type IstioModuleProps,
  MeshNamespace,
  SidecarInjection,
  Tracing,
} from 'istio-module';
import { applyInOrder } from '../control-plane/apply-in-order';
import { ControlPlane } from '../control-plane/control-plane';
import { deploymentAvailable } from '../control-plane/deployment-available';
import { olderIstio, olderProxy } from '../control-plane/istio-versions';
import { ApiError, type KubeClient, type KubeObject, type ObjectReference, until } from '../control-plane/kube-client';
import { realNodePlacement } from '../control-plane/real-node/placement';
import { RealNode, realNodeNiceness } from '../control-plane/real-node/real-node';
import { istioVersion } from '../control-plane/program-sources';
import { TrafficPod } from './traffic-app';

/** Where the mesh of the traffic tests sends spans, and whom it asks. */
export const tracing = Tracing.otlp({ service: 'collector.plain.svc.cluster.local', port: 8081 });
export const accessLog = AccessLog.envoyFile();
export const authorizer = ExternalAuthorizer.http({
  name: 'authorizer',
  service: 'authorizer.plain.svc.cluster.local',
  port: 8081,
  pathPrefix: '/authorize',
  includeRequestHeadersInCheck: ['x-pass'],
  headersToUpstreamOnAllow: ['x-authorized-by'],
});

/** A namespace in the mesh, and one outside. */
export const shop = 'shop';
export const plain = 'plain';

const small = { requests: { cpu: '10m', memory: '32Mi' } };

/** Props for an Envoy that is not Istio's own build, and for the small size of the node. */
export const moduleProps: Partial<IstioModuleProps> = {
  proxy: { resources: small },
  istiod: { resources: small },
  cni: { resources: small },
  telemetryProviders: [tracing, accessLog],
  externalAuthorizers: [authorizer],
  // There is no Prometheus, and Istio's statistics need an extension that this Envoy lacks.
  values: {
    istiod: {
      ...realNodePlacement,
      env: { PILOT_ENABLE_ALPN_FILTER: 'false', PILOT_ENABLE_METADATA_EXCHANGE: 'false' },
      telemetry: { enabled: false },
    },
  },
  ingressGateways: [
    {
      name: 'ingress',
      serviceType: 'ClusterIP',
      replicas: 1,
      resources: small,
      // The chart's image is `auto` until it is injected, which the API server takes for one to be pulled.
      values: { ...realNodePlacement, imagePullPolicy: 'IfNotPresent' },
    },
  ],
};

export interface TrafficMeshOptions {
  readonly progress?: (line: string) => void;
  readonly timeoutSeconds?: number;
}

/** A cluster with a real node, and Istio on it as the module installs it. */
export class TrafficMesh {
  /** @param options.timeoutSeconds for Deployments to become available, and for pods to end */
  static async start({
    progress = () => undefined,
    timeoutSeconds = 120,
  }: TrafficMeshOptions = {}): Promise<TrafficMesh> {
    const controlPlane = await ControlPlane.start({ nodes: 1, niceness: realNodeNiceness, progress });
    try {
      const node = await RealNode.join(controlPlane, { progress });
      return new TrafficMesh(controlPlane, node, await controlPlane.connect(), timeoutSeconds);
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  private constructor(
    readonly controlPlane: ControlPlane,
    readonly node: RealNode,
    readonly client: KubeClient,
    private readonly timeoutSeconds: number,
  ) {}

  /**
   * The objects of the module with the two namespaces.
   *
   * @param also adds others to the chart
   */
  module(
    props: Partial<IstioModuleProps> = {},
    also: (chart: Chart, istio: IstioModule) => void = () => undefined,
  ): ObjectReference[] {
    const chart = new Chart(new App(), 'mesh');
    const istio = new IstioModule(chart, 'istio', {
      version: istioVersion,
      charts: IstioCharts.directory(this.controlPlane.programs.istioCharts),
      helmExecutable: this.controlPlane.programs.helm,
      ...moduleProps,
      ...props,
    });
    new MeshNamespace(chart, shop, { name: shop });
    new MeshNamespace(chart, plain, { name: plain, injection: SidecarInjection.DISABLED });
    also(chart, istio);
    return chart.toJson() as ObjectReference[];
  }

  /** Applies the objects of the module, those of Istio's own kinds when istiod can judge them. */
  async install(...module: Parameters<TrafficMesh['module']>): Promise<void> {
    await applyInOrder(
      this.module(...module),
      (object) => this.apply([object]),
      () => this.available('istio-system', 'istiod'),
    );
  }

  /** Applies objects in their order, and again what is refused as long as a webhook is not in force or a kind unknown. */
  async apply(objects: readonly ObjectReference[]): Promise<void> {
    for (const object of objects) {
      await until(async () => {
        try {
          await this.client.apply(object, { force: true });
          return true;
        } catch (error) {
          if (error instanceof ApiError && [404, 500].includes(error.code)) {
            return false;
          }
          throw error;
        }
      }, `applying ${object.kind} ${object.metadata.name}`);
    }
  }

  /**
   * Makes an older Istio and its proxies known to the node.
   *
   * @returns the props with which the module installs it
   */
  async loadOlderIstio(progress?: (line: string) => void): Promise<Partial<IstioModuleProps>> {
    const { version, pilotDiscovery, charts } = await olderIstio(progress);
    await this.node.load({ ...(await olderProxy(progress)), version, pilotDiscovery });
    // There is no image of the older node agent.
    const values = { ...moduleProps.values, cni: { global: { tag: istioVersion } } };
    return { version, charts: IstioCharts.directory(charts), values };
  }

  async delete(objects: readonly ObjectReference[]): Promise<void> {
    for (const object of [...objects].reverse()) {
      await this.client.delete(object);
    }
  }

  async available(namespace: string, ...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => deploymentAvailable(this.client, namespace, name, this.timeoutSeconds)));
  }

  /** Waits until every pod of these namespaces is ready, and none ends. */
  async settled(...namespaces: readonly string[]): Promise<void> {
    for (const namespace of namespaces) {
      const pods = () => this.client.list('v1', 'Pod', { namespace });
      await until(async () => (await pods()).every(isReady), `every pod of ${namespace} being ready`, {
        timeoutSeconds: this.timeoutSeconds,
      });
    }
  }

  /** Rolls a Deployment, as `kubectl rollout restart` does. */
  async restart(namespace: string, name: string): Promise<void> {
    const template = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } } };
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } };
    await this.client.patch(deployment, { spec: { template } });
    await this.available(namespace, name);
  }

  /** The running pods of the traffic application with these labels: `app`, and `version` if it is given. */
  async pods(namespace: string, app: string, version?: string): Promise<TrafficPod[]> {
    const labelSelector = [`app=${app}`, ...(version === undefined ? [] : [`version=${version}`])].join(',');
    const pods = await this.client.list('v1', 'Pod', { namespace, labelSelector });
    return pods.filter(isReady).map(({ status }) => new TrafficPod((status as { podIP: string }).podIP));
  }

  async pod(namespace: string, app: string): Promise<TrafficPod> {
    const [pod] = await this.pods(namespace, app);
    if (pod === undefined) {
      throw new Error(`there is no ready pod of ${namespace}/${app}`);
    }
    return pod;
  }

  /** The name of the pod of an application that has got a request for a path. */
  async podThatGot(namespace: string, app: string, path: string): Promise<string | undefined> {
    const pods = await this.client.list('v1', 'Pod', { namespace, labelSelector: `app=${app}` });
    const names = new Map(pods.map(({ metadata, status }) => [(status as { podIP?: string }).podIP, metadata.name]));
    for (const pod of await this.pods(namespace, app)) {
      if ((await pod.received()).paths[path] !== undefined) {
        return names.get(pod.address);
      }
    }
    return undefined;
  }

  /** What a container of a Deployment's pods has printed. */
  async log(namespace: string, app: string, container: string): Promise<string> {
    const pods = await this.client.list('v1', 'Pod', { namespace, labelSelector: `app=${app}` });
    const texts = pods.filter(isReady).map(({ metadata: { name } }) => this.client.log(namespace, name, container));
    return (await Promise.all(texts)).join('\n');
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.controlPlane.stop();
  }
}

function isReady({ metadata, status }: KubeObject): boolean {
  const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
  return (
    metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  );
}
