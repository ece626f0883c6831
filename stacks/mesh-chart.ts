import { Chart, Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  Destination,
  IstioModule,
  Match,
  MeshNamespace,
  MutualTls,
  NamespaceOwnership,
  RetryOn,
  SidecarInjection,
  StrictPeerAuthentication,
  TrafficPolicy,
  type ContainerResources,
  type IstioCharts,
  type IstioModuleProps,
  type MeshConfig,
  type ProxyConfig,
} from 'istio-module';

/** Properties of {@link MeshChart}. */
export interface MeshChartProps {
  /** Istio's version, such as `1.31.1`. */
  readonly version: string;

  /**
   * Where Istio's charts come from.
   *
   * @default IstioCharts.official()
   */
  readonly charts?: IstioCharts;

  /**
   * The helm executable that renders the charts.
   *
   * @default - helm on the PATH
   */
  readonly helmExecutable?: string;

  /**
   * Resources of the sidecars.
   *
   * @default - those of the chart
   */
  readonly proxyResources?: ContainerResources;

  /**
   * Configuration with which proxies start.
   *
   * @default - that of the IstioModule
   */
  readonly defaultConfig?: ProxyConfig;

  /**
   * How long applications continue to serve when their pod terminates.
   *
   * @default - that of the IstioModule
   */
  readonly gracefulTermination?: IstioModuleProps['gracefulTermination'];

  /**
   * Settings of the mesh.
   *
   * @default - those of the IstioModule
   */
  readonly meshConfig?: MeshConfig;

  /**
   * Raw values by chart.
   *
   * @default - none
   */
  readonly values?: IstioModuleProps['values'];

  /**
   * Names of the namespaces.
   *
   * @default - istio-system, shop and legacy
   */
  readonly namespaces?: { readonly system?: string; readonly shop?: string; readonly legacy?: string };

  /**
   * Whether the stack creates the namespaces `shop` and `legacy`, or adopts and keeps existing ones.
   *
   * @default NamespaceOwnership.CREATE
   */
  readonly ownership?: NamespaceOwnership;
}

/** An example mesh: STRICT mutual TLS, one namespace with sidecars and one without, and a canary release. */
export class MeshChart extends Chart {
  readonly istio: IstioModule;

  constructor(scope: Construct, id: string, props: MeshChartProps) {
    super(scope, id);
    const { version, charts, helmExecutable, proxyResources, defaultConfig, gracefulTermination, meshConfig, values } =
      props;
    const { system = 'istio-system', shop: shopName = 'shop', legacy = 'legacy' } = props.namespaces ?? {};
    const ownership = props.ownership ?? NamespaceOwnership.CREATE;

    this.istio = new IstioModule(this, 'istio', {
      version,
      namespace: system,
      charts,
      helmExecutable,
      proxy: { resources: proxyResources },
      defaultConfig,
      gracefulTermination,
      meshConfig,
      values,
    });

    const shop = new MeshNamespace(this, 'shop', { name: shopName, injection: SidecarInjection.ENABLED, ownership });
    new MeshNamespace(this, 'legacy', { name: legacy, injection: SidecarInjection.DISABLED, ownership });

    new StrictPeerAuthentication(this, 'db', {
      namespace: shop,
      workload: { app: 'db' },
      ports: { 9090: MutualTls.PERMISSIVE },
    });

    new TrafficPolicy(this, 'reviews', {
      namespace: shop,
      host: 'reviews',
      subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
      routes: [
        { match: [Match.header('end-user').exact('jason')], to: [Destination.subset('v2')] },
        {
          to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2', { weight: 10 })],
          timeout: Duration.seconds(3),
          retries: { attempts: 3, perTryTimeout: Duration.seconds(1), on: [RetryOn.GATEWAY_ERROR] },
        },
      ],
      circuitBreaker: { maxPendingRequests: 50, consecutive5xxErrors: 5, baseEjectionTime: Duration.seconds(30) },
    });
  }
}
