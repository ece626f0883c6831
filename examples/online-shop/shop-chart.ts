import { Chart, Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  AuthorizationPolicy,
  Destination,
  Gateway,
  GatewayServers,
  IstioModule,
  MeshNamespace,
  Requests,
  RetryOn,
  Routes,
  ServerTls,
  Tracing,
  TrafficPolicy,
  type IstioCharts,
} from 'istio-module';
import { SERVICES } from './services';

export interface ShopChartProps {
  /** Where Istio's charts come from. By default, Istio's Helm repository. */
  readonly charts?: IstioCharts;
}

export class ShopChart extends Chart {
  constructor(scope: Construct, id: string, { charts }: ShopChartProps = {}) {
    super(scope, id);
    new IstioModule(this, 'istio', {
      version: '1.31.1',
      charts,
      ingressGateways: [{ name: 'public', replicas: 2 }],
      tracing: Tracing.otlp({ service: 'collector.telemetry.svc.cluster.local', port: 4317, samplingPercent: 1 }),
    });
    const shop = new MeshNamespace(this, 'shop', { name: 'shop' });

    // Nobody may call a workload of the shop unless a policy below says so.
    new AuthorizationPolicy(this, 'nobody', { namespace: shop, rules: Requests.NONE });
    for (const { name, calledBy, timeoutSeconds } of SERVICES) {
      new AuthorizationPolicy(this, `to-${name}`, {
        namespace: shop,
        workload: { app: name },
        rules: [{ from: [{ serviceAccounts: calledBy.map((caller) => `shop/${caller}` as const) }] }],
      });
      const timeout = Duration.seconds(timeoutSeconds);
      new TrafficPolicy(this, name, {
        namespace: shop,
        host: name,
        ...(name === 'recommendations'
          ? {
              subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
              // Raise the share step by step, and watch the errors of v2.
              routes: Routes.canary({ stable: 'v1', canary: 'v2', percent: 5, timeout }),
            }
          : {
              routes: [{ to: [Destination.host()], timeout, retries: { attempts: 2, on: [RetryOn.CONNECT_FAILURE] } }],
            }),
        circuitBreaker: { maxPendingRequests: 100, consecutive5xxErrors: 5 },
      });
    }

    const gateway = new Gateway(this, 'www', {
      namespace: 'istio-system',
      ingressGateway: { name: 'public' },
      servers: GatewayServers.https({
        hosts: ['shop.example.com'],
        tls: ServerTls.simple({ credentialName: 'shop-example-com' }),
      }),
    });
    new TrafficPolicy(this, 'frontend', {
      namespace: shop,
      host: 'frontend',
      hosts: ['shop.example.com'],
      gateways: [gateway],
      routes: [{ to: [Destination.host({ port: 80 })], timeout: Duration.seconds(30) }],
    });
    new AuthorizationPolicy(this, 'to-frontend', {
      namespace: shop,
      workload: { app: 'frontend' },
      rules: Requests.ALL,
    });
  }
}
